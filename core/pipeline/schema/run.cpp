// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {
namespace {

Option safetyRule(const char* name, const char* action, const char* label, const char* help)
{
    return {.key = std::string("safety.") + name, .type = OptionType::Choice, .defaultValue = action, .label = label, .help = help,
        .choices = {{"stop", "Stop", "Saves a checkpoint where it makes sense and ends the run."},
            {"alert", "Tell me", "Goes on and says so."}, {"pause", "Pause", "Waits in the studio; on the command line it saves and stops."},
            {"off", "Off", "Does not look."}},
        .group = "safety"};
}

}

std::vector<Option> evalOptions()
{
    return {
        {.key = "eval.every_steps", .type = OptionType::Integer, .defaultValue = 50, .label = "Evaluate every",
            .help = "Steps between evaluations. 0: only at the end of each epoch.", .unit = "steps", .minimum = 0, .group = "evaluation"},
        {.key = "eval.max_rows", .type = OptionType::Integer, .defaultValue = 256, .label = "Evaluation rows",
            .help = "At most this many rows are evaluated each time, always the same ones.", .unit = "rows", .minimum = 1, .group = "evaluation"},
        {.key = "eval.metrics", .type = OptionType::List, .defaultValue = Json::array({"loss"}), .label = "Metrics",
            .help = "What is measured at each evaluation. The first decides which checkpoint is the best.",
            .choices = {{"loss", "Loss", "Mean cross-entropy per trained token; of other objectives their own loss."}, {"perplexity", "Perplexity", "exp of the loss."},
                {"accuracy", "Accuracy", "Share of rows with the right label."}, {"f1", "F1", "Macro average over the classes."},
                {"precision", "Precision", "Macro average over the classes."}, {"recall", "Recall", "Macro average over the classes."},
                {"mcc", "Matthews correlation", "Fair for classes of different size."}, {"mse", "Mean squared error", "Of predicted numbers."},
                {"mae", "Mean absolute error", "Of predicted numbers."}, {"pearson", "Pearson correlation", "Of predicted with right numbers."},
                {"spearman", "Spearman correlation", "Of their ranks."}, {"reward_accuracy", "Reward accuracy", "Share of pairs whose chosen answer has the higher reward."},
                {"reward_margin", "Reward margin", "Mean reward of chosen less that of rejected answers."}},
            .group = "evaluation"},
        {.key = "eval.sample_prompts", .type = OptionType::List, .defaultValue = Json::array(), .label = "Sample prompts",
            .help = "Prompts that the model answers at each evaluation, to see it change. They are user turns where the model has a template.",
            .group = "evaluation"},
        {.key = "eval.early_stopping_patience", .type = OptionType::Integer, .defaultValue = 0, .label = "Stop early after",
            .help = "Ends the run after this many evaluations without improvement. 0: never.", .unit = "evaluations", .minimum = 0,
            .group = "evaluation", .typical = "3 to 10"},
    };
}

std::vector<Option> checkpointOptions()
{
    return {
        {.key = "checkpoints.every_steps", .type = OptionType::Integer, .defaultValue = 100, .label = "Save every",
            .help = "Steps between checkpoints. 0: only by time. The end of a run is always saved.", .unit = "steps", .minimum = 0,
            .group = "checkpoints"},
        {.key = "checkpoints.every_minutes", .type = OptionType::Number, .defaultValue = 10.0, .label = "Or every",
            .help = "Minutes after which a checkpoint is due, whichever comes first. 0: only by steps.", .unit = "minutes", .minimum = 0.0,
            .group = "checkpoints"},
        {.key = "checkpoints.keep", .type = OptionType::Integer, .defaultValue = 3, .label = "Keep",
            .help = "The newest checkpoints that are kept; older ones are deleted.", .unit = "checkpoints", .minimum = 1, .group = "checkpoints"},
        {.key = "checkpoints.keep_best", .type = OptionType::Boolean, .defaultValue = false, .label = "Keep the best",
            .help = "Keeps the checkpoint with the best first metric too, and makes it the run's default for export and chat.",
            .group = "checkpoints"},
    };
}

std::vector<Option> safetyOptions()
{
    return {
        safetyRule("non_finite", "stop", "Loss is no number", "What to do when the loss or a gradient becomes NaN or infinite."),
        safetyRule("divergence", "alert", "Loss rises", "What to do when the training loss climbs well above its best."),
        safetyRule("overfitting", "alert", "Memorising", "What to do when the evaluation loss rises while the training loss falls."),
        safetyRule("disk", "pause", "Disk nearly full", "What to do when the next checkpoint may not fit on the disk."),
    };
}

std::vector<Option> runtimeOptions()
{
    return {
        {.key = "runtime.device", .type = OptionType::Text, .defaultValue = "auto", .label = "Device",
            .help = "Where to compute: the first usable GPU if there is one, else the CPU; or cpu, cuda, cuda:1.",
            .choices = {{"auto", "Automatic", "A GPU if there is a usable one."}, {"cpu", "CPU", "The processor."}, {"cuda", "GPU", "The first NVIDIA GPU."}},
            .group = "memory"},
        {.key = "runtime.threads", .type = OptionType::Integer, .defaultValue = 0, .label = "Threads",
            .help = "CPU threads for computing. 0: all cores.", .minimum = 0, .maximum = 1024, .group = "memory", .isExpert = true},
        {.key = "runtime.deterministic", .type = OptionType::Boolean, .defaultValue = false, .label = "Deterministic",
            .help = "Makes a GPU give the same bits each time, at a cost in speed. The CPU always does with the same number of threads.",
            .group = "memory", .isExpert = true},
    };
}

}
