// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "formats/peft_adapter.h"

#include <cstdint>

namespace attune::model {
class Network;
}

namespace attune::peft {

/// LoRA and DoRA on the general network: on linears and the embedding table, with dropout, patterns of rank
/// and alpha, LoRA+, PiSSA and modules that are trained in full.
/// Errors: RecipeValue, Unsupported.
Status applyLowRank(model::Network& network, const Json& values, std::uint64_t seed, bool isDora);
/// Errors: AdapterMismatch, Unsupported.
Status loadLowRank(model::Network& network, const formats::PeftAdapter& adapter, bool isTrainable);

}
