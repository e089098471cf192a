// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include "cleaner/scanner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    static const auto scanner = [] {
        cleaner::ScanOptions options;
        options.names = {"Anna", "\xC3\x96zil"};
        return *cleaner::Scanner::create(options);
    }();
    std::vector<cleaner::Found> found;
    scanner.scan(fuzz::textOf(data, size), size % 2 ? "phone" : "", found);
    std::size_t last = 0;
    for (const auto& f : found) {
        fuzz::require(f.begin >= last && f.begin < f.end && f.end <= size, "finds are in order, apart and inside of the text");
        last = f.end;
    }
    return 0;
}
