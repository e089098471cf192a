// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {

std::vector<Option> generalOptions()
{
    return {
        {.key = "attune_recipe", .type = OptionType::Integer, .defaultValue = 1, .label = "Recipe version",
            .help = "The version of the recipe's format. This Attune reads version 1.", .group = "general", .isExpert = true},
        {.key = "name", .type = OptionType::Text, .defaultValue = "run", .label = "Name",
            .help = "Runs started from this recipe are called <name>-1, <name>-2 and so on. Letters, digits, '.', '_' and '-'.", .group = "general"},
        {.key = "seed", .type = OptionType::Integer, .defaultValue = 42, .label = "Seed",
            .help = "Start of all random choices: order of rows, initial adapter, dropout, evaluation rows. The same seed on the same machine gives "
                    "the same run; another seed shows how much of a result is luck.",
            .minimum = 0, .maximum = 4294967295.0, .group = "general"},
    };
}

}
