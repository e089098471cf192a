// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// A recipe in another trainer's words.
struct ConvertedRecipe {
    Json config = Json::object();       ///< their keys, in their order
    std::vector<std::string> unmapped;  ///< our keys with a meaning that is lost, each with a sentence
    std::string command;                ///< how it is started there
    std::string yaml() const;
};

/// The trainers that recipes can be converted for: axolotl, trl, llamafactory.
std::vector<std::string> conversionTargets();

/// target: one of conversionTargets(). dataFile: where the rows lie as JSONL with a "messages" column; empty: the
/// recipe's data.train as it is. Sources: the projects' own documentation of their configuration files.
/// Errors: Usage for an unknown target.
Result<ConvertedRecipe> convertRecipe(const Recipe& recipe, const std::string& target, const std::string& dataFile);

}
