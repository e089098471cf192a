// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/noise.h"
#include "cleaner/text.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>

namespace attune::cleaner {
namespace {

std::string toUpper(std::string_view text)
{
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode error = U_ZERO_ERROR;
    icu::CaseMap::utf8ToUpper("", 0, {text.data(), static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 1u << 30))}, sink, nullptr, error);
    return U_SUCCESS(error) ? out : std::string(text);
}

/// All small (as most people type in a hurry), all capital, or the first letter small.
bool change(Random& random, std::string_view text, std::string& out)
{
    switch (random.below(4)) {
    case 0: out = toUpper(text); break;
    case 1: {
        const auto starts = characterStarts(text);
        const std::size_t first = starts.size() > 1 ? starts[1] : text.size();
        out = toLower(text.substr(0, first)) + std::string(text.substr(first));
        break;
    }
    default: out = toLower(text);
    }
    return out != text;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    return makeNoise(options, columns, 1, change);
}

}

const Rule& augment_case()
{
    static const Rule rule {"augment_case", "Noise: upper and lower case",
        "Writes a share of the prompts in small or capital letters, and marks them as synthetic.",
        noiseOptions({}), prepare};
    return rule;
}

}
