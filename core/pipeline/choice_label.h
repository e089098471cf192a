// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune::pipeline {

/// What the form calls a value of a recipe's setting: "LoRA" for lora; empty where the value is no choice with a label.
std::string choiceLabel(std::string_view key, std::string_view value);

}
