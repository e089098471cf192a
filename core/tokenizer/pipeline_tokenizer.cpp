// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/pipeline_tokenizer.h"

#include "tokenizer/pretokenizer_scan.h"
#include "tokenizer/word_cache.h"

#include <atomic>

namespace attune::tokenizer {
namespace {

std::uint64_t nextSerial()
{
    static std::atomic<std::uint64_t> counter {1};
    return counter++;
}

WordCache& threadCache()
{
    thread_local WordCache cache;
    return cache;
}

std::string withSpacesEscaped(std::string_view text, bool hasPrefix)
{
    std::string out;
    out.reserve(text.size() + text.size() / 2 + 3);
    if (hasPrefix)
        out += "\xE2\x96\x81";
    for (const char c : text)
        if (c == ' ')
            out += "\xE2\x96\x81";
        else
            out += c;
    return out;
}

}

void TokenizerParts::addToken(const AddedToken& token, AddedToken lookedFor)
{
    const auto id = static_cast<std::size_t>(token.id);
    if (tokens.size() <= id)
        tokens.resize(id + 1);
    special.resize(std::max(special.size(), tokens.size()));
    added.resize(std::max(added.size(), tokens.size()));
    tokens[id] = token.content;
    if (!pieces.empty()) {
        pieces.resize(tokens.size());
        pieces[id] = decoder.isByteLevel() ? byteLevelPiece(token.content) : token.content;
    }
    special[id] = token.isSpecial;
    added[id] = 1;
    (token.isNormalized && !normalizer.isEmpty() ? addedNormalized : addedRaw).add(std::move(lookedFor));
}

PipelineTokenizer::PipelineTokenizer(TokenizerParts parts)
    : m_parts(std::move(parts))
    , m_serial(nextSerial())
    , m_keepsAscii(m_parts.normalizer.keepsAscii())
{
    m_parts.special.resize(m_parts.tokens.size());
}

void PipelineTokenizer::encode(std::string_view text, SpecialTokens special, Ids& ids) const
{
    std::string repaired;
    if (!m_parts.takesAnyBytes && !isValidUtf8(text)) {
        repaired = toValidUtf8(text);
        text = repaired;
    }
    if (special == SpecialTokens::Add)
        ids.insert(ids.end(), m_parts.prefix.begin(), m_parts.prefix.end());
    std::vector<Segment> segments;
    m_parts.addedRaw.split(text, segments);
    bool isAfterSpecial = true;
    for (const auto& segment : segments) {
        const auto part = text.substr(segment.begin, segment.end - segment.begin);
        if (segment.id >= 0)
            ids.push_back(segment.id);
        else if (m_parts.marksSegments || m_parts.escapesSpaces)
            encodeMarked(part, isAfterSpecial, ids);
        else
            encodeText(part, segment.begin == 0, ids);
        isAfterSpecial = segment.id >= 0;
    }
    if (special == SpecialTokens::Add)
        ids.insert(ids.end(), m_parts.suffix.begin(), m_parts.suffix.end());
}

void PipelineTokenizer::encodeMarked(std::string_view text, bool isAfterSpecial, Ids& ids) const
{
    const bool hasPrefix = m_parts.marksSegments && isAfterSpecial;
    if (m_parts.escapesSpaces)
        encodeWords(withSpacesEscaped(text, hasPrefix), false, ids);
    else
        encodeWords(hasPrefix ? " " + std::string(text) : std::string(text), false, ids);
}

void PipelineTokenizer::encodeText(std::string_view text, bool isAtStart, Ids& ids) const
{
    std::string changed;
    if (!m_parts.normalizer.isEmpty() && !(m_keepsAscii && isAscii(text))) {
        changed = m_parts.normalizer.apply(text);
        text = changed;
    }
    if (m_parts.addedNormalized.isEmpty()) {
        encodeWords(text, isAtStart, ids);
        return;
    }
    std::vector<Segment> segments;
    m_parts.addedNormalized.split(text, segments);
    for (const auto& segment : segments) {
        if (segment.id >= 0)
            ids.push_back(segment.id);
        else
            encodeWords(text.substr(segment.begin, segment.end - segment.begin), isAtStart && segment.begin == 0, ids);
    }
}

template<typename Scan>
void PipelineTokenizer::scanWords(std::string_view text, Ids& ids, Scan&& scan) const
{
    WordCache& cache = threadCache();
    cache.use(m_serial);
    const TokenModel& model = *m_parts.model;
    const char* end = text.data() + text.size();
    scan(text.data(), end, [&](const char* from, const char* to) { cache.encode(from, to, end, model, ids); });
}

void PipelineTokenizer::encodeWords(std::string_view text, bool isAtStart, Ids& ids) const
{
    if (text.empty())
        return;
    const bool foldLongS = m_parts.preTokenizer.foldsLongS();
    using Scanner = PreTokenizer::Scanner;
    switch (m_parts.preTokenizer.scanner()) {
    case Scanner::Gpt2:
        return scanWords(text, ids, [](const char* p, const char* end, auto&& emit) { scanGpt2<false>(p, end, emit); });
    case Scanner::Gpt2Numbers:
        return scanWords(text, ids, [](const char* p, const char* end, auto&& emit) { scanGpt2<true>(p, end, emit); });
    case Scanner::Llama3:
        return scanWords(text, ids, [=](const char* p, const char* end, auto&& emit) { scanLlama3<3, false>(p, end, foldLongS, emit); });
    case Scanner::Qwen2:
        return scanWords(text, ids, [=](const char* p, const char* end, auto&& emit) { scanLlama3<1, false>(p, end, foldLongS, emit); });
    case Scanner::Qwen35:
        return scanWords(text, ids, [=](const char* p, const char* end, auto&& emit) { scanLlama3<1, true>(p, end, foldLongS, emit); });
    case Scanner::None: break;
    }
    if (m_parts.preTokenizer.isEmpty()) {
        m_parts.model->encode(text, ids);
        return;
    }
    PreTokenizer::Words words;
    m_parts.preTokenizer.split(text, isAtStart, words);
    WordCache& cache = threadCache();
    cache.use(m_serial);
    for (const auto& word : words.words)
        if (!word.empty())
            cache.encode(word.data(), word.data() + word.size(), word.data() + word.size(), *m_parts.model, ids);
}

std::string PipelineTokenizer::piece(std::int32_t id) const
{
    if (!isKnown(id))
        return {};
    const auto index = static_cast<std::size_t>(id);
    return index < m_parts.pieces.size() ? m_parts.pieces[index] : m_parts.tokens[index];
}

std::string PipelineTokenizer::decode(std::span<const std::int32_t> ids, bool skipSpecial) const
{
    if (m_parts.decodesPieces || m_parts.decoder.isByteLevel()) {
        std::string bytes;
        for (const auto id : ids)
            if (isKnown(id) && !(skipSpecial && isSpecial(id)))
                bytes += m_parts.pieces[static_cast<std::size_t>(id)];
        if (m_parts.dropsFirstSpace && bytes.starts_with(' '))
            bytes.erase(0, 1);
        return toUtf8Lossy(bytes);
    }
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const auto id : ids)
        if (isKnown(id) && !(skipSpecial && isSpecial(id)))
            tokens.push_back(m_parts.tokens[static_cast<std::size_t>(id)]);
    return m_parts.decoder.decode(std::move(tokens));
}

std::int32_t PipelineTokenizer::idOf(std::string_view token) const
{
    std::call_once(m_namesOnce, [this] {
        std::size_t bytes = 0;
        for (const auto& t : m_parts.tokens)
            bytes += t.size();
        m_names.reserve(m_parts.tokens.size(), bytes);
        for (std::size_t i = 0; i < m_parts.tokens.size(); ++i)
            if (!m_parts.tokens[i].empty())
                m_names.add(m_parts.tokens[i], static_cast<std::int32_t>(i), false);
    });
    return m_names.find(token);
}

}
