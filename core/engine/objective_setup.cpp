// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/objective_setup.h"

#include "base/file.h"
#include "engine/head_files.h"
#include "model/network/network.h"
#include "pipeline/objective.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

namespace attune::engine {
namespace {

/// Whether weights of the base itself train, so that switching the adapter off does not give the model as it was.
bool changesBase(model::Network& network)
{
    for (const auto& slot : network.slots())
        if (const auto* tensor = network.find(slot.name); tensor && tensor->isTrained() && !families::isOfHead(slot))
            return true;
    return false;
}

Result<std::shared_ptr<model::Network>> loadFrozen(const families::ModelSource& source, const pipeline::Recipe& recipe, const JobContext& context)
{
    model::LoadOptions options;
    options.dtype = recipe.text("model.dtype");
    options.device = recipe.text("runtime.device");
    options.needsNetwork = true;
    ATTUNE_TRY(auto loaded, model::loadModel(source, options, context));
    loaded->setTraining(false);
    auto* network = dynamic_cast<model::Network*>(loaded.get());
    if (!network)
        return fail(ErrorCode::Internal, "A model to compare with was not loaded as a network.");
    static_cast<void>(loaded.release());
    return std::shared_ptr<model::Network>(network);
}

Result<std::shared_ptr<model::Network>> loadTeacher(const pipeline::TrainRequest& request, const JobContext& context)
{
    ATTUNE_TRY(const auto teacher, families::openModel(request.recipe.text("objective.teacher")));
    if (teacher.spec.vocabSize != request.model.spec.vocabSize)
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.teacher: {} has {} tokens in its vocabulary, {} has {}.", teacher.name, teacher.spec.vocabSize,
            request.model.name, request.model.spec.vocabSize), "Choose a teacher of the same family of models.");
    return loadFrozen(teacher, request.recipe, context);
}

/// The model as training found it, where switching the adapter off would not give that: an adapter that training goes on
/// from is part of it (as TRL has it), and weights of the base may train. Null: switching off does.
Result<std::shared_ptr<model::Network>> loadReference(model::Network& network, const pipeline::TrainRequest& request, const JobContext& context)
{
    const std::string adapter = request.recipe.text("model.adapter");
    std::error_code error;
    const bool hasAdapter = !adapter.empty() && fs::exists(adapter, error);
    if (!hasAdapter && !changesBase(network))
        return std::shared_ptr<model::Network>();
    ATTUNE_TRY(auto reference, loadFrozen(request.model, request.recipe, context));
    if (hasAdapter)
        ATTUNE_RETURN_IF_ERROR(model::loadAdapter(*reference, adapter, false));
    return reference;
}

}

families::TaskHead headFor(const std::string& objective, const trainer::ObjectiveOptions& options)
{
    families::TaskHead head;
    const auto* kind = trainer::findObjective(objective);
    if (!kind || !kind->headOutputs)
        return head;
    head.kind = kind->isHeadPerToken ? families::TaskHead::Kind::Tokens : families::TaskHead::Kind::Sequence;
    head.labels = options.labels;
    head.problemType = options.isMultiLabel ? "multi_label_classification" : "single_label_classification";
    if (kind->headOutputs(options) == 1 && options.labels.empty()) {
        head.labels = {"LABEL_0"};
        head.problemType = "regression";
    }
    return head;
}

Result<trainer::ObjectiveOptions> completeOptions(const trainer::Settings& settings, const families::ModelSource& model)
{
    auto options = settings.objectiveOptions;
    options.vocabSize = static_cast<std::int32_t>(model.spec.vocabSize);
    if (settings.objective != "mlm")
        return options;
    ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(model.path));
    for (const char* name : {"[MASK]", "<mask>"})
        if (options.maskToken < 0)
            options.maskToken = tokenizer->idOf(name);
    if (options.maskToken < 0)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} has no mask token, which masked language modelling needs.", model.name), "Choose an encoder such as BERT.");
    return options;
}

Result<ObjectivePair> setUpObjective(model::CausalLm& model, const trainer::Settings& settings, const pipeline::TrainRequest& request, const JobContext& context)
{
    ObjectivePair pair;
    if (!pipeline::objectiveNeedsNetwork(request.recipe))
        return pair;
    const auto* kind = trainer::findObjective(settings.objective);
    auto* network = dynamic_cast<model::Network*>(&model);
    if (!kind || !network)
        return fail(ErrorCode::Internal, fmt::format("The objective {} has no model to train.", settings.objective));
    ATTUNE_TRY(const auto options, completeOptions(settings, request.model));
    if (settings.neftuneAlpha > 0 && network->embeddingHook())
        return fail(ErrorCode::RecipeConflict, "training.neftune_noise_alpha: noise and trained embeddings cannot be used together.", "Set it to 0, or leave the embeddings out.");
    if (const auto head = headFor(settings.objective, settings.objectiveOptions); head.isThere()) {
        ATTUNE_RETURN_IF_ERROR(trainHead(*network));
        pair.snapshotExtras = [network, head] { return headWriter(*network, head); };
    }
    pair.train = kind->make(options);
    pair.eval = kind->make(options);
    std::shared_ptr<model::Network> other;
    if (settings.objective == "distill") {
        ATTUNE_TRY(other, loadTeacher(request, context));
    } else if (const auto* rules = pipeline::findObjective(settings.objective); rules && rules->needsReference) {
        ATTUNE_TRY(other, loadReference(*network, request, context));
    }
    pair.train->setOther(other);
    pair.eval->setOther(other);
    trainer::setObjective(*network, pair.train, *kind, settings.neftuneAlpha);
    return pair;
}

}
