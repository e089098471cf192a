// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts first: they settle Chinese, Japanese, Korean, Hindi, Greek … For Latin, Cyrillic and Arabic letters, each
// language's score is the sum of log shares of the runs of one to four letters seen (Cavnar and Trenkle 1994 rank
// such runs; here they are naive Bayes features).
#include "cleaner/language.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace attune::cleaner {
namespace {

struct ProfileLine {
    const char *run, *steps;
};
struct ProfileGroup {
    const char* languages;
    std::vector<ProfileLine> lines;
};

#include "cleaner/language_profiles.inc"

constexpr std::size_t kMostLetters = 2000;
constexpr std::size_t kFewestLetters = 4;

/// A group's runs by their letters, 16 bits each: open addressing.
class Profiles
{
public:
    explicit Profiles(const ProfileGroup& group)
    {
        std::string_view names = group.languages;
        while (!names.empty()) {
            const auto end = std::min(names.find(' '), names.size());
            m_languages.emplace_back(names.substr(0, end));
            names.remove_prefix(std::min(end + 1, names.size()));
        }
        while (m_keys.size() < group.lines.size() * 2)
            m_keys.resize(std::max<std::size_t>(1024, m_keys.size() * 2));
        m_steps.resize(m_keys.size());
        for (const auto& line : group.lines) {
            const std::size_t slot = slotOf(keyOf(line.run));
            m_keys[slot] = keyOf(line.run);
            m_steps[slot] = line.steps;
        }
    }
    const std::vector<std::string>& languages() const { return m_languages; }
    /// Adds the steps (larger = rarer) of one run to each language's sum; false if no language knows it.
    bool add(std::uint64_t key, std::vector<std::int64_t>& sums) const
    {
        const char* steps = m_steps[slotOf(key)];
        if (!steps)
            return false;
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += steps[i] > '\\' ? steps[i] - 65 : steps[i] - 64;
        return true;
    }

private:
    static std::uint64_t keyOf(std::string_view run)
    {
        std::uint64_t key = 0;
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(run.size());) {
            UChar32 c = 0;
            U8_NEXT(reinterpret_cast<const std::uint8_t*>(run.data()), i, static_cast<std::int32_t>(run.size()), c);
            key = key << 16 | static_cast<std::uint16_t>(c);
        }
        return key;
    }
    std::size_t slotOf(std::uint64_t key) const
    {
        std::size_t slot = (key * 0x9E3779B97F4A7C15u) >> 40 & (m_keys.size() - 1);
        while (m_steps[slot] && m_keys[slot] != key)
            slot = (slot + 1) & (m_keys.size() - 1);
        return slot;
    }

    std::vector<std::string> m_languages;
    std::vector<std::uint64_t> m_keys;
    std::vector<const char*> m_steps;
};

enum Script { Latin, Cyrillic, Arabic, Han, Kana, Hangul, Devanagari, Greek, Hebrew, Thai, Armenian, Georgian, Bengali, Tamil, Telugu, Other };
/// What a script alone says; the first three are told apart by their letter runs.
constexpr std::array<const char*, Other + 1> kOfScript {"", "", "", "zh", "ja", "ko", "hi", "el", "he", "th", "hy", "ka", "bn", "ta", "te", ""};

Script scriptOf(UChar32 c)
{
    if (c < 0x250)
        return Latin;
    UErrorCode error = U_ZERO_ERROR;
    switch (uscript_getScript(c, &error)) {
    case USCRIPT_LATIN: return Latin;
    case USCRIPT_CYRILLIC: return Cyrillic;
    case USCRIPT_ARABIC: return Arabic;
    case USCRIPT_HAN: return Han;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA: return Kana;
    case USCRIPT_HANGUL: return Hangul;
    case USCRIPT_DEVANAGARI: return Devanagari;
    case USCRIPT_GREEK: return Greek;
    case USCRIPT_HEBREW: return Hebrew;
    case USCRIPT_THAI: return Thai;
    case USCRIPT_ARMENIAN: return Armenian;
    case USCRIPT_GEORGIAN: return Georgian;
    case USCRIPT_BENGALI: return Bengali;
    case USCRIPT_TAMIL: return Tamil;
    case USCRIPT_TELUGU: return Telugu;
    default: return Other;
    }
}

/// The letters of a text, lower-cased, words apart by '_', and how many belong to each script.
struct Letters {
    std::vector<std::uint16_t> run {'_'};
    std::array<std::size_t, Other + 1> scripts {};
    std::size_t count = 0;
};

Letters lettersOf(std::string_view text)
{
    Letters letters;
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 1u << 20));
    for (std::int32_t i = 0; i < size && letters.count < kMostLetters;) {
        UChar32 c = 0;
        U8_NEXT(reinterpret_cast<const std::uint8_t*>(text.data()), i, size, c);
        if (c == 0x2019)
            c = '\'';
        const bool isLetter = c > 0 && c < 0x10000 && (u_isalpha(c) || (u_charType(c) == U_NON_SPACING_MARK) || u_charType(c) == U_COMBINING_SPACING_MARK);
        if (isLetter) {
            ++letters.scripts[scriptOf(c)];
            ++letters.count;
            letters.run.push_back(static_cast<std::uint16_t>(u_tolower(c)));
        } else if (c == '\'' && letters.run.back() != '_') {
            letters.run.push_back('\'');
        } else if (letters.run.back() != '_') {
            letters.run.push_back('_');
        }
    }
    if (letters.run.back() != '_')
        letters.run.push_back('_');
    return letters;
}

std::string byRuns(const Letters& letters, const Profiles& profiles)
{
    std::vector<std::int64_t> sums(profiles.languages().size());
    const auto& run = letters.run;
    std::int64_t known = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
        std::uint64_t key = 0;
        for (std::size_t n = 0; n < 4 && i + n < run.size(); ++n) {
            key = key << 16 | run[i + n];
            if (!(n == 0 && run[i] == '_'))
                known += profiles.add(key, sums);
            if (n > 0 && run[i + n] == '_')
                break;  // runs end with their word
        }
    }
    const auto best = static_cast<std::size_t>(std::min_element(sums.begin(), sums.end()) - sums.begin());
    std::int64_t second = INT64_MAX;
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (i != best)
            second = std::min(second, sums[i]);
    return known > 0 && second > sums[best] ? profiles.languages()[best] : std::string();
}

}

std::string languageOf(std::string_view text)
{
    static const Profiles kLatin(latin), kCyrillic(cyrillic), kArabic(arabic);
    const Letters letters = lettersOf(text);
    if (letters.count == 0)
        return {};
    std::array<std::size_t, Other + 1> scripts = letters.scripts;
    // A character of Chinese, Japanese or Korean carries what three or four letters do.
    for (const Script script : {Han, Kana, Hangul})
        scripts[script] *= 3;
    if (scripts[Kana] * 12 >= scripts[Han] + scripts[Kana] && scripts[Kana] > 0) {
        scripts[Kana] += scripts[Han];  // Japanese mixes both
        scripts[Han] = 0;
    }
    const auto script = static_cast<Script>(std::max_element(scripts.begin(), scripts.end()) - scripts.begin());
    if (script > Arabic)
        return kOfScript[script];
    if (letters.count < kFewestLetters)
        return {};
    return byRuns(letters, script == Latin ? kLatin : script == Cyrillic ? kCyrillic : kArabic);
}

const std::vector<std::string>& knownLanguages()
{
    static const std::vector<std::string> known = [] {
        std::vector<std::string> names;
        for (const ProfileGroup* group : {&latin, &cyrillic, &arabic}) {
            const Profiles profiles(*group);
            names.insert(names.end(), profiles.languages().begin(), profiles.languages().end());
        }
        for (const char* name : kOfScript)
            if (*name)
                names.emplace_back(name);
        std::sort(names.begin(), names.end());
        return names;
    }();
    return known;
}

}
