// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {

std::vector<Option> dataOptions()
{
    return {
        {.key = "data.train", .type = OptionType::Text, .defaultValue = Json(), .label = "Dataset",
            .help = "What is trained on: an imported dataset as name, name@version or name:split, or a file.", .group = "data", .isNullable = true},
        {.key = "data.eval", .type = OptionType::Text, .defaultValue = Json(), .label = "Evaluation data",
            .help = "Rows that are never trained on and show whether the model learns or memorises. Empty: the dataset's own eval split, else a "
                    "share of the training rows.",
            .group = "data", .isNullable = true},
        {.key = "data.eval_fraction", .type = OptionType::Number, .defaultValue = 0.05, .label = "Evaluation share",
            .help = "The share of the training rows kept for evaluation when there is no evaluation data. 0 means no evaluation.",
            .minimum = 0.0, .maximum = 0.9, .group = "data", .typical = "0.02 to 0.1"},
        {.key = "data.template", .type = OptionType::Text, .defaultValue = "model", .label = "Chat template",
            .help = "How a conversation is written as text: the model's own template, chatml, a .jinja file, or none for plain text.",
            .choices = {{"model", "The model's own", "Right for chat and instruct models."},
                {"chatml", "ChatML", "For base models without a template; the exported model carries it."},
                {"none", "None", "Prompt and completion as they are, with the tokenizer's start and end tokens."}},
            .group = "data"},
        {.key = "data.template_date", .type = OptionType::Text, .defaultValue = Json(), .label = "Date in the template",
            .help = "Some templates print today's date. It is frozen to this one (2026-11-21), so that a resumed run sees the same text; empty means "
                    "the day the run starts.",
            .group = "data", .isNullable = true, .isExpert = true},
        {.key = "data.train_on", .type = OptionType::Choice, .defaultValue = "completion", .label = "Train on",
            .help = "Which tokens the model learns to write. The others are only read.",
            .choices = {{"completion", "Last answer", "The last assistant turn with its end token."},
                {"assistant", "All answers", "Every assistant turn of a conversation."},
                {"all", "Everything", "All tokens, questions too; for plain text."}},
            .group = "data"},
        {.key = "data.max_length", .type = OptionType::Integer, .defaultValue = 512, .label = "Context",
            .help = "The longest row in tokens. Memory grows with it; the dataset's page shows how many rows are longer.", .unit = "tokens",
            .minimum = 8, .maximum = 1048576, .aliases = {"data.context", "data.max_seq_length"}, .group = "essentials", .typical = "512 to 4096"},
        {.key = "data.overlong", .type = OptionType::Choice, .defaultValue = "truncate", .label = "Longer rows",
            .help = "What happens to rows that are longer than the context. Rows whose trained tokens were all cut are always left out and counted.",
            .choices = {{"truncate", "Cut the end", "Keeps the beginning."}, {"drop", "Leave out", "Only whole rows are trained on."}},
            .group = "data"},
        {.key = "data.packing", .type = OptionType::Boolean, .defaultValue = true, .label = "Pack rows",
            .help = "Fills each micro-batch with as many rows as fit into batch size x context tokens. Rows never see each other; short rows train "
                    "many times faster. Rows with labels or preferences are counted, not packed.",
            .group = "data", .visibleKey = "objective.type", .visibleValues = {"sft", "pretrain", "mlm", "distill"}},
    };
}

}
