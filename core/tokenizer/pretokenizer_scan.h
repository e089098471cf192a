// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/unicode.h"

namespace attune::tokenizer {

/// Hand-written scanners for the pre-tokenizers that nearly all byte-level vocabularies use. They cut
/// valid UTF-8 into words exactly as the patterns below do, without a regex engine (which would take
/// most of the time of tokenisation). Each calls emit(begin, end) per word, in order, gap-free.

/// `\s+` behind: where the run of white space at p ends. last receives the start of its last code
/// point, afterNewline the end of its last \r or \n (or null).
inline const char* skipWhitespace(const std::uint8_t* classes, const char* p, const char* end, const char*& last, const char*& afterNewline)
{
    afterNewline = nullptr;
    while (p < end) {
        const auto [value, length] = codePointAt(p);
        if (!(classes[value] & kWhitespace))
            break;
        last = p;
        p += length;
        if (value == '\n' || value == '\r')
            afterNewline = p;
    }
    return p;
}

template<std::uint8_t Mask>
inline const char* skipClass(const std::uint8_t* classes, const char* p, const char* end)
{
    while (p < end) {
        const auto [value, length] = codePointAt(p);
        if (!(classes[value] & Mask))
            break;
        p += length;
    }
    return p;
}

template<std::uint8_t Mask>
inline const char* skipOther(const std::uint8_t* classes, const char* p, const char* end)
{
    while (p < end) {
        const auto [value, length] = codePointAt(p);
        if (classes[value] & Mask)
            break;
        p += length;
    }
    return p;
}

/// Length of the contraction behind an apostrophe at p ('s 't 'm 'd 're 've 'll), 0 if there is none.
/// FoldCase: `(?i:…)`; with it the long s U+017F counts as s, as case folding has it.
template<bool FoldCase>
inline int contractionLength(const char* p, const char* end, bool foldLongS = false)
{
    if (end - p < 2)
        return 0;
    const auto fold = [](char c) { return FoldCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const char a = fold(p[1]);
    if (a == 's' || a == 't' || a == 'm' || a == 'd')
        return 2;
    if (end - p < 3)
        return 0;
    if (FoldCase && foldLongS && p[1] == '\xC5' && p[2] == '\xBF')
        return 3;
    const char b = fold(p[2]);
    return (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/// SplitNumbers: every \p{N} is cut out first and ends the text around it (SmolLM, StarCoder, Command-R).
template<bool SplitNumbers, typename Emit>
inline void scanGpt2(const char* p, const char* end, Emit&& emit)
{
    const std::uint8_t* classes = charClasses();
    constexpr std::uint8_t kWord = kLetter | kNumber | kWhitespace;
    while (p < end) {
        const char* begin = p;
        if (*p == '\'') {
            if (const int n = contractionLength<false>(p, end)) {
                p += n;
                emit(begin, p);
                continue;
            }
        }
        auto [value, length] = codePointAt(p);
        std::uint8_t kind = classes[value];
        if (value == ' ' && p + 1 < end) {
            const auto next = codePointAt(p + 1);
            const std::uint8_t nextKind = classes[next.value];
            if (!(nextKind & kWhitespace) && !(SplitNumbers && (nextKind & kNumber))) {
                ++p;
                kind = nextKind;
                length = next.length;
            }
        }
        if (kind & kLetter) {
            p = skipClass<kLetter>(classes, p + length, end);
        } else if (kind & kNumber) {
            p = SplitNumbers ? p + length : skipClass<kNumber>(classes, p + length, end);
        } else if (!(kind & kWhitespace)) {
            p = skipOther<kWord>(classes, p + length, end);
        } else {
            const char* last = p;
            const char* newline = nullptr;
            p = skipWhitespace(classes, p, end, last, newline);
            const bool endsText = p == end || (SplitNumbers && (classes[codePointAt(p).value] & kNumber));
            if (!endsText && last > begin)
                p = last;
        }
        emit(begin, p);
    }
}

/// Llama 3: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
/// MaxNumbers 3; Qwen 2 is the same with 1; WithMarks: `[\p{L}\p{M}]` in place of `\p{L}` (Qwen 3.5).
template<int MaxNumbers, bool WithMarks, typename Emit>
inline void scanLlama3(const char* p, const char* end, bool foldLongS, Emit&& emit)
{
    const std::uint8_t* classes = charClasses();
    constexpr std::uint8_t kLetters = WithMarks ? kLetter | kMark : kLetter;
    constexpr std::uint8_t kWord = kLetters | kNumber | kWhitespace;
    while (p < end) {
        const char* begin = p;
        if (*p == '\'') {
            if (const int n = contractionLength<true>(p, end, foldLongS)) {
                p += n;
                emit(begin, p);
                continue;
            }
        }
        const auto [value, length] = codePointAt(p);
        const std::uint8_t kind = classes[value];
        if (kind & kLetters) {
            p = skipClass<kLetters>(classes, p + length, end);
            emit(begin, p);
            continue;
        }
        if (kind & kNumber) {
            p += length;
            for (int n = 1; n < MaxNumbers && p < end; ++n) {
                const auto next = codePointAt(p);
                if (!(classes[next.value] & kNumber))
                    break;
                p += next.length;
            }
            emit(begin, p);
            continue;
        }
        const std::uint8_t nextKind = p + length < end ? classes[codePointAt(p + length).value] : std::uint8_t {kWhitespace};
        if (value != '\r' && value != '\n' && (nextKind & kLetters)) {
            p = skipClass<kLetters>(classes, p + length, end);
            emit(begin, p);
            continue;
        }
        const bool isOther = !(kind & kWhitespace);
        if (isOther || (value == ' ' && !(nextKind & kWord))) {
            p = skipOther<kWord>(classes, p + length, end);
            while (p < end && (*p == '\r' || *p == '\n'))
                ++p;
            emit(begin, p);
            continue;
        }
        const char* last = p;
        const char* newline = nullptr;
        p = skipWhitespace(classes, p, end, last, newline);
        if (newline)
            p = newline;
        else if (p < end && last > begin)
            p = last;
        emit(begin, p);
    }
}

}
