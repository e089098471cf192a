// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/noise.h"
#include "cleaner/text.h"

#include <unordered_map>

namespace attune::cleaner {
namespace {

/// Word (small letters) -> the other words of its line.
using Synonyms = std::unordered_map<std::string, std::vector<std::string>>;

Result<Synonyms> synonymsOf(const Json& lines)
{
    Synonyms synonyms;
    for (const auto& line : lines) {
        std::vector<std::string> words;
        if (line.is_array()) {
            for (const auto& word : line)
                words.push_back(word.is_string() ? word.get<std::string>() : toLine(word));
        } else {
            const std::string text = line.is_string() ? line.get<std::string>() : toLine(line);
            for (std::size_t begin = 0; begin <= text.size();) {
                const std::size_t end = std::min(text.find_first_of(",|", begin), text.size());
                if (const auto word = trimmed(std::string_view(text).substr(begin, end - begin)); !word.empty())
                    words.emplace_back(word);
                begin = end + 1;
            }
        }
        for (const auto& word : words)
            for (const auto& other : words)
                if (other != word)
                    synonyms[toLower(word)].push_back(other);
    }
    if (synonyms.empty())
        return fail(ErrorCode::FileCorrupt, "The option \"synonyms\" holds no line with two words.", "Write synonyms: [[big, large, huge], [quick, fast]].");
    return synonyms;
}

bool isWordByte(char c)
{
    return (c & 0x80) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
}

bool change(Random& random, const Synonyms& synonyms, std::uint64_t chance, std::string_view text, std::string& out)
{
    out.clear();
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && isWordByte(text[end]))
            ++end;
        if (end == at) {
            out += text[at++];
            continue;
        }
        const std::string_view word = text.substr(at, end - at);
        const auto it = synonyms.find(toLower(word));
        if (it != synonyms.end() && (random.next() >> 11) < chance) {
            std::string other = it->second[random.below(it->second.size())];
            if (word[0] >= 'A' && word[0] <= 'Z' && other[0] >= 'a' && other[0] <= 'z')
                other[0] = static_cast<char>(other[0] - 32);
            out += other;
        } else {
            out += word;
        }
        at = end;
    }
    return out != text;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto synonyms, synonymsOf(options.at("synonyms")));
    const auto chance = static_cast<std::uint64_t>(options.at("rate").get<double>() * 0x1p53);
    return makeNoise(options, columns, 3, [synonyms = std::move(synonyms), chance](Random& random, std::string_view text, std::string& out) { return change(random, synonyms, chance, text, out); });
}

}

const Rule& augment_synonyms()
{
    static const Rule rule {"augment_synonyms", "Noise: other words",
        "Replaces words in a share of the prompts by others of your list, and marks them as synthetic.",
        noiseOptions({
            {.key = "synonyms", .type = OptionType::List, .defaultValue = Json::array(), .label = "Words", .help = "Lines of words that mean the same: [[big, large], [quick, fast]]."},
            {.key = "rate", .type = OptionType::Number, .defaultValue = 0.3, .label = "Chance per word", .help = "The chance that a word of the list is replaced.", .minimum = 0, .maximum = 1}}), prepare};
    return rule;
}

}
