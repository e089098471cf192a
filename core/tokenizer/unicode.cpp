// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/unicode.h"

#include <simdjson.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstring>
#include <memory>

namespace attune::tokenizer {
namespace {

std::uint8_t classOfCategory(UCharCategory category)
{
    const auto mask = U_MASK(category);
    if (mask & U_GC_L_MASK)
        return kLetter;
    if (mask & U_GC_N_MASK)
        return kNumber;
    if (mask & U_GC_MN_MASK)
        return kMark | kNonspacing;
    if (mask & U_GC_M_MASK)
        return kMark;
    if (mask & U_GC_P_MASK)
        return kPunctuation;
    if (mask & U_GC_S_MASK)
        return kSymbol;
    return (mask & U_GC_C_MASK) && category != U_UNASSIGNED ? kControl : 0;
}

UBool fillRange(const void* context, UChar32 start, UChar32 limit, UCharCategory category)
{
    std::memset(static_cast<std::uint8_t*>(const_cast<void*>(context)) + start, classOfCategory(category),
        static_cast<std::size_t>(limit - start));
    return true;
}

std::unique_ptr<std::uint8_t[]> makeClasses()
{
    auto table = std::make_unique<std::uint8_t[]>(kCodePoints);
    u_enumCharTypes(fillRange, table.get());
    // The property White_Space (PropList.txt).
    for (char32_t c : {U'\t', U'\n', U'\v', U'\f', U'\r', U' ', U'\u0085', U'\u00A0', U'\u1680', U'\u2028', U'\u2029', U'\u202F', U'\u205F', U'\u3000'})
        table[c] = kWhitespace;
    for (char32_t c = 0x2000; c <= 0x200A; ++c)
        table[c] = kWhitespace;
    return table;
}

const icu::Normalizer2* normalizerFor(NormalForm form)
{
    UErrorCode error = U_ZERO_ERROR;
    switch (form) {
    case NormalForm::Nfc: return icu::Normalizer2::getNFCInstance(error);
    case NormalForm::Nfd: return icu::Normalizer2::getNFDInstance(error);
    case NormalForm::Nfkc: return icu::Normalizer2::getNFKCInstance(error);
    case NormalForm::Nfkd: return icu::Normalizer2::getNFKDInstance(error);
    }
    return nullptr;
}

/// Length of the valid sequence at text[at], or 0; prefix receives the length of the maximal valid prefix.
int validLength(std::string_view text, std::size_t at, int& prefix)
{
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0; };
    const unsigned b0 = byte(0);
    prefix = 1;
    if (b0 < 0x80)
        return 1;
    if (b0 < 0xC2 || b0 > 0xF4)
        return 0;
    const int length = b0 < 0xE0 ? 2 : b0 < 0xF0 ? 3 : 4;
    // The second byte's range excludes overlong forms, surrogates and values above U+10FFFF.
    const unsigned low = b0 == 0xE0 ? 0xA0 : b0 == 0xF0 ? 0x90 : 0x80;
    const unsigned high = b0 == 0xED ? 0x9F : b0 == 0xF4 ? 0x8F : 0xBF;
    for (int i = 1; i < length; ++i) {
        const unsigned b = byte(static_cast<std::size_t>(i));
        if (i == 1 ? (b < low || b > high) : (b & 0xC0) != 0x80)
            return 0;
        prefix = i + 1;
    }
    return length;
}

}

const std::uint8_t* charClasses()
{
    static const auto table = makeClasses();
    return table.get();
}

void appendUtf8(std::string& out, char32_t value)
{
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xC0 | (value >> 6));
        out += static_cast<char>(0x80 | (value & 0x3F));
    } else if (value < 0x10000) {
        out += static_cast<char>(0xE0 | (value >> 12));
        out += static_cast<char>(0x80 | ((value >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (value & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (value >> 18));
        out += static_cast<char>(0x80 | ((value >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((value >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (value & 0x3F));
    }
}

bool isValidUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

bool isAscii(std::string_view text)
{
    unsigned char bits = 0;
    for (const char c : text)
        bits |= static_cast<unsigned char>(c);
    return bits < 0x80;
}

std::string toValidUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    int prefix = 0;
    for (std::size_t i = 0; i < text.size();) {
        const int length = validLength(text, i, prefix);
        if (length)
            out.append(text, i, static_cast<std::size_t>(length));
        else
            out += "\xEF\xBF\xBD";
        i += static_cast<std::size_t>(length ? length : 1);
    }
    return out;
}

std::string toUtf8Lossy(std::string_view bytes)
{
    if (isValidUtf8(bytes))
        return std::string(bytes);
    std::string out;
    out.reserve(bytes.size());
    int prefix = 0;
    for (std::size_t i = 0; i < bytes.size();) {
        const int length = validLength(bytes, i, prefix);
        if (length)
            out.append(bytes, i, static_cast<std::size_t>(length));
        else
            out += "\xEF\xBF\xBD";
        i += static_cast<std::size_t>(length ? length : prefix);
    }
    return out;
}

std::string normalized(std::string_view text, NormalForm form)
{
    if (isAscii(text))
        return std::string(text);
    const auto* normalizer = normalizerFor(form);
    UErrorCode error = U_ZERO_ERROR;
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    normalizer->normalizeUTF8(0, piece, sink, nullptr, error);
    return U_SUCCESS(error) ? out : std::string(text);
}

void appendLowercased(std::string& out, char32_t value)
{
    if (value == 0x130)
        out += "i\xCC\x87";  // the one unconditional lower case of two code points
    else
        appendUtf8(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(value))));
}

std::string lowercased(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char* p = text.data(); p < text.data() + text.size();) {
        const auto [value, length] = codePointAt(p);
        appendLowercased(out, value);
        p += length;
    }
    return out;
}

}
