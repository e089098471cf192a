// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/peft_adapter.h"
#include "peft/low_rank.h"
#include "peft/peft_method.h"

namespace attune::peft {

const PeftMethod& dora()
{
    static const PeftMethod method {.id = "dora",
        .peftType = "LORA",
        .applyTo = [](model::Network& network, const Json& values, std::uint64_t seed) { return applyLowRank(network, values, seed, true); },
        .loadInto = loadLowRank,
        .takes = [](const formats::PeftAdapter& adapter) { return adapter.usesDora(); }};
    return method;
}

}
