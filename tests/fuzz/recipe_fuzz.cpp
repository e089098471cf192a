// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include "pipeline/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    const auto recipe = pipeline::Recipe::parse(std::string(fuzz::textOf(data, size)), "/");
    if (!recipe)
        fuzz::require(!recipe.error().message.empty(), "an error says what");
    return 0;
}
