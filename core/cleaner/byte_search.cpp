// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/byte_search.h"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::cleaner {
namespace {

#ifdef __SSE2__
__m128i sixteen(const char* bytes)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}
#endif

}

std::size_t firstWide(std::string_view text, std::size_t at)
{
#ifdef __SSE2__
    for (; at + 16 <= text.size(); at += 16)
        if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(sixteen(text.data() + at))))
            return at + static_cast<std::size_t>(std::countr_zero(mask));
#endif
    while (at < text.size() && !(text[at] & 0x80))
        ++at;
    return at;
}

bool contains(std::string_view text, std::string_view part)
{
    const std::size_t length = part.size();
    if (length == 0 || length > text.size())
        return length == 0;
    std::size_t at = 0;
#ifdef __SSE2__
    const std::size_t places = text.size() - length + 1;
    // Places where both the first and the last byte fit are rare; the rest of the part is compared there.
    const __m128i first = _mm_set1_epi8(part.front()), last = _mm_set1_epi8(part.back());
    const char* ends = text.data() + length - 1;
    // Where they are not rare, the search that never goes back is the faster one.
    for (std::size_t compared = 0; places >= 16 && compared <= 4 * text.size();) {
        const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(sixteen(text.data() + at), first), _mm_cmpeq_epi8(sixteen(ends + at), last));
        for (auto mask = static_cast<unsigned>(_mm_movemask_epi8(both)); mask; mask &= mask - 1) {
            if (std::memcmp(text.data() + at + std::countr_zero(mask), part.data(), length) == 0)
                return true;
            compared += length;
        }
        if (at == places - 16)
            return false;
        at = std::min(at + 16, places - 16);  // the last sixteen places overlap those before
    }
#endif
    return ::memmem(text.data() + at, text.size() - at, part.data(), length);
}

}
