// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/objective.h"

#include "base/edit_distance.h"
#include "families/task_head.h"
#include "importer/dataset_name.h"
#include "importer/roles.h"
#include "pipeline/choice_label.h"
#include "tokenizer/objective_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace attune::pipeline {
namespace {

using families::Architecture;
using importer::ColumnRole;
using tokenizer::LabelKind;
using tokenizer::RowShape;

constexpr std::int64_t kLookedAt = 100;  // rows that tell what labels are

bool has(const importer::Dataset& dataset, ColumnRole role)
{
    return importer::columnOf(dataset.columns(), role) >= 0;
}

bool hasAnswers(const importer::Dataset& d)
{
    return has(d, ColumnRole::Messages) || has(d, ColumnRole::Completion) || has(d, ColumnRole::Text);
}

bool hasAnyText(const importer::Dataset& d)
{
    return hasAnswers(d) || has(d, ColumnRole::Prompt);
}

bool hasPrompts(const importer::Dataset& d)
{
    return has(d, ColumnRole::Messages) || (has(d, ColumnRole::Prompt) && has(d, ColumnRole::Completion));
}

bool hasLabels(const importer::Dataset& d)
{
    return has(d, ColumnRole::Label) && (has(d, ColumnRole::Text) || has(d, ColumnRole::Prompt));
}

bool hasPlainText(const importer::Dataset& d)
{
    return has(d, ColumnRole::Text) && !has(d, ColumnRole::Messages) && !has(d, ColumnRole::Chosen);
}

bool hasPairs(const importer::Dataset& d)
{
    return has(d, ColumnRole::Chosen) && has(d, ColumnRole::Rejected);
}

bool hasFeedback(const importer::Dataset& d)
{
    return hasPairs(d) || (has(d, ColumnRole::Label) && hasPrompts(d));
}

/// Lists are kept as JSON; a plain text would be trained on as one word.
bool isTaggedWords(const importer::Record& record)
{
    return record.text.starts_with('[') && record.label.starts_with('[');
}

bool isLabelledNumber(const importer::Record& record)
{
    double number = 0;
    const char* end = record.label.data() + record.label.size();
    const auto [stop, error] = std::from_chars(record.label.data(), end, number);
    return error == std::errc() && stop == end;
}

/// The recipe's word for an objective in the words of the form: "Label words".
std::string labelOf(const std::string& id)
{
    const std::string label = choiceLabel("objective.type", id);
    return label.empty() ? id : label;
}

std::vector<std::string> withParts(std::vector<std::string> names)
{
    std::vector<std::string> all;
    for (const auto& name : names) {
        all.push_back(name);
        if (name == "f1" || name == "precision" || name == "recall")
            for (const char* part : {"_macro", "_micro", "_weighted"})
                all.push_back(name + part);
        if (name == "reward_margin")
            all.insert(all.end(), {"reward_chosen", "reward_rejected"});
    }
    return all;
}

const std::vector<Architecture> kWriters {Architecture::Decoder, Architecture::EncoderDecoder};
const std::vector<Architecture> kReaders {Architecture::Decoder, Architecture::Encoder};
const std::vector<Architecture> kDecoders {Architecture::Decoder};

const std::vector<std::string>& lossMetrics()
{
    static const std::vector<std::string> names {"loss", "perplexity"};
    return names;
}

ObjectiveRules preference(const char* id, bool needsReference)
{
    return {id, RowShape::Preference, kDecoders, withParts({"loss", "reward_accuracy", "reward_margin"}), "chosen and rejected answers", hasPairs, false, needsReference};
}

std::string nameOf(Architecture kind)
{
    return kind == Architecture::Encoder ? "an encoder" : kind == Architecture::EncoderDecoder ? "an encoder-decoder" : "a decoder";
}

Status checkArchitecture(const ObjectiveRules& rules, const families::ModelSource& model)
{
    if (std::find(rules.architectures.begin(), rules.architectures.end(), model.spec.kind) != rules.architectures.end())
        return {};
    std::vector<std::string> possible;
    for (const auto& other : objectiveRules())
        if (std::find(other.architectures.begin(), other.architectures.end(), model.spec.kind) != other.architectures.end())
            possible.push_back(labelOf(other.id));
    return fail(ErrorCode::RecipeConflict, fmt::format("objective.type: \"{}\" cannot train {}, which is {}.", labelOf(rules.id), model.name, nameOf(model.spec.kind)),
        fmt::format("It can be trained for: {}.", fmt::join(possible, ", ")));
}

Status checkMetrics(const Recipe& recipe, const ObjectiveRules& rules)
{
    for (const auto& value : recipe.value("eval.metrics")) {
        const auto name = value.get<std::string>();
        const auto& known = metricNames();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const auto near = nearest(name, known);
            return fail(ErrorCode::RecipeValue, fmt::format("eval.metrics: \"{}\" is no metric.", name),
                near.empty() ? fmt::format("There are: {}.", fmt::join(known, ", ")) : fmt::format("Did you mean {}?", near));
        }
        if (std::find(rules.metrics.begin(), rules.metrics.end(), name) == rules.metrics.end())
            return fail(ErrorCode::RecipeConflict, fmt::format("eval.metrics: {} cannot be measured with the objective \"{}\".", name, labelOf(rules.id)),
                fmt::format("Possible are: {}. `attune eval` measures the others after training.", fmt::join(rules.metrics, ", ")));
    }
    return {};
}

Status checkRoles(const ObjectiveRules& rules, const importer::Dataset& dataset)
{
    const std::string objective = labelOf(rules.id);
    if (rules.suits(dataset))
        return {};
    if (rules.fits(dataset))
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.type: \"{}\" needs {}; the first rows of {} have none.", objective, rules.dataNeed, importer::plainName(dataset.name())),
            "Choose another dataset or another objective.");
    std::vector<std::string> columns;
    for (const auto& column : dataset.columns())
        columns.push_back(column.role == ColumnRole::Ignore ? column.name : fmt::format("{} ({})", column.name, importer::roleName(column.role)));
    return fail(ErrorCode::RecipeConflict, fmt::format("objective.type: \"{}\" needs {}; {} has the columns {}.", objective, rules.dataNeed, importer::plainName(dataset.name()), fmt::join(columns, ", ")),
        "Map the columns (`data import --map`), or choose another objective.");
}

Status checkOptions(const Recipe& recipe, const ObjectiveRules& rules, const families::ModelSource& model)
{
    if (rules.id == "distill" && recipe.text("objective.teacher").empty())
        return fail(ErrorCode::RecipeConflict, "objective.teacher: distillation needs a model to learn from.", "Name a model with the same vocabulary.");
    if (rules.id == "dpo" && recipe.text("objective.loss_type") == "robust" && recipe.number("objective.label_smoothing") >= 0.5)
        return fail(ErrorCode::RecipeConflict, "objective.label_smoothing must lie below 0.5 with loss_type robust.");
    if (recipe.number("training.neftune_noise_alpha") > 0 && model.spec.kind == Architecture::EncoderDecoder)
        return fail(ErrorCode::RecipeConflict, "training.neftune_noise_alpha: there is no noise on the embeddings of an encoder-decoder here.", "Set it to 0.");
    const bool isTokens = rules.isPlain || rules.id == "distill";
    if (recipe.number("training.label_smoothing") > 0 && !isTokens && rules.id != "classification" && rules.id != "token_classification" && rules.id != "mlm")
        return fail(ErrorCode::RecipeConflict, fmt::format("training.label_smoothing has no meaning for the objective \"{}\".", labelOf(rules.id)),
            rules.needsReference || rules.id == "simpo" ? "objective.label_smoothing is the share of swapped preferences." : "Set it to 0.");
    return {};
}

}

std::span<const ObjectiveRules> objectiveRules()
{
    static const std::vector<ObjectiveRules> rules = [] {
        const auto classes = withParts({"loss", "accuracy", "precision", "recall", "f1", "mcc"});
        std::vector<ObjectiveRules> all {
            {"sft", RowShape::Answers, kWriters, lossMetrics(), "prompts with answers, conversations or texts", hasAnswers, false, false, true},
            {"pretrain", RowShape::Blocks, kDecoders, lossMetrics(), "texts", hasAnyText, false, false, true},
            {"classification", RowShape::Labelled, kReaders, classes, "texts with a label", hasLabels, true},
            {"regression", RowShape::Labelled, kReaders, {"loss", "mse", "mae", "pearson", "spearman"}, "texts with a number", hasLabels, true, false, false, isLabelledNumber},
            {"token_classification", RowShape::LabelledWords, kReaders, classes, "lists of words with lists of labels", hasLabels, true, false, false, isTaggedWords},
            {"mlm", RowShape::PlainText, {Architecture::Encoder}, lossMetrics(), "texts", hasPlainText},
            preference("dpo", true),
            preference("ipo", true),
            preference("orpo", false),
            {"kto", RowShape::Feedback, kDecoders, withParts({"loss", "reward_margin"}), "answers with a label good or bad, or chosen and rejected answers", hasFeedback, false, true},
            preference("simpo", false),
            {"reward", RowShape::Preference, kDecoders, withParts({"loss", "reward_accuracy", "reward_margin"}), "chosen and rejected answers", hasPairs, true},
            {"distill", RowShape::Answers, kDecoders, lossMetrics(), "prompts with answers, conversations or texts", hasAnswers},
        };
        return all;
    }();
    return rules;
}

bool ObjectiveRules::suits(const importer::Dataset& dataset) const
{
    if (!fits(dataset) || !fitsRow)
        return fits(dataset);
    for (std::int64_t row = 0; row < std::min(kLookedAt, dataset.rows()); ++row) {
        const auto record = dataset.record(row);
        if (!record || fitsRow(*record))
            return true;
    }
    return dataset.rows() == 0;
}

const ObjectiveRules* findObjective(std::string_view id)
{
    for (const auto& rules : objectiveRules())
        if (rules.id == id)
            return &rules;
    return nullptr;
}

Status checkObjective(const Recipe& recipe, const families::ModelSource& model, const importer::Dataset& train)
{
    const auto* rules = findObjective(recipe.text("objective.type"));
    if (!rules)
        return fail(ErrorCode::RecipeValue, fmt::format("objective.type: \"{}\" is not in this version.", recipe.text("objective.type")));
    ATTUNE_RETURN_IF_ERROR(checkArchitecture(*rules, model));
    if (rules->id == "mlm" && !model.spec.hasTextHead)
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.type: {} has no head that finds masked words, so it cannot be trained for \"{}\".", model.name, labelOf(rules->id)),
            "Choose its \"…ForMaskedLM\" form, or classification or regression.");
    ATTUNE_RETURN_IF_ERROR(checkRoles(*rules, train));
    ATTUNE_RETURN_IF_ERROR(checkOptions(recipe, *rules, model));
    return checkMetrics(recipe, *rules);
}

Result<families::ModelSource> openTeacher(const OpenStore& openStore, const Recipe& recipe, const families::ModelSource& model)
{
    ATTUNE_TRY(const auto place, findModel(openStore, recipe.text("objective.teacher")));
    if (!place.adapter.empty())
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.teacher: {} is an adapter on {}.", place.name, place.path), "Export it merged, and name that folder.");
    ATTUNE_TRY(auto teacher, families::openModel(place.path));
    teacher.name = place.name;
    if (!teacher.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("objective.teacher: {} cannot be used: {}", teacher.name, teacher.reason), "Choose another teacher.");
    ATTUNE_TRY(const auto theirs, tokenizer::loadTokenizer(teacher.path));
    ATTUNE_TRY(const auto ours, tokenizer::loadTokenizer(model.path));
    if (teacher.spec.vocabSize != model.spec.vocabSize || theirs->vocabSize() != ours->vocabSize())
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.teacher: the vocabulary of {} has {} tokens, that of {} {}.", teacher.name, teacher.spec.vocabSize,
            model.name, model.spec.vocabSize), "Choose a teacher of the same family of models.");
    for (std::int32_t id = 0; id < ours->vocabSize(); ++id)
        if (ours->piece(id) != theirs->piece(id))
            return fail(ErrorCode::RecipeConflict, fmt::format("objective.teacher: token {} is \"{}\" for {} and \"{}\" for {}.", id, theirs->piece(id), teacher.name,
                ours->piece(id), model.name), "Choose a teacher with the same vocabulary.");
    return teacher;
}

bool objectiveNeedsNetwork(const Recipe& recipe)
{
    const auto* rules = findObjective(recipe.text("objective.type"));
    return !rules || !rules->isPlain || recipe.number("training.label_smoothing") > 0 || recipe.number("training.neftune_noise_alpha") > 0;
}

bool usesTemplate(RowShape shape, const importer::Dataset& dataset)
{
    if (shape == RowShape::Blocks)
        return dataset.isConversational();
    return shape == RowShape::Answers || shape == RowShape::Preference || shape == RowShape::Feedback;
}

Result<LabelKind> labelKindOf(const Recipe& recipe, const importer::Dataset& train)
{
    const std::string type = recipe.text("objective.type"), problem = recipe.text("objective.problem_type");
    if (type == "regression")
        return LabelKind::Number;
    if (problem != "auto")
        return problem == "multi_label_classification" ? LabelKind::Flags : LabelKind::Class;
    for (std::int64_t row = 0; row < std::min(kLookedAt, train.rows()); ++row) {
        ATTUNE_TRY(const auto record, train.record(row));
        if (record.label.starts_with('[') && tokenizer::labelsOf(record.label) != std::vector<std::string> {record.label})
            return LabelKind::Flags;
    }
    return LabelKind::Class;
}

namespace {

/// A model that tells these labels already keeps their order.
std::vector<std::string> inOrderOf(const std::vector<std::string>& known, std::vector<std::string> labels)
{
    const bool isSame = known.size() == labels.size() && std::is_permutation(known.begin(), known.end(), labels.begin());
    return isSame ? known : labels;
}

}

Result<tokenizer::RenderOptions> renderOptions(const Recipe& recipe, const families::ModelSource& model, const importer::Dataset& train, const JobContext& context)
{
    tokenizer::RenderOptions options;
    tokenizer::trainOnFromName(recipe.text("data.train_on"), options.trainOn);
    tokenizer::overlongFromName(recipe.text("data.overlong"), options.overlong);
    options.maxLength = recipe.integer("data.max_length");
    if (model.spec.learnedPositions)  // there are no more positions
        options.maxLength = std::min(options.maxLength, model.spec.contextLength);
    const auto* rules = findObjective(recipe.text("objective.type"));
    if (!rules)
        return options;
    options.shape = rules->id == "sft" && model.spec.kind == Architecture::EncoderDecoder ? RowShape::SourceTarget : rules->shape;
    options.decoderStart = static_cast<std::int32_t>(model.spec.decoderStart);
    if (options.shape != RowShape::Labelled && options.shape != RowShape::LabelledWords)
        return options;
    ATTUNE_TRY(options.labelKind, labelKindOf(recipe, train));
    if (options.labelKind == LabelKind::Number)
        return options;
    for (const auto& label : recipe.value("objective.labels"))
        options.labels.push_back(label.is_string() ? label.get<std::string>() : toLine(label));
    if (options.labels.empty()) {
        ATTUNE_TRY(options.labels, tokenizer::collectLabels(train, options, context));
        options.labels = inOrderOf(families::headOfModel(model).labels, std::move(options.labels));
    }
    if (options.labels.size() < 2 && options.labelKind != LabelKind::Flags)
        return fail(ErrorCode::RecipeConflict, fmt::format("objective.type: \"{}\" needs at least two labels; {} has {}.", labelOf(rules->id), importer::plainName(train.name()), options.labels.size()),
            "Check which column is mapped to label.");
    return options;
}

const std::vector<std::string>& metricNames()
{
    static const std::vector<std::string> names = [] {
        auto all = withParts({"loss", "perplexity", "accuracy", "precision", "recall", "f1", "mcc", "exact_match", "bleu", "chrf", "mse", "mae", "pearson", "spearman",
            "reward_accuracy", "reward_margin"});
        for (const char* suffix : {"", "_stemmed"})
            for (const char* rouge : {"rouge", "rouge1", "rouge2", "rougeL", "rougeLsum"})
                all.push_back(std::string(rouge) + suffix);
        std::sort(all.begin(), all.end());
        return all;
    }();
    return names;
}

}
