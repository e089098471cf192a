// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {
namespace {

const std::string kType = "objective.type";

std::vector<OptionChoice> types()
{
    return {{"sft", "Follow examples", "Supervised fine-tuning: the model learns to write the answers of the dataset."},
        {"pretrain", "Read on", "Continued pre-training on plain text, cut into blocks of the context's length."},
        {"classification", "Classify", "One label, or several, for a text."},
        {"regression", "Predict a number", "A number for a text."},
        {"token_classification", "Label words", "A label for every word of a list."},
        {"mlm", "Fill gaps", "Masked language modelling, for encoders."},
        {"dpo", "Preferences (DPO)", "Chosen above rejected answers, near the model as it was (Rafailov et al. 2023)."},
        {"ipo", "Preferences (IPO)", "DPO with a squared loss that does not push without end (Azar et al. 2023)."},
        {"orpo", "Preferences (ORPO)", "Answers and preferences at once, without a reference model (Hong et al. 2024)."},
        {"kto", "Thumbs up or down (KTO)", "Single answers marked good or not (Ethayarajh et al. 2024)."},
        {"simpo", "Preferences (SimPO)", "Preferences by mean log-probability, without a reference model (Meng et al. 2024)."},
        {"reward", "Reward model", "A score for an answer, learnt from preferences."},
        {"distill", "Learn from a teacher", "Follows the token probabilities of a larger model."}};
}

Option shownFor(Option option, std::vector<std::string> objectives)
{
    option.group = "objective";
    option.visibleKey = kType;
    option.visibleValues = std::move(objectives);
    return option;
}

std::vector<OptionChoice> lossTypes()
{
    return {{"sigmoid", "Sigmoid", "DPO as published."}, {"hinge", "Hinge", "Stops at a margin (SLiC)."},
        {"robust", "Robust", "Unbiased where a share of preferences is swapped; label_smoothing is that share."},
        {"exo_pair", "EXO", "Matches preferences of label_smoothing certainty (Ji et al. 2024)."}, {"nca_pair", "NCA", "Raises the chosen answer itself (Chen et al. 2024)."},
        {"bco_pair", "BCO", "Each answer on its own side (Jung et al. 2024)."}, {"sppo_hard", "SPPO", "Squared distance to certain wins (Wu et al. 2024)."},
        {"apo_zero", "APO zero", "Chosen answers are better than the model's own."}, {"apo_down", "APO down", "Chosen answers are worse than the model's own."},
        {"discopop", "DiscoPOP", "A loss found by search (Lu et al. 2024)."}, {"sigmoid_norm", "Sigmoid by length", "DPO on mean log-probabilities."}};
}

std::vector<Option> preferenceOptions()
{
    return {
        shownFor({.key = "objective.beta", .type = OptionType::Number, .defaultValue = 0.1, .label = "Beta",
                     .help = "How firmly a preference-trained model is held near its base: small values let it move further. With ORPO the weight of the preferences, with SimPO the scale of the rewards (2 is typical there).",
                     .minimum = 0.0, .minimumIsExclusive = true, .typical = "0.05 to 0.5"},
            {"dpo", "ipo", "orpo", "kto", "simpo"}),
        shownFor({.key = "objective.loss_type", .type = OptionType::Choice, .defaultValue = "sigmoid", .label = "Loss",
                     .help = "Which function of the reward margin is minimised.", .choices = lossTypes(), .isExpert = true},
            {"dpo"}),
        shownFor({.key = "objective.label_smoothing", .type = OptionType::Number, .defaultValue = 0.0, .label = "Swapped preferences",
                     .help = "The share of preferences assumed to be swapped by mistake; used by the losses robust and exo_pair, and by SimPO.", .minimum = 0.0,
                     .maximum = 0.49, .isExpert = true},
            {"dpo", "simpo"}),
        shownFor({.key = "objective.simpo_gamma", .type = OptionType::Number, .defaultValue = 0.5, .label = "Target margin",
                     .help = "How far the reward of the chosen answer should lie above that of the rejected one.", .minimum = 0.0, .typical = "0.5 to 1.5"},
            {"simpo"}),
        shownFor({.key = "objective.cpo_alpha", .type = OptionType::Number, .defaultValue = 0.0, .label = "Weight of the chosen answers",
                     .help = "Adds this much of the ordinary loss on chosen answers; 0 is SimPO as published.", .minimum = 0.0, .isExpert = true},
            {"simpo"}),
        shownFor({.key = "objective.desirable_weight", .type = OptionType::Number, .defaultValue = 1.0, .label = "Weight of good answers",
                     .help = "Raise it where good answers are rarer than bad ones.", .minimum = 0.0},
            {"kto"}),
        shownFor({.key = "objective.undesirable_weight", .type = OptionType::Number, .defaultValue = 1.0, .label = "Weight of bad answers",
                     .help = "Raise it where bad answers are rarer than good ones.", .minimum = 0.0},
            {"kto"}),
        shownFor({.key = "objective.center_rewards_coefficient", .type = OptionType::Number, .defaultValue = 0.0, .label = "Centring of rewards",
                     .help = "Pulls the mean of the rewards of a pair towards zero (Eisenstein et al. 2023).", .minimum = 0.0, .typical = "0 or 0.01", .isExpert = true},
            {"reward"}),
    };
}

std::vector<Option> labelOptions()
{
    return {
        shownFor({.key = "objective.problem_type", .type = OptionType::Choice, .defaultValue = "auto", .label = "Labels of a row",
                     .help = "Whether a text has one label or several at once.",
                     .choices = {{"auto", "As in the data", "Several where the label column holds lists."}, {"single_label_classification", "One", "Exactly one label."},
                         {"multi_label_classification", "Several", "Any number of labels, none included."}}},
            {"classification"}),
        shownFor({.key = "objective.labels", .type = OptionType::List, .defaultValue = Json::array(), .label = "Labels",
                     .help = "The classes in a fixed order. Empty: all that occur in the training rows, sorted."},
            {"classification", "token_classification"}),
        shownFor({.key = "objective.class_weights", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Class weights",
                     .help = "Label to weight in the loss, for classes that are rare but matter. A label that is not named has weight 1.", .isExpert = true},
            {"classification", "token_classification"}),
    };
}

std::vector<Option> teacherOptions()
{
    return {
        shownFor({.key = "objective.teacher", .type = OptionType::Text, .defaultValue = Json(), .label = "Teacher",
                     .help = "The model whose token probabilities are followed; it needs the same vocabulary as the base.", .isNullable = true},
            {"distill"}),
        shownFor({.key = "objective.kd_loss", .type = OptionType::Choice, .defaultValue = "forward_kl", .label = "Distance to the teacher",
                     .help = "How the student's probabilities are compared with the teacher's.",
                     .choices = {{"forward_kl", "Forward KL", "Covers all that the teacher finds possible; times the square of the temperature (Hinton et al. 2015)."},
                         {"reverse_kl", "Reverse KL", "Concentrates on what the teacher finds most likely; times the square of the temperature."},
                         {"jsd", "Generalised JS", "Between the two, by jsd_beta (Agarwal et al. 2024)."}}},
            {"distill"}),
        shownFor({.key = "objective.jsd_beta", .type = OptionType::Number, .defaultValue = 0.5, .label = "Mixture",
                     .help = "The teacher's share in the mixture that both are compared with: 0 is forward KL, 1 reverse KL.", .minimum = 0.0, .maximum = 1.0},
            {"distill"}),
        shownFor({.key = "objective.temperature", .type = OptionType::Number, .defaultValue = 1.0, .label = "Temperature",
                     .help = "Softens the teacher's probabilities; higher values show more of what it finds possible.", .minimum = 0.0, .minimumIsExclusive = true,
                     .typical = "1 to 4"},
            {"distill"}),
        shownFor({.key = "objective.alpha", .type = OptionType::Number, .defaultValue = 0.5, .label = "Teacher's share",
                     .help = "The share of the teacher in the loss; the rest is the dataset's own answers.", .minimum = 0.0, .maximum = 1.0},
            {"distill"}),
        shownFor({.key = "objective.mlm_probability", .type = OptionType::Number, .defaultValue = 0.15, .label = "Masked share",
                     .help = "The share of tokens that is hidden and has to be filled in.", .minimum = 0.0, .maximum = 0.9, .minimumIsExclusive = true,
                     .typical = "0.15 to 0.3"},
            {"mlm"}),
    };
}

}

std::vector<Option> objectiveOptions()
{
    std::vector<Option> options {{.key = kType, .type = OptionType::Choice, .defaultValue = "sft", .label = "Objective",
        .help = "What the model is taught: to follow examples, to prefer one answer over another, to classify, and so on.", .choices = types(),
        .group = "essentials"}};
    for (auto&& more : {preferenceOptions(), labelOptions(), teacherOptions()})
        options.insert(options.end(), more.begin(), more.end());
    return options;
}

}
