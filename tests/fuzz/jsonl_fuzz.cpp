// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    attune::fuzz::readSource("jsonl", attune::fuzz::textOf(data, size));
    return 0;
}
