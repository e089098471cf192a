// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/form_words.h"

#include "bridge/text.h"
#include "pages/error_words.h"
#include "pages/setting_words.h"
#include "pipeline/packing.h"
#include "widgets/option_editor.h"

#include <QCoreApplication>

#include <cmath>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using pipeline::FormChoices;
using pipeline::Recipe;
using pipeline::RecipeCheck;

namespace {

/// Per cent: "3.6", "0.012", "100"; two digits of it would write 100 as a power of ten.
QString shareText(double share)
{
    return share < 0.1 ? bridge::significant(100 * share, 2) : bridge::decimal(100 * share, 0);
}

QString tr(const char* text)
{
    return QCoreApplication::translate("FormWords", text);
}

QString number(const Recipe& recipe, const char* key)
{
    return widgets::textOfValue(recipe.value(key));
}

/// The part of "1e-4 to 3e-4 for LoRA, 1e-5 to 5e-5 for all weights" that fits the method.
QString typicalRate(const Recipe& recipe)
{
    const std::string method = recipe.text("method.type"), objective = recipe.text("objective.type");
    if (objective == "dpo" || objective == "ipo" || objective == "orpo" || objective == "kto" || objective == "simpo")
        return tr("Typical for preferences: 5e-7 to 1e-5");
    if (method == "lora" || method == "dora")
        return tr("Typical for LoRA: 1e-4 to 3e-4");
    if (method == "full" || method == "freeze")
        return tr("Typical for whole weights: 1e-5 to 5e-5");
    if (method == "prompt" || method == "prefix")
        return tr("Typical for virtual tokens: 1e-3 to 0.3");
    return tr("Typical for few values: 5e-4 to 1e-2");
}

void modelHints(QHash<QString, Hint>& hints, const Recipe& recipe, const FormChoices& choices)
{
    if (choices.parameters > 0)
        hints[QStringLiteral("model.base")] = {tr("%1 parameters, %2").arg(bridge::parameters(static_cast<double>(choices.parameters)), toQString(choices.storedType))};
    if (!choices.modelProblem.empty())
        hints[QStringLiteral("model.base")] = {toQString(choices.modelProblem), QStringLiteral("warning")};
    for (const auto& objective : choices.objectives)
        if (objective.id == recipe.text("objective.type"))
            hints[QStringLiteral("objective.type")] = objective.reason.empty() ? Hint {bridge::translated(objective.sentence)} : Hint {toQString(objective.reason), QStringLiteral("warning")};
    for (const auto& method : choices.methods)
        if (method.id == recipe.text("method.type") && !method.reason.empty())
            hints[QStringLiteral("method.type")] = {toQString(method.reason), QStringLiteral("warning")};
        else if (method.id == recipe.text("method.type") && method.trained > 0)
            hints[QStringLiteral("method.type")] = {tr("%1 trained, %2 %. Can become: %3")
                .arg(bridge::parameters(static_cast<double>(method.trained)), shareText(static_cast<double>(method.trained) / static_cast<double>(choices.parameters)), toQString(method.forms))};
    if (choices.layers > 0) {
        hints[QStringLiteral("method.train_layers")] = {tr("of %1 layers").arg(choices.layers)};
        const double factor = recipe.number("method.reduction_factor");
        if (factor > 0)
            hints[QStringLiteral("method.reduction_factor")] = {tr("%1 values wide in the middle").arg(std::max(1.0, std::floor(static_cast<double>(choices.hiddenSize) / factor)))};
    }
    if (const double r = recipe.number("method.r"); r > 0) {
        const double alpha = recipe.number("method.lora_alpha");
        const double scale = recipe.boolean("method.use_rslora") ? alpha / std::sqrt(r) : alpha / r;
        hints[QStringLiteral("method.lora_alpha")] = {tr("= scale %1").arg(bridge::significant(scale, 3))};
    }
    hints[QStringLiteral("method.num_virtual_tokens")] = {tr("of %1 of the context").arg(number(recipe, "data.max_length"))};
}

void dataHints(QHash<QString, Hint>& hints, const FormChoices& choices, const RecipeCheck* check)
{
    if (!choices.dataProblem.empty())
        hints[QStringLiteral("data.train")] = {toQString(choices.dataProblem), QStringLiteral("warning")};
    if (!check)
        return;
    hints[QStringLiteral("data.train")] = {tr("train %1, eval %2 rows").arg(grouped(check->rows), grouped(check->evalRows))};
    const double cut = check->rowsIn > 0 ? 100.0 * static_cast<double>(check->truncatedRows) / static_cast<double>(check->rowsIn) : 0;
    if (check->truncatedRows > 0)
        hints[QStringLiteral("data.max_length")] = {tr("%1 % of rows are cut").arg(bridge::decimal(cut, cut < 10 ? 1 : 0)), QStringLiteral("cut")};
    else
        hints[QStringLiteral("data.max_length")] = {tr("no row is cut")};
    if (check->evalRows > 0)
        hints[QStringLiteral("eval.max_rows")] = {tr("of %1 rows kept for it").arg(grouped(check->evalRows))};
    hints[QStringLiteral("data.eval")] = {check->evalRows > 0 ? tr("%1 rows, never trained on").arg(grouped(check->evalRows)) : tr("nothing is evaluated")};
}

void stepHints(QHash<QString, Hint>& hints, const Recipe& recipe, const RecipeCheck& check)
{
    const auto batch = recipe.integer("training.batch_size"), window = recipe.integer("training.gradient_accumulation_steps");
    hints[QStringLiteral("training.num_train_epochs")] = {(check.stepsExact ? tr("%1 steps") : tr("about %1 steps")).arg(grouped(check.stepsTotal))};
    if (pipeline::packsRows(recipe)) {
        const double rows = static_cast<double>(check.rows) / std::max(1.0, static_cast<double>(check.microBatches)) * static_cast<double>(window);
        hints[QStringLiteral("training.batch_size")] = {tr("= %1 tokens per step, about %2 rows").arg(grouped(batch * window * recipe.integer("data.max_length"))).arg(std::llround(std::max(1.0, rows)))};
    } else {
        hints[QStringLiteral("training.batch_size")] = {tr("= %1 rows per step").arg(grouped(batch * window))};
    }
    hints[QStringLiteral("training.warmup_ratio")] = {tr("= %1 steps").arg(grouped(check.warmupSteps))};
    if (const auto every = recipe.integer("eval.every_steps"); every > 0)
        hints[QStringLiteral("eval.every_steps")] = {tr("%1 evaluations in all").arg(grouped(check.stepsTotal / every + (check.stepsTotal % every ? 1 : 0)))};
    if (check.checkpointBytes > 0) {
        hints[QStringLiteral("checkpoints.every_steps")] = {tr("about %1 each").arg(bridge::size(static_cast<double>(check.checkpointBytes)))};
        hints[QStringLiteral("checkpoints.keep")] = {tr("about %1 in all").arg(bridge::size(static_cast<double>(check.diskBytes(recipe))))};
    }
}

QString methodSummary(const Recipe& recipe)
{
    const std::string method = recipe.text("method.type");
    const QString targets = recipe.text("method.target_modules") == "all-linear" ? tr("all linear layers") : number(recipe, "method.target_modules");
    if (method == "lora" || method == "dora")
        return tr("%1, alpha %2").arg(targets, number(recipe, "method.lora_alpha"));
    if (method == "vera" || method == "ia3")
        return targets;
    if (method == "bottleneck")
        return choiceLabel(recipe, "method.placement");
    if (method == "prompt")
        return tr("start from %1").arg(choiceLabel(recipe, "method.init").toLower());
    if (method == "prefix")
        return recipe.boolean("method.projection") ? tr("through a network") : tr("without a network");
    if (method == "freeze")
        return tr("%1 embeddings, %2 norms").arg(recipe.boolean("method.train_embeddings") ? tr("with") : tr("without"), recipe.boolean("method.train_norms") ? tr("with") : tr("without"));
    return {};
}

QString objectiveSummary(const Recipe& recipe)
{
    const std::string type = recipe.text("objective.type");
    if (type == "distill")
        return tr("%1, temperature %2").arg(choiceLabel(recipe, "objective.kd_loss"), number(recipe, "objective.temperature"));
    if (type == "classification" || type == "token_classification")
        return recipe.value("objective.labels").empty() ? tr("labels as in the data") : tr("%1 labels").arg(recipe.value("objective.labels").size());
    if (type == "mlm")
        return tr("%1 of the tokens hidden").arg(number(recipe, "objective.mlm_probability"));
    if (type == "dpo" || type == "ipo" || type == "orpo" || type == "kto" || type == "simpo")
        return tr("beta %1").arg(number(recipe, "objective.beta"));
    QStringList parts;
    if (recipe.number("training.label_smoothing") > 0)
        parts.append(tr("label smoothing %1").arg(number(recipe, "training.label_smoothing")));
    if (recipe.number("training.neftune_noise_alpha") > 0)
        parts.append(tr("NEFTune %1").arg(number(recipe, "training.neftune_noise_alpha")));
    return parts.isEmpty() ? tr("no smoothing, no noise") : parts.join(QStringLiteral(", "));
}

}

QString byLabel(const std::string& message)
{
    const auto end = std::min(message.find_first_of(": "), message.size());
    const auto* option = pipeline::recipeSchema().find(message.substr(0, end));
    return option && !option->label.empty() ? bridge::translated(option->label) + toQString(message.substr(end)) : toQString(message);
}

QString wrongValue(const Option& option, const QString& typed, const Error& error, const Json& example)
{
    bool isNumber = false;
    const double number = typed.toDouble(&isNumber);
    if (option.type == OptionType::Number && !isNumber)
        return tr("%1 must be a number, e.g. %2").arg(bridge::translated(option.label), widgets::textOfValue(example));
    if (option.type == OptionType::Integer && (!isNumber || std::floor(number) != number))
        return tr("%1 must be a whole number, e.g. %2").arg(bridge::translated(option.label), widgets::textOfValue(example));
    return byLabel(error.message);
}

Problem problemOf(const Error& error)
{
    if (error.code == ErrorCode::SourceChanged)
        return {error.where.starts_with("data.eval") ? QStringLiteral("data.eval") : QStringLiteral("data.train"), sentencesOf(error)};
    const auto end = std::min(error.message.find_first_of(": "), error.message.size());
    const std::string key = error.message.substr(0, end);
    if (!pipeline::recipeSchema().find(key))
        return {};
    QString text = byLabel(error.message);
    if (error.message.compare(end, 2, ": ") == 0) {
        text = toQString(error.message.substr(end + 2));
        text.replace(0, 1, text.left(1).toUpper());
    }
    return {toQString(key), error.hint.empty() ? text : text + QLatin1Char(' ') + toQString(error.hint)};
}

QString inFormWords(const Error& error)
{
    if (error.code == ErrorCode::SourceChanged)  // the field says which file, and what to do
        return tr("The rows of the dataset cannot be read.");
    const QString text = byLabel(error.message);
    return error.hint.empty() ? text : text + QLatin1Char(' ') + toQString(error.hint);
}

QString choiceLabel(const Recipe& recipe, const std::string& key)
{
    return choiceName(key, recipe.text(key));
}

QHash<QString, Hint> hintsFor(const Recipe& recipe, const FormChoices& choices, const RecipeCheck* check)
{
    QHash<QString, Hint> hints;
    for (const auto& option : pipeline::recipeSchema().options())
        if (!option.typical.empty())
            hints[toQString(option.key)] = {tr("Typical: %1").arg(bridge::translated(option.typical))};
    hints[QStringLiteral("training.learning_rate")] = {typicalRate(recipe)};
    modelHints(hints, recipe, choices);
    dataHints(hints, choices, check);
    if (check)
        stepHints(hints, recipe, *check);
    return hints;
}

QString groupSummary(const std::string& group, const Recipe& recipe)
{
    if (group == "method")
        return methodSummary(recipe);
    if (group == "objective")
        return objectiveSummary(recipe);
    if (group == "data")
        return tr("%1, train on %2, %3").arg(recipe.text("data.template") == "model" ? tr("the model's template") : tr("template %1").arg(number(recipe, "data.template")),
            choiceLabel(recipe, "data.train_on").toLower(), pipeline::packsRows(recipe) ? tr("rows packed") : tr("rows apart"));
    if (group == "optimizer") {
        const auto steps = recipe.integer("training.warmup_steps");
        const QString warmup = steps > 0 ? tr("%1 warm-up steps").arg(steps) : tr("%1 % warm-up").arg(bridge::significant(100 * recipe.number("training.warmup_ratio"), 3));
        return tr("%1, %2, %3").arg(choiceLabel(recipe, "training.optimizer"), choiceLabel(recipe, "training.lr_scheduler").toLower(), warmup);
    }
    if (group == "evaluation") {
        const auto every = recipe.integer("eval.every_steps");
        const auto prompts = recipe.value("eval.sample_prompts").size();
        return tr("%1, %2").arg(every > 0 ? tr("every %1 steps").arg(every) : tr("after each epoch"), prompts == 1 ? tr("1 prompt") : tr("%1 prompts").arg(prompts));
    }
    if (group == "memory")
        return tr("%1, recompute activations: %2").arg(choiceLabel(recipe, "model.dtype").toLower(), choiceLabel(recipe, "training.gradient_checkpointing").toLower());
    if (group == "checkpoints") {
        const auto every = recipe.integer("checkpoints.every_steps");
        return tr("%1, keep %2%3").arg(every > 0 ? tr("every %1 steps").arg(every) : tr("every %1 min").arg(number(recipe, "checkpoints.every_minutes"))).arg(recipe.integer("checkpoints.keep"))
            .arg(recipe.boolean("checkpoints.keep_best") ? tr(" and the best") : QString());
    }
    if (group == "safety")
        return tr("NaN: %1, loss rises: %2").arg(choiceLabel(recipe, "safety.non_finite").toLower(), choiceLabel(recipe, "safety.divergence").toLower());
    return {};
}

}
