// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/text/porter.h"

#include <functional>
#include <map>
#include <string_view>
#include <vector>

namespace attune::evaluator {
namespace {

/// consonant or not, by letter; y is one at the start and behind a vowel.
std::vector<bool> consonants(std::string_view word)
{
    std::vector<bool> flags;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool isVowel = std::string_view("aeiou").find(word[i]) != std::string_view::npos;
        flags.push_back(word[i] == 'y' ? i == 0 || !flags[i - 1] : !isVowel);
    }
    return flags;
}

/// Porter's m: how often a consonant follows a vowel.
int measure(std::string_view stem)
{
    const auto flags = consonants(stem);
    int count = 0;
    for (std::size_t i = 1; i < flags.size(); ++i)
        count += !flags[i - 1] && flags[i];
    return count;
}

bool hasVowel(std::string_view stem)
{
    for (const bool isConsonant : consonants(stem))
        if (!isConsonant)
            return true;
    return false;
}

bool endsDouble(std::string_view word)
{
    return word.size() >= 2 && word.back() == word[word.size() - 2] && consonants(word).back();
}

/// *o of the paper: consonant, vowel, consonant at the end, the last not w, x or y; or a word of vowel, consonant.
bool endsShort(std::string_view word)
{
    const auto f = consonants(word);
    const std::size_t n = word.size();
    if (n == 2)
        return !f[0] && f[1];
    return n >= 3 && f[n - 3] && !f[n - 2] && f[n - 1] && std::string_view("wxy").find(word.back()) == std::string_view::npos;
}

struct Rule {
    std::string_view suffix, replacement;
    std::function<bool(const std::string& stem)> applies {};  ///< empty: always
};

/// The first rule whose suffix the word has decides, whether it applies or not.
std::string applyFirst(const std::string& word, const std::vector<Rule>& rules)
{
    for (const auto& rule : rules) {
        if (!word.ends_with(rule.suffix))
            continue;
        const std::string stem = word.substr(0, word.size() - rule.suffix.size());
        return !rule.applies || rule.applies(stem) ? stem + std::string(rule.replacement) : word;
    }
    return word;
}

bool isPositive(const std::string& stem) { return measure(stem) > 0; }
bool isAboveOne(const std::string& stem) { return measure(stem) > 1; }

/// Plurals.
std::string step1a(const std::string& word)
{
    if (word.size() == 4 && word.ends_with("ies"))
        return word.substr(0, 1) + "ie";
    return applyFirst(word, {{"sses", "ss"}, {"ies", "i"}, {"ss", "ss"}, {"s", ""}});
}

/// -ed and -ing, and what has to be mended behind them.
std::string step1b(const std::string& word)
{
    if (word.ends_with("ied"))
        return word.substr(0, word.size() - 3) + (word.size() == 4 ? "ie" : "i");
    if (word.ends_with("eed"))
        return measure(std::string_view(word).substr(0, word.size() - 3)) > 0 ? word.substr(0, word.size() - 1) : word;
    std::string stem;
    for (const std::string_view suffix : {"ed", "ing"})
        if (word.ends_with(suffix) && hasVowel(std::string_view(word).substr(0, word.size() - suffix.size()))) {
            stem = word.substr(0, word.size() - suffix.size());
            break;
        }
    if (stem.empty())
        return word;
    for (const std::string_view suffix : {"at", "bl", "iz"})
        if (stem.ends_with(suffix))
            return stem + "e";
    if (endsDouble(stem))
        return std::string_view("lsz").find(stem.back()) == std::string_view::npos ? stem.substr(0, stem.size() - 1) : stem;
    return measure(stem) == 1 && endsShort(stem) ? stem + "e" : stem;
}

std::string step1c(const std::string& word)
{
    return applyFirst(word, {{"y", "i", [](const std::string& stem) { return stem.size() > 1 && consonants(stem).back(); }}});
}

std::string step2(const std::string& word)
{
    if (word.ends_with("alli") && measure(std::string_view(word).substr(0, word.size() - 4)) > 0)
        return step2(word.substr(0, word.size() - 2));
    const auto isPositiveLog = [&word](const std::string&) { return measure(std::string_view(word).substr(0, word.size() - 3)) > 0; };
    return applyFirst(word, {{"ational", "ate", isPositive}, {"tional", "tion", isPositive}, {"enci", "ence", isPositive}, {"anci", "ance", isPositive},
        {"izer", "ize", isPositive}, {"bli", "ble", isPositive}, {"alli", "al", isPositive}, {"entli", "ent", isPositive}, {"eli", "e", isPositive},
        {"ousli", "ous", isPositive}, {"ization", "ize", isPositive}, {"ation", "ate", isPositive}, {"ator", "ate", isPositive}, {"alism", "al", isPositive},
        {"iveness", "ive", isPositive}, {"fulness", "ful", isPositive}, {"ousness", "ous", isPositive}, {"aliti", "al", isPositive}, {"iviti", "ive", isPositive},
        {"biliti", "ble", isPositive}, {"fulli", "ful", isPositive}, {"logi", "log", isPositiveLog}});
}

std::string step3(const std::string& word)
{
    return applyFirst(word, {{"icate", "ic", isPositive}, {"ative", "", isPositive}, {"alize", "al", isPositive}, {"iciti", "ic", isPositive},
        {"ical", "ic", isPositive}, {"ful", "", isPositive}, {"ness", "", isPositive}});
}

std::string step4(const std::string& word)
{
    std::vector<Rule> rules;
    for (const std::string_view suffix : {"al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"})
        rules.push_back({suffix, "", isAboveOne});
    rules.push_back({"ion", "", [](const std::string& stem) { return measure(stem) > 1 && (stem.back() == 's' || stem.back() == 't'); }});
    for (const std::string_view suffix : {"ou", "ism", "ate", "iti", "ous", "ive", "ize"})
        rules.push_back({suffix, "", isAboveOne});
    return applyFirst(word, rules);
}

std::string step5(std::string word)
{
    if (word.ends_with('e')) {
        const std::string stem = word.substr(0, word.size() - 1);
        if (measure(stem) > 1 || (measure(stem) == 1 && !endsShort(stem)))
            word = stem;
    }
    return word.ends_with("ll") && measure(std::string_view(word).substr(0, word.size() - 1)) > 1 ? word.substr(0, word.size() - 1) : word;
}

}

std::string porterStem(const std::string& word)
{
    static const std::map<std::string, std::string> irregular {{"sky", "sky"}, {"skies", "sky"}, {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"},
        {"news", "news"}, {"innings", "inning"}, {"inning", "inning"}, {"outings", "outing"}, {"outing", "outing"}, {"cannings", "canning"},
        {"canning", "canning"}, {"howe", "howe"}, {"proceed", "proceed"}, {"exceed", "exceed"}, {"succeed", "succeed"}};
    if (const auto it = irregular.find(word); it != irregular.end())
        return it->second;
    if (word.size() <= 2)
        return word;
    return step5(step4(step3(step2(step1c(step1b(step1a(word)))))));
}

}
