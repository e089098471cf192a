// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_lookup.h"
#include "pipeline/engine.h"
#include "pipeline/model_lookup.h"

#include <fmt/format.h>

#include <optional>

namespace attune::cli {
namespace {

struct Arguments {
    std::string model, adapter, data, checkpoint, dtype = "auto", device = "auto";
    std::vector<std::string> metrics {"loss"};
    std::optional<std::string> templateName, trainOn;
    std::optional<std::int64_t> maxLength;
    std::int64_t limit = 0, maxNewTokens = 256;
};

/// A run brings how its rows became tokens; flags win over it.
Status takeRecipe(pipeline::EvalRequest& request, store::Store& store, const std::string& run)
{
    ATTUNE_TRY(const auto row, store.run(run));
    ATTUNE_TRY(const auto recipe, pipeline::Recipe::read(row.folder + "/recipe.yaml"));
    request.templateName = recipe.text("data.template");
    request.trainOn = recipe.text("data.train_on");
    request.maxLength = recipe.integer("data.max_length");
    request.model.dtype = recipe.text("model.dtype");
    request.model.device = recipe.text("runtime.device");
    return {};
}

Result<pipeline::EvalRequest> requestOf(store::Store& store, const Arguments& a, const JobContext& context)
{
    const pipeline::OpenStore openStore = [&store]() -> Result<store::Store*> { return &store; };
    pipeline::EvalRequest request;
    ATTUNE_TRY(const auto place, pipeline::findModel(openStore, a.model, a.checkpoint));
    if (!place.run.empty())
        ATTUNE_RETURN_IF_ERROR(takeRecipe(request, store, place.run));
    ATTUNE_TRY(request.model.model, families::openModel(place.path));
    if (!request.model.model.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be evaluated: {}", place.name, request.model.model.reason));
    request.model.adapter = place.adapter;
    if (!a.adapter.empty()) {
        ATTUNE_TRY(request.model.adapter, pipeline::findAdapter(openStore, a.adapter, a.checkpoint));
    }
    ATTUNE_TRY(request.data, pipeline::openDataset(store, a.data, context));
    request.metrics = a.metrics;
    request.templateName = a.templateName.value_or(request.templateName);
    request.trainOn = a.trainOn.value_or(request.trainOn);
    request.maxLength = a.maxLength.value_or(request.maxLength);
    request.limit = a.limit;
    request.maxNewTokens = a.maxNewTokens;
    if (a.dtype != "auto")
        request.model.dtype = a.dtype;
    if (a.device != "auto")
        request.model.device = a.device;
    request.cacheFolder = store.folder("cache/tokens");
    return request;
}

Status evaluate(Session& session, const Arguments& a)
{
    ATTUNE_TRY(auto* store, session.store());
    const JobContext context = session.context();
    ATTUNE_TRY(const auto request, requestOf(*store, a, context));
    ATTUNE_TRY(auto* engine, pipeline::openEngine());
    ATTUNE_TRY(const auto report, engine->evaluate(request, context));
    Json metrics = Json::object();
    std::string text;
    for (const auto& [name, value] : report.metrics) {
        metrics[name] = value;
        text += fmt::format("{} {:.6g}\n", name, value);
    }
    text += fmt::format("{} rows, {} tokens, {:.1f} s\n", report.rows, report.tokens, report.seconds);
    Json json {{"metrics", metrics}, {"rows", report.rows}, {"tokens", report.tokens}, {"seconds", report.seconds}};
    json.update(report.details);
    session.print(json, text);
    return {};
}

}

const Command& eval()
{
    static const Command command {"eval", "Measure a model on a dataset", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("-m,--model", a->model, "Model: a name, a GGUF file, a Hugging Face folder or a run")->required();
        app.add_option("--adapter", a->adapter, "Adapter on it: a PEFT folder, a GGUF adapter or a run");
        app.add_option("--data", a->data, "Dataset: a name or a file")->required();
        app.add_option("--metrics", a->metrics, "Metrics, separated by commas: loss, perplexity, accuracy, f1, exact_match, bleu, chrf, rouge and more")->delimiter(',')->allow_extra_args(false);
        app.add_option("--template", a->templateName, "Chat template: model, chatml, none or a file");
        app.add_option("--train-on", a->trainOn, "Tokens that count: completion, assistant or all");
        app.add_option("--max-length", a->maxLength, "Tokens of a row at most")->check(CLI::PositiveNumber);
        app.add_option("--limit", a->limit, "Only the first rows")->check(CLI::NonNegativeNumber);
        app.add_option("--max-new-tokens", a->maxNewTokens, "Tokens of a generated answer at most")->check(CLI::PositiveNumber);
        app.add_option("--checkpoint", a->checkpoint, "Of a run: best, last or a step");
        app.add_option("--dtype", a->dtype, "auto, float32, bfloat16 or float16");
        app.add_option("--device", a->device, "auto, cpu, cuda or cuda:1");
        return [a](Session& session) -> Status { return evaluate(session, *a); };
    }};
    return command;
}

}
