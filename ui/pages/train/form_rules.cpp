// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/form_rules.h"

#include "pipeline/objective.h"
#include "planner/optimizer.h"

#include <QCoreApplication>


namespace attune::pages {

namespace {

using pipeline::Recipe;
using tokenizer::RowShape;

/// `key` has an effect only while `holds`.
struct Rule {
    const char* key;
    bool (*holds)(const Recipe& recipe);
    const char* reason;
};

RowShape shapeOf(const Recipe& recipe)
{
    const auto* rules = pipeline::findObjective(recipe.text("objective.type"));
    return rules ? rules->shape : RowShape::Answers;
}

bool evaluates(const Recipe& recipe)
{
    return !recipe.text("data.eval").empty() || recipe.number("data.eval_fraction") > 0;
}

bool usesTemplate(const Recipe& recipe)
{
    const auto shape = shapeOf(recipe);
    return shape == RowShape::Answers || shape == RowShape::Preference || shape == RowShape::Feedback || shape == RowShape::Blocks;
}

/// Whether the chosen optimizer reads one of the recipe's adam_* values.
template<bool planner::OptimizerFacts::* uses>
bool optimizerUses(const Recipe& recipe)
{
    const auto* facts = planner::findOptimizerFacts(recipe.text("training.optimizer"));
    return facts && facts->*uses;
}

bool smoothsLabels(const Recipe& recipe)
{
    const std::string type = recipe.text("objective.type");
    const auto* rules = pipeline::findObjective(type);
    return (rules && rules->isPlain) || type == "distill" || type == "classification" || type == "token_classification" || type == "mlm";
}

bool hasNoHead(const Recipe& recipe)
{
    const auto* rules = pipeline::findObjective(recipe.text("objective.type"));
    return !rules || !rules->needsHead;
}

const Rule kRules[] = {
    {"method.init_text", [](const Recipe& r) { return r.text("method.init") == "text"; }, QT_TRANSLATE_NOOP("FormRules", "Only where the tokens start from a text")},
    {"method.encoder_hidden_size", [](const Recipe& r) { return r.text("method.type") != "prefix" || r.boolean("method.projection"); },
        QT_TRANSLATE_NOOP("FormRules", "Only through a network")},
    {"objective.jsd_beta", [](const Recipe& r) { return r.text("objective.kd_loss") == "jsd"; }, QT_TRANSLATE_NOOP("FormRules", "Only for generalised JS")},
    {"objective.label_smoothing",
        [](const Recipe& r) { return r.text("objective.type") != "dpo" || r.text("objective.loss_type") == "robust" || r.text("objective.loss_type") == "exo_pair"; },
        QT_TRANSLATE_NOOP("FormRules", "Only for the losses robust and EXO")},
    {"training.label_smoothing", smoothsLabels, QT_TRANSLATE_NOOP("FormRules", "Has no meaning for this objective")},
    {"training.lr_scheduler_kwargs", [](const Recipe& r) { return r.text("training.lr_scheduler") != "constant" && r.text("training.lr_scheduler") != "linear"; },
        QT_TRANSLATE_NOOP("FormRules", "This schedule has none")},
    {"training.warmup_ratio", [](const Recipe& r) { return r.integer("training.warmup_steps") == 0; }, QT_TRANSLATE_NOOP("FormRules", "The number of steps below wins")},
    {"training.adam_beta1", optimizerUses<&planner::OptimizerFacts::usesBeta1>, QT_TRANSLATE_NOOP("FormRules", "This optimizer has none")},
    {"training.adam_beta2", optimizerUses<&planner::OptimizerFacts::usesBeta2>, QT_TRANSLATE_NOOP("FormRules", "This optimizer has none")},
    {"training.adam_epsilon", optimizerUses<&planner::OptimizerFacts::usesEpsilon>, QT_TRANSLATE_NOOP("FormRules", "This optimizer has none")},
    {"training.num_train_epochs", [](const Recipe& r) { return r.integer("training.max_steps") <= 0; }, QT_TRANSLATE_NOOP("FormRules", "The step limit wins")},
    {"data.eval_fraction", [](const Recipe& r) { return r.text("data.eval").empty(); }, QT_TRANSLATE_NOOP("FormRules", "The evaluation data is a dataset of its own")},
    {"data.template", usesTemplate, QT_TRANSLATE_NOOP("FormRules", "This objective takes texts as they are")},
    {"data.template_date", [](const Recipe& r) { return usesTemplate(r) && r.text("data.template") != "none"; }, QT_TRANSLATE_NOOP("FormRules", "No template, no date")},
    {"data.train_on", [](const Recipe& r) { return shapeOf(r) == RowShape::Answers; }, QT_TRANSLATE_NOOP("FormRules", "The objective decides")},
    {"eval.every_steps", evaluates, QT_TRANSLATE_NOOP("FormRules", "Evaluation is off")},
    {"eval.max_rows", evaluates, QT_TRANSLATE_NOOP("FormRules", "Evaluation is off")},
    {"eval.metrics", evaluates, QT_TRANSLATE_NOOP("FormRules", "Evaluation is off")},
    {"eval.early_stopping_patience", evaluates, QT_TRANSLATE_NOOP("FormRules", "Evaluation is off")},
    {"checkpoints.keep_best", evaluates, QT_TRANSLATE_NOOP("FormRules", "Evaluation is off")},
    {"eval.sample_prompts", hasNoHead, QT_TRANSLATE_NOOP("FormRules", "A head of labels writes no text")},
};

}

QString noEffectReason(const Recipe& recipe, const std::string& key)
{
    for (const auto& rule : kRules)
        if (key == rule.key && !rule.holds(recipe))
            return QCoreApplication::translate("FormRules", rule.reason);
    return {};
}

}
