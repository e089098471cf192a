// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"

namespace attune::pipeline {

/// Whether micro-batches are filled with rows up to batch size x context tokens. Where a row counts as one, as with labels
/// and preferences, batch_size is a number of rows whatever data.packing says: a step would learn from hundreds of short
/// rows at once, and a run would have few steps.
bool packsRows(const Recipe& recipe);

}
