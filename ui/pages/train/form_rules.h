// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"

#include <QString>
#include <string>

namespace attune::pages {

/// Why a visible setting has no effect with what else is chosen, in a few words for the hint column; empty: it has one.
/// (A setting that does not belong to the method or objective at all is not shown: Option::visibleKey.)
QString noEffectReason(const pipeline::Recipe& recipe, const std::string& key);

}
