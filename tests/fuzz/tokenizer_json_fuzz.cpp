// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include "tokenizer/loaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    fuzz::writeScratch("tokenizer.json", fuzz::textOf(data, size));
    const auto tokenizer = tokenizer::loadHfTokenizer(fuzz::scratchFolder());
    if (!tokenizer) {
        fuzz::require(!tokenizer.error().message.empty(), "an error says what");
        return 0;
    }
    const auto ids = (*tokenizer)->encode("Hello, wörld! 123  <s>\n\xF0\x9F\x99\x82");
    (void)(*tokenizer)->decode(ids, false);
    return 0;
}
