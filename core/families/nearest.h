// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace attune::families {

/// Why a model of an unknown architecture cannot be used, in one sentence: its name, the known family whose
/// weights are named most alike, and which kinds of weights that one does not have.
/// tensorNames: of the file, in either naming.
std::string unknownArchitecture(const std::string& architecture, const std::vector<std::string>& tensorNames);

}
