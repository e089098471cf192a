// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/noise.h"

namespace attune::cleaner {
namespace {

bool isSmall(char c)
{
    return c >= 'a' && c <= 'z';
}

/// A key beside this one on a QWERTY keyboard.
char neighbour(Random& random, char c)
{
    static constexpr std::string_view kRows[] {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
    for (const auto row : kRows)
        if (const auto at = row.find(c); at != std::string_view::npos)
            return at == 0 ? row[1] : at + 1 == row.size() || random.below(2) ? row[at - 1] : row[at + 1];
    return c;
}

/// Each small letter slips with this chance: swapped with the next, left out, doubled, or the key beside it.
bool change(Random& random, double rate, std::string_view text, std::string& out)
{
    out.clear();
    const auto chance = static_cast<std::uint64_t>(rate * 0x1p53);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!isSmall(text[i]) || (random.next() >> 11) >= chance) {
            out += text[i];
            continue;
        }
        switch (random.below(4)) {
        case 0:
            if (i + 1 < text.size() && isSmall(text[i + 1])) {
                out += text[i + 1];
                out += text[i++];
                break;
            }
            [[fallthrough]];
        case 1: out += neighbour(random, text[i]); break;
        case 2: out.append(2, text[i]); break;
        default: break;
        }
    }
    return out != text;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    return makeNoise(options, columns, 2, [rate = options.at("rate").get<double>()](Random& random, std::string_view text, std::string& out) { return change(random, rate, text, out); });
}

}

const Rule& augment_typos()
{
    static const Rule rule {"augment_typos", "Noise: typing errors",
        "Puts typing errors into a share of the prompts, and marks them as synthetic.",
        noiseOptions({{.key = "rate", .type = OptionType::Number, .defaultValue = 0.03, .label = "Errors per letter", .help = "The chance of a slip at each small letter.", .minimum = 0, .maximum = 1}}), prepare};
    return rule;
}

}
