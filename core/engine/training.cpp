// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training.h"

#include "base/file.h"
#include "engine/objective_setup.h"
#include "engine/shared_request.h"
#include "engine/threads.h"
#include "methods/method.h"
#include "model/decoder.h"
#include "model/device.h"
#include "model/network/label_head.h"
#include "model/network/network.h"
#include "model/tensor_memory.h"
#include "peft/peft_method.h"
#include "pipeline/checkpoints.h"
#include "pipeline/objective.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"
#include "trainer/trainer.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <optional>
#include <thread>

namespace attune::engine {
namespace {

using pipeline::Recipe;
using pipeline::TrainRequest;

/// The method's values; a text that virtual tokens begin as is read by the model's tokenizer, which methods
/// know nothing of.
Result<Json> methodValuesOf(const TrainRequest& request)
{
    Json values = request.recipe.methodValues();
    if (values.value("init", "") != "text" || values.value("init_text", "").empty())
        return values;
    ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(request.model.path));
    values["init_tokens"] = tokenizer->encode(values.value("init_text", ""));
    return values;
}

/// The model with the adapter that is trained: a resumed run's own, one to start from, or a new one.
Result<std::unique_ptr<model::CausalLm>> loadForTraining(const TrainRequest& request, const methods::Method& method, const trainer::Settings& settings,
    const JobContext& context)
{
    const Recipe& recipe = request.recipe;
    const auto* applied = peft::findById(method.id);
    if (!applied)
        return fail(ErrorCode::Unsupported, fmt::format("The method {} is not in this version.", method.id));
    const bool needsNetwork = peft::needsNetwork(*applied, recipe.methodValues()) || pipeline::objectiveNeedsNetwork(recipe);
    const model::LoadOptions options {recipe.text("model.dtype"), recipe.text("runtime.device"), true, method.trainsBase, needsNetwork,
        recipe.text("model.quantization")};
    ATTUNE_TRY(auto model, model::loadWithHead(request.model, options, headFor(settings.objective, settings.objectiveOptions), context));
    // A resumed run is made as it was at first; the trainer then puts the checkpoint's values in. Only where
    // the adapter it began with is gone does the checkpoint's own copy serve.
    std::string adapter = recipe.text("model.adapter");
    std::error_code error;
    if (!adapter.empty() && !request.resumeFrom.empty() && !method.savesModel && !fs::exists(adapter, error))
        adapter = request.resumeFrom + "/adapter";
    if (!adapter.empty()) {
        ATTUNE_RETURN_IF_ERROR(model::loadAdapter(*model, adapter, true));
    } else {
        ATTUNE_TRY(const auto values, methodValuesOf(request));
        ATTUNE_RETURN_IF_ERROR(model::addAdapter(*model, method.id, values, static_cast<std::uint64_t>(recipe.integer("seed"))));
    }
    if (request.pieceTokens > 0)
        model->setPieceTokens(request.pieceTokens);
    if (auto* decoder = dynamic_cast<model::Decoder*>(model.get())) {
        decoder->setKeptLayers(request.keptLayers);
        decoder->setInputsOnHost(request.inputsOnHost);
    }
    // On the general network a base in fewer bits has to be computed again: the tape would keep each weight at full width.
    const std::string recompute = recipe.text("training.gradient_checkpointing");
    if (auto* network = dynamic_cast<model::Network*>(model.get()); network && recompute != "auto" && recipe.text("model.quantization") == "none")
        network->setKeptBytes(recompute == "true" ? 0 : std::numeric_limits<std::int64_t>::max());
    return model;
}

/// The recipe's sample prompts as the model reads them, and how to read its answers.
Status addSamples(trainer::TrainTask& task, const TrainRequest& request)
{
    const Recipe& recipe = request.recipe;
    const auto prompts = recipe.value("eval.sample_prompts");
    const auto kind = request.model.spec.kind;
    const bool writesText = kind != families::Architecture::Encoder && !headFor(task.settings.objective, task.settings.objectiveOptions).isThere();
    if (!prompts.is_array() || prompts.empty() || !writesText)
        return {};
    ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(request.model.path));
    std::optional<tokenizer::ChatTemplate> chat;
    if (kind == families::Architecture::Decoder) {
        ATTUNE_TRY(chat, tokenizer::loadChatTemplate(recipe.text("data.template"), request.model.path, *tokenizer, recipe.text("data.template_date")));
    }
    for (const auto& prompt : prompts) {
        trainer::SamplePrompt sample {prompt.get<std::string>(), {}};
        if (chat) {
            const tokenizer::Conversation conversation {{importer::Message {"user", sample.text, Json()}}, Json(), true};
            ATTUNE_TRY(const auto text, chat->render(conversation));
            sample.ids = tokenizer->encode(text, tokenizer::SpecialTokens::Omit);
        } else {
            sample.ids = tokenizer->encode(sample.text);
        }
        task.samplePrompts.push_back(std::move(sample));
    }
    task.endTokens = tokenizer->endOfGeneration();
    task.decode = [tokenizer](const std::vector<std::int32_t>& ids) { return tokenizer->decode(ids, true); };
    return {};
}

Status addObjective(trainer::TrainTask& task, model::CausalLm& model, const TrainRequest& request, const JobContext& context)
{
    ATTUNE_TRY(auto objective, setUpObjective(model, task.settings, request, context));
    if (!objective.train)
        return {};
    objective.train->prepare(*task.train, task.trainRows);
    if (task.eval)
        objective.eval->prepare(*task.eval, task.evalRows);
    task.objective = std::move(objective.train);
    task.evalObjective = std::move(objective.eval);
    task.snapshotExtras = std::move(objective.snapshotExtras);
    return {};
}

Json factsOf(const TrainRequest& request)
{
    return {{"model", request.model.path}, {"method", request.recipe.text("method.type")}, {"seed", request.recipe.integer("seed")},
        {"train_rows", request.trainRows.size()}, {"eval_rows", request.evalRows.size()}};
}

/// The first event of a run: what it will be, before minutes are spent on loading.
void announce(const TrainRequest& request, const trainer::TrainTask& task, const at::Device& device, pipeline::EventSink& sink)
{
    const auto bins = planner::microBatches(planner::lengthsOf(*task.train, task.trainRows), task.settings.batches);
    const auto plan = trainer::stepPlan(task.settings, static_cast<std::int64_t>(bins.size()));
    sink.post(pipeline::RunStarted {request.run, request.folder, plan.steps, request.trainableParameters, request.estimateBytes, device.str()});
    sink.post(pipeline::PhaseChanged {"Loading the model", 0, 0});
}

/// ATTUNE_MEMORY_LIMIT: MiB that tensors in host memory may take.
void limitMemory()
{
    const char* text = std::getenv("ATTUNE_MEMORY_LIMIT");
    if (const long long mebibytes = text ? std::strtoll(text, nullptr, 10) : 0; mebibytes > 0)
        model::limitTensorMemory(mebibytes << 20);
}

/// Processes on one computer take a card each.
Status chooseDevice(TrainRequest& request, const pipeline::Ranks& ranks)
{
    ATTUNE_TRY(const auto device, model::resolveDevice(request.recipe.text("runtime.device")));
    if (!device.is_cuda())
        return {};
    const int cards = at::detail::getCUDAHooks().getNumGPUs();
    if (ranks.localRank >= cards)
        return fail(ErrorCode::DeviceMissing, fmt::format("Process {} on this computer has no card of its own: there are {}.", ranks.localRank, cards),
            "Start as many processes as there are cards, or set runtime.device: cpu.");
    return request.recipe.set("runtime.device", fmt::format("cuda:{}", ranks.localRank));
}

trainer::TrainTask taskOf(const TrainRequest& request)
{
    trainer::TrainTask task;
    task.trainRows = request.trainRows;
    task.run = request.run;
    task.folder = request.folder;
    task.baseName = request.model.path;
    task.resumeFrom = request.resumeFrom;
    task.isInteractive = request.isInteractive;
    task.isTrial = request.isTrial;
    task.facts = factsOf(request);
    task.takeCommands = request.takeCommands;
    if (request.pieceTokens > 0)
        task.pieceTokens = request.pieceTokens;
    return task;
}

/// Loads, trains and lets go of everything again.
Result<pipeline::RunFinished> trainOnce(const TrainRequest& request, const std::shared_ptr<trainer::RankGroup>& group, bool isAgain, pipeline::EventSink& sink,
    const JobContext& context)
{
    auto task = taskOf(request);
    task.group = group;
    ATTUNE_TRY(task.settings, trainer::Settings::fromRecipe(request.recipe));
    const std::string id = request.recipe.text("method.type");
    const methods::Method* method = methods::findById(id);
    ATTUNE_RETURN_IF_ERROR(methods::checkMethod(request.model, id, request.recipe.methodValues(), request.recipe.text("model.quantization")));
    ATTUNE_TRY(const auto device, model::resolveDevice(request.recipe.text("runtime.device")));
    ATTUNE_TRY(const auto train, tokenizer::TokenShard::open(request.trainShard));
    task.train = &train;
    tokenizer::TokenShard eval;
    if (!request.evalShard.empty() && !request.evalRows.empty()) {
        ATTUNE_TRY(eval, tokenizer::TokenShard::open(request.evalShard));
        task.eval = &eval;
        task.evalRows = request.evalRows;
    }
    useThreads(static_cast<int>(request.recipe.integer("runtime.threads")), group ? group->ranks().localSize : 1);
    // A CPU is deterministic as it is; on a GPU the promise costs time.
    at::globalContext().setDeterministicAlgorithms(request.recipe.boolean("runtime.deterministic") && !device.is_cpu(), /*warn_only=*/true);
    if (isAgain)
        sink.post(pipeline::PhaseChanged {"Loading the model", 0, 0});
    else
        announce(request, task, device, sink);
    ATTUNE_TRY(auto model, loadForTraining(request, *method, task.settings, JobContext {context.stop, {}}));
    task.model = model.get();
    ATTUNE_RETURN_IF_ERROR(addObjective(task, *model, request, JobContext {context.stop, {}}));
    task.savesModel = method->savesModel;
    task.isOnDevice = !device.is_cpu();
    task.leavesOnPause = task.isOnDevice && !group;
    ATTUNE_RETURN_IF_ERROR(addSamples(task, request));
    auto report = trainer::Trainer(std::move(task), sink, context).run();
    model.reset();
    model::releaseFreeMemory(device);
    return report;
}

/// Until the run is told to go on (true) or to stop.
bool waitForResume(const TrainRequest& request, const JobContext& context)
{
    while (!context.isCancelled()) {
        for (const auto command : request.takeCommands ? request.takeCommands() : std::vector<store::RunCommand>())
            if (command == store::RunCommand::Resume || command == store::RunCommand::Stop)
                return command == store::RunCommand::Resume;
        std::this_thread::sleep_for(trainer::kPauseInterval);
    }
    return false;
}

}

Result<pipeline::RunFinished> trainRun(const TrainRequest& asked, pipeline::EventSink& sink, const JobContext& context)
{
    limitMemory();
    std::shared_ptr<trainer::RankGroup> group;
    TrainRequest request = asked;
    ATTUNE_TRY(const auto ranks, pipeline::ranksFromEnvironment());
    if (!ranks.isAlone()) {
        ATTUNE_TRY(group, trainer::RankGroup::join(ranks));
        ATTUNE_TRY(request, shareRequest(*group, asked));
        ATTUNE_RETURN_IF_ERROR(chooseDevice(request, ranks));
    }
    bool isAgain = false;
    while (true) {
        ATTUNE_TRY(auto report, trainOnce(request, group, isAgain, sink, context));
        if (report.status != "paused")
            return report;
        // All that the run held is gone; what it needs to go on is its newest checkpoint.
        if (!waitForResume(request, context)) {
            report.status = "stopped";
            sink.post(report);
            return report;
        }
        const auto checkpoints = pipeline::checkpointsOf(request.folder);
        request.resumeFrom = checkpoints.empty() ? request.resumeFrom : checkpoints.back().folder;
        isAgain = true;
    }
}

}
