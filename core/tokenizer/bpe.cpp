// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/bpe.h"

#include "tokenizer/unicode.h"

#include <queue>

namespace attune::tokenizer {
namespace {

constexpr std::int32_t kNoSymbol = -1;
/// Above this many symbols the quadratic scan loses to a heap.
constexpr std::size_t kShortWord = 48;

}

BpeModel::BpeModel(Options options, std::int32_t vocabSize)
    : m_options(std::move(options))
    , m_vocabSize(vocabSize)
    , m_made(vocabSize)
{
    m_byteIds.fill(-1);
    m_byteTokens.fill(-1);
}

void BpeModel::reserve(std::size_t tokens, std::size_t bytes, std::size_t merges)
{
    m_vocab.reserve(tokens, bytes);
    m_merges.reserve(merges);
}

std::int32_t BpeModel::idOrMade(std::string_view text, bool& isKnown)
{
    if (const auto id = m_vocab.find(text); id >= 0)
        return id;
    isKnown = false;
    if (const auto id = m_madeVocab.find(text); id >= 0)
        return id;
    m_madeVocab.add(text, m_made);
    return m_made++;
}

bool BpeModel::addMerge(std::string_view left, std::string_view right, std::int32_t rank, bool replace)
{
    bool isKnown = true;
    const auto leftId = idOrMade(left, isKnown);
    const auto rightId = idOrMade(right, isKnown);
    const auto strip = !m_options.continuingPrefix.empty() && right.starts_with(m_options.continuingPrefix)
        ? m_options.continuingPrefix.size() : 0;
    std::string whole(left);
    whole += right.substr(strip);
    m_merges.add(leftId, rightId, {rank, idOrMade(whole, isKnown)}, replace);
    return isKnown;
}

void BpeModel::finish()
{
    for (int b = 0; b < 256; ++b) {
        const char byte = static_cast<char>(b);
        m_byteIds[static_cast<std::size_t>(b)] = m_vocab.find({&byte, 1});
    }
}

void BpeModel::splitBytes(std::string_view word, std::vector<Symbol>& symbols) const
{
    for (std::size_t i = 0; i < word.size(); ++i)
        symbols.push_back({m_byteIds[static_cast<unsigned char>(word[i])], 0, 0, static_cast<std::uint32_t>(i), 1});
}

void BpeModel::splitCodePoints(std::string_view word, std::vector<Symbol>& symbols) const
{
    std::string text;
    for (std::size_t i = 0; i < word.size();) {
        const auto length = std::min<std::size_t>(static_cast<std::size_t>(sequenceLength(word[i])), word.size() - i);
        std::string_view piece = word.substr(i, length);
        if (!m_options.continuingPrefix.empty() || !m_options.endSuffix.empty()) {
            text = (i ? m_options.continuingPrefix : std::string()) + std::string(piece);
            if (i + length == word.size())
                text += m_options.endSuffix;
            piece = text;
        }
        auto id = m_vocab.find(piece);
        if (id < 0)
            id = m_madeVocab.find(piece);
        symbols.push_back({id, 0, 0, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(length)});
        i += length;
    }
}

/// Few symbols: find the best pair by looking at all of them; the ranks fit in one cache line or two.
void BpeModel::mergeShort(std::vector<Symbol>& symbols) const
{
    Merge pairs[kShortWord];
    std::size_t n = symbols.size();
    const auto pairAt = [&](std::size_t i) {
        return symbols[i].id < 0 || symbols[i + 1].id < 0 ? Merge {} : m_merges.find(symbols[i].id, symbols[i + 1].id);
    };
    for (std::size_t i = 0; i + 1 < n; ++i)
        pairs[i] = pairAt(i);
    while (n > 1) {
        std::size_t best = 0;
        std::uint32_t bestRank = ~0u;
        for (std::size_t i = 0; i + 1 < n; ++i) {
            const auto rank = static_cast<std::uint32_t>(pairs[i].rank);  // -1 becomes the largest
            if (rank < bestRank) {
                bestRank = rank;
                best = i;
            }
        }
        if (bestRank == ~0u)
            break;
        symbols[best].id = pairs[best].id;
        symbols[best].length += symbols[best + 1].length;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        for (std::size_t i = best; i + 2 < n; ++i)
            pairs[i] = pairs[i + 1];
        --n;
        if (best + 1 < n)
            pairs[best] = pairAt(best);
        if (best > 0)
            pairs[best - 1] = pairAt(best - 1);
    }
}

void BpeModel::mergeLong(std::vector<Symbol>& symbols) const
{
    struct Candidate {
        std::int32_t rank, left, leftId, rightId, id;
        bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
    };
    std::vector<Candidate> storage;
    storage.reserve(symbols.size());
    std::priority_queue<Candidate> queue({}, std::move(storage));
    const auto push = [&](std::int32_t left) {
        if (left == kNoSymbol || symbols[static_cast<std::size_t>(left)].next == kNoSymbol)
            return;
        const auto& a = symbols[static_cast<std::size_t>(left)];
        const auto& b = symbols[static_cast<std::size_t>(a.next)];
        if (a.id < 0 || b.id < 0)
            return;
        if (const Merge merge = m_merges.find(a.id, b.id); merge.rank >= 0)
            queue.push({merge.rank, left, a.id, b.id, merge.id});
    };
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        symbols[i].previous = static_cast<std::int32_t>(i) - 1;
        symbols[i].next = i + 1 < symbols.size() ? static_cast<std::int32_t>(i) + 1 : kNoSymbol;
    }
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        push(static_cast<std::int32_t>(i));
    while (!queue.empty()) {
        const Candidate c = queue.top();
        queue.pop();
        auto& a = symbols[static_cast<std::size_t>(c.left)];
        if (a.length == 0 || a.id != c.leftId || a.next == kNoSymbol || symbols[static_cast<std::size_t>(a.next)].id != c.rightId)
            continue;  // one of the two was merged since
        auto& b = symbols[static_cast<std::size_t>(a.next)];
        a.id = c.id;
        a.length += b.length;
        b.length = 0;
        a.next = b.next;
        if (a.next != kNoSymbol)
            symbols[static_cast<std::size_t>(a.next)].previous = c.left;
        push(a.previous);
        push(c.left);
    }
    std::erase_if(symbols, [](const Symbol& s) { return s.length == 0; });
}

void BpeModel::emit(std::string_view word, const std::vector<Symbol>& symbols, Ids& ids) const
{
    bool wasUnknown = false;
    for (const auto& symbol : symbols) {
        if (symbol.id >= 0 && symbol.id < m_vocabSize) {
            ids.push_back(symbol.id);
            wasUnknown = false;
            continue;
        }
        const auto bytes = word.substr(symbol.offset, symbol.length);
        if (m_options.byteLevel) {  // a merge result that is no token: its bytes that are
            for (const char b : bytes)
                if (const auto id = m_byteIds[static_cast<unsigned char>(b)]; id >= 0)
                    ids.push_back(id);
            continue;
        }
        bool hasBytes = m_options.byteFallback;
        for (const char b : bytes)
            hasBytes = hasBytes && m_byteTokens[static_cast<unsigned char>(b)] >= 0;
        if (hasBytes) {
            for (const char b : bytes)
                ids.push_back(m_byteTokens[static_cast<unsigned char>(b)]);
            wasUnknown = false;
        } else if (m_options.unknown >= 0) {
            if (!(wasUnknown && m_options.fuseUnknown))
                ids.push_back(m_options.unknown);
            wasUnknown = true;
        }
    }
}

void BpeModel::encode(std::string_view word, Ids& ids) const
{
    if (word.empty())
        return;
    if (m_options.ignoreMerges) {
        if (const auto id = m_vocab.find(word); id >= 0) {
            ids.push_back(id);
            return;
        }
    }
    thread_local std::vector<Symbol> symbols;
    symbols.clear();
    if (m_options.byteLevel)
        splitBytes(word, symbols);
    else
        splitCodePoints(word, symbols);
    if (symbols.size() <= kShortWord)
        mergeShort(symbols);
    else
        mergeLong(symbols);
    emit(word, symbols, ids);
    if (symbols.capacity() > (1u << 20))
        std::vector<Symbol>().swap(symbols);  // one huge word must not keep its memory for good
}

}
