// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <map>
#include <string>

namespace attune::pipeline {

/// A recipe's text as values, before the schema has seen it.
struct YamlDocument {
    Json root;
    std::map<std::string, std::string> plainText;  ///< "training.seed" -> as written, where the value is a number ("007", "1.10")
    std::map<std::string, int> lines;              ///< "training.seed" -> line, from 1
};

/// Reads YAML (1.2 core types; JSON is a part of it) that may be hostile: at most 1 MiB, 64 levels and
/// 20 000 values after aliases are followed, no recursion of our own. "2e-4" is a number.
/// Error: RecipeSyntax, with the line.
Result<YamlDocument> parseYaml(const std::string& text);

/// One value as `--set key=value` gives it. Error: RecipeSyntax.
Result<YamlDocument> parseYamlValue(const std::string& text);

/// Numbers, words, lists and maps on one line, as YAML 1.1 and 1.2 readers agree on them: floats have a
/// dot and a two-digit exponent ("2.0e-04"), words that a reader may take for something else are quoted.
std::string yamlScalar(const Json& value);

}
