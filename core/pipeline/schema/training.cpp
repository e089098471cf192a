// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

#include "planner/optimizer.h"

namespace attune::pipeline::schema {
namespace {

std::vector<Option> amountOptions()
{
    return {
        {.key = "training.num_train_epochs", .type = OptionType::Number, .defaultValue = 3.0, .label = "Epochs",
            .help = "How often every row is seen. Small datasets need more, but after three or so a model tends to memorise.", .minimum = 0.0,
            .maximum = 10000, .minimumIsExclusive = true, .aliases = {"training.epochs"}, .group = "essentials", .typical = "1 to 5"},
        {.key = "training.max_steps", .type = OptionType::Integer, .defaultValue = -1, .label = "Step limit",
            .help = "Ends the run after this many steps, whatever the epochs say. -1: no limit.", .unit = "steps", .minimum = -1,
            .group = "optimizer"},
        {.key = "training.batch_size", .type = OptionType::Integer, .defaultValue = 8, .label = "Batch size",
            .help = "Rows that are computed together. With packing, batch size x context is the number of tokens of a micro-batch. More is faster "
                    "until memory ends.",
            .unit = "rows", .minimum = 1, .maximum = 65536,
            .aliases = {"training.per_device_train_batch_size", "training.micro_batch_size"}, .group = "essentials", .typical = "1 to 32"},
        {.key = "training.gradient_accumulation_steps", .type = OptionType::Integer, .defaultValue = 1, .label = "Accumulate",
            .help = "Micro-batches per step. Gives the effect of a larger batch without its memory.", .unit = "micro-batches", .minimum = 1,
            .maximum = 65536, .group = "essentials", .typical = "1 to 16"},
        {.key = "training.shuffle", .type = OptionType::Boolean, .defaultValue = true, .label = "Shuffle",
            .help = "Another order of rows in each epoch. Off: rows come in file order, for comparisons with other programs.", .group = "optimizer",
            .isExpert = true},
    };
}

std::vector<OptionChoice> optimizerChoices()
{
    std::vector<OptionChoice> choices;
    for (const auto* facts : planner::optimizerFacts())
        choices.push_back({.value = facts->id, .label = facts->displayName, .help = facts->sentence});
    return choices;
}

std::vector<Option> optimizerOptions()
{
    return {
        {.key = "training.learning_rate", .type = OptionType::Number, .defaultValue = 2e-4, .label = "Learning rate",
            .help = "The size of each correction. Too high and the loss jumps or becomes NaN, too low and nothing is learnt.", .minimum = 0.0,
            .maximum = 10.0, .group = "essentials", .typical = "1e-4 to 3e-4 for LoRA, 1e-5 to 5e-5 for all weights"},
        {.key = "training.optimizer", .type = OptionType::Choice, .defaultValue = "adamw", .label = "Optimizer",
            .help = "The rule that turns gradients into corrections. AdamW is right unless memory is short.",
            .choices = optimizerChoices(), .aliases = {"training.optim"}, .group = "optimizer"},
        {.key = "training.weight_decay", .type = OptionType::Number, .defaultValue = 0.0, .label = "Weight decay",
            .help = "Pulls weights towards zero; biases and norms are left out, as in the Hugging Face Trainer.", .minimum = 0.0, .maximum = 1.0,
            .group = "optimizer", .typical = "0 to 0.1"},
        {.key = "training.adam_beta1", .type = OptionType::Number, .defaultValue = 0.9, .label = "Beta 1",
            .help = "How long the optimizer remembers the direction of the gradient.", .minimum = 0.0, .maximum = 0.9999, .group = "optimizer",
            .isExpert = true},
        {.key = "training.adam_beta2", .type = OptionType::Number, .defaultValue = 0.999, .label = "Beta 2",
            .help = "How long AdamW remembers the size of the gradient, and Lion its direction; Lion's authors take 0.99.", .minimum = 0.0, .maximum = 0.99999, .group = "optimizer",
            .isExpert = true},
        {.key = "training.adam_epsilon", .type = OptionType::Number, .defaultValue = 1e-8, .label = "Epsilon",
            .help = "Keeps AdamW from dividing by zero.", .minimum = 0.0, .maximum = 1.0, .minimumIsExclusive = true, .group = "optimizer",
            .isExpert = true},
        {.key = "training.max_grad_norm", .type = OptionType::Number, .defaultValue = 1.0, .label = "Clip gradients at",
            .help = "A step whose gradient is longer than this is shortened to it. 0 turns clipping off.", .minimum = 0.0, .group = "optimizer",
            .typical = "0.3 to 1"},
    };
}

std::vector<Option> scheduleOptions()
{
    return {
        {.key = "training.lr_scheduler", .type = OptionType::Choice, .defaultValue = "cosine", .label = "Schedule",
            .help = "How the learning rate changes over the run, after the warm-up.",
            .choices = {{"constant", "Constant", "Stays as it is."}, {"linear", "Linear", "Falls in a line to zero."},
                {"cosine", "Cosine", "Falls slowly, then fast, then slowly to zero."},
                {"cosine_with_restarts", "Cosine with restarts", "Several cosines; lr_scheduler_kwargs: num_cycles."},
                {"polynomial", "Polynomial", "Falls by a power; lr_scheduler_kwargs: power, lr_end."},
                {"inverse_sqrt", "Inverse square root", "Falls with the root of the step; lr_scheduler_kwargs: timescale."},
                {"wsd", "Warm up, hold, decay", "Constant, then a short fall; lr_scheduler_kwargs: decay_ratio."}},
            .aliases = {"training.lr_scheduler_type"}, .group = "optimizer"},
        {.key = "training.warmup_ratio", .type = OptionType::Number, .defaultValue = 0.03, .label = "Warm-up share",
            .help = "The share of the steps in which the learning rate rises from zero.", .minimum = 0.0, .maximum = 1.0, .group = "optimizer",
            .typical = "0 to 0.1"},
        {.key = "training.warmup_steps", .type = OptionType::Integer, .defaultValue = 0, .label = "Warm-up steps",
            .help = "Steps in which the learning rate rises from zero. Above 0 it wins over the share.", .unit = "steps", .minimum = 0,
            .group = "optimizer", .isExpert = true},
        {.key = "training.lr_scheduler_kwargs", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Schedule details",
            .help = "Settings of the schedule by name, as Transformers calls them: num_cycles, power, lr_end, timescale, decay_ratio.",
            .group = "optimizer", .isExpert = true},
    };
}

std::vector<Option> extraOptions()
{
    return {
        {.key = "training.gradient_checkpointing", .type = OptionType::Choice, .defaultValue = "auto", .label = "Recompute activations",
            .help = "Saves memory by computing parts of the forward pass twice.",
            .choices = {{"auto", "When needed", "The memory plan decides."}, {"true", "Always", "Least memory, about a third slower."},
                {"false", "Never", "Fastest, most memory."}},
            .group = "memory"},
        {.key = "training.neftune_noise_alpha", .type = OptionType::Number, .defaultValue = 0.0, .label = "NEFTune noise",
            .help = "Noise on the embeddings while training, which can make answers richer (Jain et al. 2023).", .minimum = 0.0,
            .maximum = 100.0, .group = "optimizer", .typical = "5 to 15", .isExpert = true},
        {.key = "training.label_smoothing", .type = OptionType::Number, .defaultValue = 0.0, .label = "Label smoothing",
            .help = "Spreads a share of each target over all tokens, so that the model is less sure of itself.", .minimum = 0.0, .maximum = 0.9,
            .group = "optimizer", .isExpert = true},
    };
}

}

std::vector<Option> trainingOptions()
{
    std::vector<Option> options = amountOptions();
    for (auto part : {optimizerOptions(), scheduleOptions(), extraOptions()})
        options.insert(options.end(), part.begin(), part.end());
    return options;
}

}
