// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_spec.h"

#include <string>

namespace attune::families {

/// What a spec asks for that the hand-written passes of model::Decoder lack, in words that follow "a model of this
/// architecture"; empty when nothing. Programs that forecast a run ask it without LibTorch.
std::string missingInFastDecoder(const ModelSpec& spec);
/// Whether a model of this spec is loaded as a Decoder; others run on the general Network.
bool runsOnFastDecoder(const ModelSpec& spec);

}
