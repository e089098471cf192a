// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"

namespace attune::families {

/// How an encoder's token states become one vector for a text.
struct Pooling {
    enum class Mode { Mean, First, Maximum };
    Mode mode = Mode::Mean;
    bool isNormalised = true;  ///< to length 1, so that a product of two vectors is their cosine
};

/// What sentence-transformers' files in the folder say (modules.json, 1_Pooling/config.json); without them the mean, normalised.
/// Errors: ModelUnsupported for a mode or module of theirs that is not known here, FileCorrupt.
Result<Pooling> poolingOf(const ModelSource& source);

}
