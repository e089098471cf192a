// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>
#include <string_view>

namespace attune::pages {

/// What the form calls a value of a setting: "LoRA" for lora, "Follow examples" for sft. A value without a label is its
/// own name.
QString choiceName(std::string_view key, const std::string& value);

/// The head of a hash: enough to tell two apart, and as long on every page.
QString shortHash(const std::string& hash);

}
