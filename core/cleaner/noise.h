// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/random.h"
#include "cleaner/rule.h"

namespace attune::cleaner {

/// Changes a text at random; true if `out` differs.
using NoiseMaker = std::function<bool(Random&, std::string_view, std::string& out)>;

/// A step that puts noise into a share of the rows and marks them as synthetic in a column of their own
/// (a boolean, added when missing). Which rows and what noise follow from the seed and the row's content
/// alone, so that a replay gives the same. Without named columns: what a user would write (prompt, input,
/// labelled text, user's turns), never the answers. Errors: FileCorrupt (columns).
Result<std::unique_ptr<PreparedStep>> makeNoise(const Json& options, std::vector<Column>& columns, std::uint64_t kind, NoiseMaker noise);
/// The options that all noise has, then `own`.
OptionSchema noiseOptions(std::vector<Option> own);
/// Where a text's characters begin.
std::vector<std::size_t> characterStarts(std::string_view text);

}
