// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/batch.h"

#include <vector>

namespace attune::trainer {

/// The micro-batches of one optimizer step.
using Window = std::vector<model::PackedBatch>;

/// What a pass works on at most when the batches are cut into pieces of about this many tokens: no row is ever cut.
std::int64_t largestPiece(const Window& window, std::int64_t pieceTokens);

/// The rows of a window that one of `size` processes works on: an equal part of the tokens, at most one piece of each batch.
/// Where a loss is no sum over rows (mayCut is false) whole batches by turns. The shares of all ranks make up the window.
Window shareOf(const Window& window, int rank, int size, bool mayCut);

}
