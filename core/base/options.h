// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace attune {

enum class OptionType { Boolean, Integer, Number, Text, Choice, List, Map };

struct OptionChoice {
    std::string value {};
    std::string label {};
    std::string help {};
    bool isAvailable = true;  ///< false: part of the recipe's language, but this version cannot do it
};

/// One setting. The form, the CLI flag, validation, the recipe, the stored configuration and the
/// help text all come from this one row (house rule: options are one table).
struct Option {
    std::string key {};  ///< dotted recipe key: "training.learning_rate"
    OptionType type = OptionType::Text;
    Json defaultValue {};
    std::string label {};
    std::string help {};                       ///< one or two sentences; never empty
    std::string unit {};                       ///< "tokens", "rows", "steps"; shown inside the field
    std::optional<double> minimum {};          ///< inclusive, unless minimumIsExclusive
    std::optional<double> maximum {};          ///< inclusive
    bool minimumIsExclusive = false;
    std::vector<OptionChoice> choices {};      ///< for Choice; for Text and List: proposals
    std::vector<std::string> aliases {};       ///< full dotted keys that readers accept
    std::string group {};                      ///< section of the form: "essentials", "lora", "optimizer", "evaluation", "memory", "checkpoints", "safety"
    std::string typical {};                    ///< words: "1e-4 to 3e-4"
    std::string visibleKey {};                 ///< shown only while this key …
    std::vector<std::string> visibleValues {}; ///< … has one of these values
    bool isNullable = false;
    bool isExpert = false;

    /// The last part of the key.
    std::string name() const { return key.substr(key.rfind('.') + 1); }
};

/// What is wrong with a value: which key, what, and what to do.
struct OptionProblem {
    std::string key;
    std::string message;
    std::string hint;
    ErrorCode code = ErrorCode::RecipeValue;
};

/// An ordered table of options with lookup and validation. Immutable after construction; any thread.
class OptionSchema
{
public:
    OptionSchema() = default;
    explicit OptionSchema(std::vector<Option> options);

    const std::vector<Option>& options() const { return m_options; }
    /// By key or alias; null if there is none.
    const Option* find(std::string_view key) const;
    /// The nearest key to a mistyped one, or empty.
    std::string nearestKey(std::string_view key) const;
    /// Checks one value against type, range and choices; converts "2e-4" to a number and "a,b" to a
    /// list where one is wanted. On success value holds the canonical form.
    std::optional<OptionProblem> check(const Option& option, Json& value) const;
    /// The array of `recipe schema --json`.
    Json toJson() const;

private:
    std::vector<Option> m_options;
};

std::string_view typeName(OptionType type);

}
