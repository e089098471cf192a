// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/word_cache.h"

#include "base/hash.h"

namespace attune::tokenizer {

void WordCache::encodeLong(std::string_view word, const TokenModel& model, Ids& ids)
{
    if (word.size() > kLongest) {
        model.encode(word, ids);
        return;
    }
    LongEntry& entry = m_long[hash64(word) % kLongEntries];
    if (entry.length == word.size() && std::memcmp(entry.text.data(), word.data(), word.size()) == 0) {
        ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.count);
        return;
    }
    const std::size_t before = ids.size();
    model.encode(word, ids);
    const std::size_t count = ids.size() - before;
    if (count > entry.ids.size())
        return;
    entry.length = static_cast<std::uint8_t>(word.size());
    entry.count = static_cast<std::uint8_t>(count);
    std::copy(word.begin(), word.end(), entry.text.begin());
    std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(before), count, entry.ids.begin());
}

}
