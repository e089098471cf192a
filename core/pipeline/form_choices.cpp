// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/form_choices.h"

#include "importer/dataset_name.h"
#include "methods/forms.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "pipeline/objective.h"

#include <fmt/format.h>

#include <set>

namespace attune::pipeline {
namespace {

using families::Architecture;
using families::ModelSource;

std::string nameOf(Architecture kind)
{
    return kind == Architecture::Encoder ? "encoder" : kind == Architecture::EncoderDecoder ? "encoder-decoder" : "decoder";
}

std::string sentenceOf(const Error& error)
{
    return error.hint.empty() ? error.message : error.message + " " + error.hint;
}

const std::vector<OptionChoice>& choicesOf(const char* key)
{
    return recipeSchema().find(key)->choices;
}

/// The recipe with another method; what that method cannot have beside it is left out.
Recipe with(const Recipe& recipe, const methods::Method& method)
{
    Recipe changed = recipe;
    (void)changed.set("method.type", method.id);
    if (!method.canQuantise)
        (void)changed.set("model.quantization", "none");
    return changed;
}

MethodChoice methodChoice(const Recipe& recipe, const methods::Method& method, const ModelSource* model, const store::Store& store)
{
    MethodChoice choice {.id = method.id, .name = method.displayName, .sentence = method.sentence, .canQuantise = method.canQuantise};
    if (!method.isAvailable)
        choice.reason = "This version cannot train with it yet.";
    if (!model || !model->family || !choice.reason.empty())
        return choice;
    const Recipe changed = with(recipe, method);
    if (const auto status = methods::checkMethod(*model, method.id, changed.methodValues(), changed.text("model.quantization")); !status)
        choice.reason = status.error().message;
    choice.forms = methods::formsOf(method, model->spec, changed.methodValues());
    if (const auto* rules = findObjective(recipe.text("objective.type")); rules && rules->needsHead)
        choice.forms = "safetensors only";
    if (!choice.reason.empty())
        return choice;
    choice.trained = method.trainableParameters(model->spec, model->family->tensors(model->spec), changed.methodValues());
    if (const auto plan = forecastMemory(changed, *model, &store)) {
        choice.estimateBytes = plan->estimateBytes();
        choice.fits = plan->fits();
    }
    return choice;
}

ObjectiveChoice objectiveChoice(const OptionChoice& option, const ModelSource* model, const importer::Dataset* data)
{
    ObjectiveChoice choice {option.value, option.label, option.help, {}};
    const auto* rules = findObjective(option.value);
    if (!rules) {
        choice.reason = "Not in this version.";
        return choice;
    }
    const auto& kinds = rules->architectures;
    if (model && model->family && std::find(kinds.begin(), kinds.end(), model->spec.kind) == kinds.end())
        choice.reason = fmt::format("{} is of the kind {}, which this cannot train.", model->name, nameOf(model->spec.kind));
    else if (data && !rules->suits(*data))
        choice.reason = fmt::format("Needs {}, which {} does not have.", rules->dataNeed, importer::plainName(data->name()));
    return choice;
}

WeightsChoice weightsChoice(const Recipe& recipe, const OptionChoice& option, const ModelSource* model)
{
    WeightsChoice choice {option.value, option.label, option.help, {}};
    const auto device = resolveDevice(recipe.text("runtime.device"));
    const bool isWide = resolveDtype(recipe.text("model.dtype"), device.value_or("cpu")) == "float32";
    choice.name = option.value == "nf4" ? "4-bit" : option.value == "int8" ? "8-bit" : option.value == "none" ? (isWide ? "32-bit" : "16-bit") : "As stored";
    if (!model || !model->family)
        return choice;
    if (option.value == "keep" && model->format == families::ModelFormat::Gguf)
        choice.name = model->storedType;
    Recipe changed = recipe;
    (void)changed.set("model.quantization", option.value);
    if (const auto status = methods::checkMethod(*model, recipe.text("method.type"), changed.methodValues(), option.value); !status)
        choice.reason = status.error().message;
    else if (const auto plan = forecastMemory(changed, *model, nullptr))
        choice.weightBytes = plan->weights;
    return choice;
}

/// The names that lists of layers may hold, in the order of the model.
std::vector<std::string> moduleNames(const ModelSource& model)
{
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const auto& slot : model.family->tensors(model.spec)) {
        if (!slot.isLinear)
            continue;
        const std::string path(methods::modulePath(slot));
        const std::string name = path.substr(path.rfind('.') + 1);
        if (seen.insert(name).second)
            names.push_back(name);
    }
    return names;
}

void describeModel(FormChoices& choices, const ModelSource& model)
{
    choices.parameters = model.parameters;
    choices.layers = model.spec.layers;
    choices.hiddenSize = model.spec.hiddenSize;
    choices.contextLength = model.spec.contextLength;
    choices.storedType = model.storedType;
    choices.architecture = nameOf(model.spec.kind);
    choices.family = model.spec.family;
    if (model.family)
        choices.moduleNames = moduleNames(model);
    if (!model.isTrainable)
        choices.modelProblem = fmt::format("{} cannot be trained. {}", model.name, model.reason);
}

}

FormChoices formChoices(store::Store& store, const Recipe& recipe, const JobContext& context)
{
    FormChoices choices;
    std::optional<ModelSource> model;
    if (!recipe.text("model.base").empty()) {
        if (auto opened = openModelArgument([&store]() -> Result<store::Store*> { return &store; }, recipe.text("model.base"))) {
            model = std::move(*opened);
            describeModel(choices, *model);
        } else {
            choices.modelProblem = sentenceOf(opened.error());
        }
    }
    importer::DatasetPtr data;
    if (!recipe.text("data.train").empty()) {
        if (auto opened = openDataset(store, recipe.text("data.train"), context))
            data = std::move(*opened);
        else
            choices.dataProblem = sentenceOf(opened.error());
    }
    const ModelSource* known = model ? &*model : nullptr;
    for (const auto& option : choicesOf("method.type"))
        if (const auto* method = methods::findById(option.value))
            choices.methods.push_back(methodChoice(recipe, *method, known, store));
    for (const auto& option : choicesOf("objective.type"))
        choices.objectives.push_back(objectiveChoice(option, known, data.get()));
    for (const auto& option : choicesOf("model.quantization"))
        choices.weights.push_back(weightsChoice(recipe, option, known));
    return choices;
}

}
