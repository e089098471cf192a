// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {
namespace {

OptionChoice later(const char* value, const char* label, const char* help)
{
    return {.value = value, .label = label, .help = help, .isAvailable = false};
}

std::vector<OptionChoice> types()
{
    return {{"sft", "Follow examples", "Supervised fine-tuning: the model learns to write the answers of the dataset."},
        later("pretrain", "Read on", "Continued pre-training on plain text."),
        later("classification", "Classify", "One label for a text."),
        later("regression", "Predict a number", "A number for a text."),
        later("token_classification", "Label tokens", "A label for every token."),
        later("mlm", "Fill gaps", "Masked language modelling, for encoders."),
        later("dpo", "Preferences (DPO)", "Chosen above rejected answers (Rafailov et al. 2023)."),
        later("ipo", "Preferences (IPO)", "DPO with a squared loss (Azar et al. 2023)."),
        later("orpo", "Preferences (ORPO)", "Preferences without a reference model (Hong et al. 2024)."),
        later("kto", "Thumbs up or down (KTO)", "Single answers marked good or not (Ethayarajh et al. 2024)."),
        later("simpo", "Preferences (SimPO)", "Length-normalised preferences (Meng et al. 2024)."),
        later("reward", "Reward model", "A score for an answer."),
        later("distill", "Learn from a teacher", "Follows the token probabilities of a larger model.")};
}

}

std::vector<Option> objectiveOptions()
{
    const std::string key = "objective.type";
    return {
        {.key = key, .type = OptionType::Choice, .defaultValue = "sft", .label = "Objective",
            .help = "What the model is taught: to follow examples, to prefer one answer over another, to classify, and so on.", .choices = types(),
            .group = "essentials"},
        {.key = "objective.beta", .type = OptionType::Number, .defaultValue = 0.1, .label = "Beta",
            .help = "How firmly a preference-trained model is held near its base: small values let it move further.", .minimum = 0.0,
            .minimumIsExclusive = true, .group = "objective", .typical = "0.05 to 0.5", .visibleKey = key,
            .visibleValues = {"dpo", "ipo", "orpo", "kto", "simpo"}},
        {.key = "objective.label_smoothing", .type = OptionType::Number, .defaultValue = 0.0, .label = "Label smoothing",
            .help = "The share of preferences assumed to be swapped by mistake.", .minimum = 0.0, .maximum = 0.49, .group = "objective",
            .visibleKey = key, .visibleValues = {"dpo"}, .isExpert = true},
        {.key = "objective.labels", .type = OptionType::List, .defaultValue = Json::array(), .label = "Labels",
            .help = "The classes in a fixed order. Empty: all that occur in the training rows, sorted.", .group = "objective", .visibleKey = key,
            .visibleValues = {"classification", "token_classification"}},
        {.key = "objective.class_weights", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Class weights",
            .help = "Label to weight in the loss, for classes that are rare but matter. A label that is not named has weight 1.",
            .group = "objective", .visibleKey = key, .visibleValues = {"classification", "token_classification"}, .isExpert = true},
        {.key = "objective.teacher", .type = OptionType::Text, .defaultValue = Json(), .label = "Teacher",
            .help = "The model whose token probabilities are followed; it needs the same vocabulary as the base.", .group = "objective",
            .visibleKey = key, .visibleValues = {"distill"}, .isNullable = true},
        {.key = "objective.temperature", .type = OptionType::Number, .defaultValue = 1.0, .label = "Temperature",
            .help = "Softens the teacher's probabilities; higher values show more of what it finds possible.", .minimum = 0.0,
            .minimumIsExclusive = true, .group = "objective", .typical = "1 to 4", .visibleKey = key, .visibleValues = {"distill"}},
        {.key = "objective.alpha", .type = OptionType::Number, .defaultValue = 0.5, .label = "Teacher's share",
            .help = "The share of the teacher in the loss; the rest is the dataset's own answers.", .minimum = 0.0, .maximum = 1.0,
            .group = "objective", .visibleKey = key, .visibleValues = {"distill"}},
        {.key = "objective.mlm_probability", .type = OptionType::Number, .defaultValue = 0.15, .label = "Masked share",
            .help = "The share of tokens that is hidden and has to be filled in.", .minimum = 0.0, .maximum = 0.9, .minimumIsExclusive = true,
            .group = "objective", .typical = "0.15 to 0.3", .visibleKey = key, .visibleValues = {"mlm"}},
    };
}

}
