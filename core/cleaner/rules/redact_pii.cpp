// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/hash.h"
#include "cleaner/pii_text.h"
#include "cleaner/rule.h"
#include "cleaner/scan.h"

namespace attune::cleaner {
namespace {

constexpr std::string_view kPseudonym = "[{KIND}_{id}]";

/// What is put in the place of a find: {kind} and {KIND} are its kind, {id} eight hexadecimal digits that are the
/// same for the same value, however it is spelled, and differ with the seed. No table is kept: nothing leads back.
class Wording
{
public:
    Wording(std::string pattern, std::uint64_t seed)
        : m_pattern(std::move(pattern))
        , m_seed(seed)
    {
    }
    std::string operator()(std::string_view value, const Found& found) const
    {
        if (m_pattern.empty())
            return std::string(found.tag);
        std::string upper(found.kind);
        for (char& c : upper)
            c = pii::isLower(c) ? static_cast<char>(c - 32) : c;
        std::string text = m_pattern;
        replaceAll(text, "{kind}", found.kind);
        replaceAll(text, "{KIND}", upper);
        if (text.find("{id}") != std::string::npos)
            replaceAll(text, "{id}", idOf(value, found.kind));
        return text;
    }

private:
    static void replaceAll(std::string& text, std::string_view what, std::string_view with)
    {
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
            text.replace(at, what.size(), with);
    }
    std::string idOf(std::string_view value, std::string_view kind) const
    {
        const auto* detector = pii::findDetector(kind);
        const std::string key = std::string(kind) + "\n" + (detector ? detector->canonical(value) : std::string(value));
        return fmt::format("{:08X}", hash64(key, m_seed) >> 32);
    }

    std::string m_pattern;
    std::uint64_t m_seed = 0;
};

class Redact : public PreparedStep
{
public:
    Redact(CellScanner scanner, std::vector<std::size_t> columns, Wording wording)
        : m_scanner(std::move(scanner))
        , m_columns(std::move(columns))
        , m_wording(std::move(wording))
    {
    }
    Effect apply(Row& row) const override
    {
        bool isChanged = false;
        for (const std::size_t column : m_columns)
            isChanged |= m_scanner.replace(row, column, m_wording);
        return isChanged ? Effect::Changed : Effect::Kept;
    }
    bool isEdit() const override { return true; }

private:
    CellScanner m_scanner;
    std::vector<std::size_t> m_columns;
    Wording m_wording;
};

/// Lists and objects count as texts here: whoever redacts does not want to leave an address in a nested field.
Result<std::vector<std::size_t>> textColumnsOf(const Json& options, std::vector<Column>& columns)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    if (options.at("columns").empty()) {
        chosen.clear();
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (columns[c].type != "number" && columns[c].type != "boolean")
                chosen.push_back(c);
    }
    for (const std::size_t c : chosen)
        if (columns[c].type == "number")
            columns[c].type = "mixed";  // some of its values become words
    return chosen;
}

std::vector<std::string> texts(const Json& list)
{
    std::vector<std::string> out;
    for (const auto& value : list)
        out.push_back(value.is_string() ? value.get<std::string>() : toLine(value));
    return out;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ScanOptions looked;
    looked.kinds = texts(options.at("kinds"));
    looked.ignoredValues = texts(options.at("ignore"));
    looked.ignoredPatterns = texts(options.at("ignore_patterns"));
    looked.names = texts(options.at("names"));
    auto scanner = Scanner::create(looked);
    if (!scanner)
        return fail(ErrorCode::FileCorrupt, scanner.error().message, scanner.error().hint);
    ATTUNE_TRY(auto chosen, textColumnsOf(options, columns));
    CellScanner cells(std::move(*scanner), columns);
    const std::string mode = options.at("mode");
    if (mode == "drop")
        return makeRowTest([cells = std::move(cells), chosen = std::move(chosen)](const Row& row) {
            return std::none_of(chosen.begin(), chosen.end(), [&](std::size_t c) { return cells.isAnyIn(row[c], c); });
        });
    std::string pattern = options.at("replacement");
    if (pattern.empty() && mode == "pseudonym")
        pattern = kPseudonym;
    return std::make_unique<Redact>(std::move(cells), std::move(chosen), Wording(std::move(pattern), options.at("seed").get<std::uint64_t>()));
}

std::vector<OptionChoice> kindChoices()
{
    std::vector<OptionChoice> choices;
    for (const auto* detector : pii::detectors())
        choices.push_back({std::string(detector->kind), std::string(detector->label), std::string(detector->help)});
    choices.push_back({std::string(kNameKind), "Names", "Words of a list of names."});
    return choices;
}

}

const Rule& redact_pii()
{
    static const Rule rule {"redact_pii", "Redact personal data",
        "Puts a tag or a pseudonym in the place of e-mail addresses, phone and card numbers, keys and the like, or drops the rows that hold any.",
        OptionSchema({
            {.key = "kinds", .type = OptionType::List, .defaultValue = Json::array(), .label = "Kinds", .help = "What to look for; everything but names when none is named.", .choices = kindChoices()},
            {.key = "mode", .type = OptionType::Choice, .defaultValue = "tag", .label = "What to do", .help = "What happens to a find.",
                .choices = {{"tag", "Put a tag", "[EMAIL], [PHONE] …"}, {"pseudonym", "Put a pseudonym", "[EMAIL_4F0C2A91]: the same value always gets the same"}, {"drop", "Drop the row", "Rows in which anything is found go"}}},
            {.key = "replacement", .type = OptionType::Text, .defaultValue = "", .label = "Replacement", .help = "Text to put instead; {kind} and {KIND} stand for the kind, {id} for the pseudonym's number.", .visibleKey = "mode", .visibleValues = {"tag", "pseudonym"}},
            {.key = "seed", .type = OptionType::Integer, .defaultValue = 0, .label = "Seed", .help = "Another seed gives other pseudonyms.", .minimum = 0, .visibleKey = "mode", .visibleValues = {"pseudonym"}},
            {.key = "ignore", .type = OptionType::List, .defaultValue = Json::array(), .label = "Ignore values", .help = "Values that stay, in any spelling."},
            {.key = "ignore_patterns", .type = OptionType::List, .defaultValue = Json::array(), .label = "Ignore patterns", .help = "Values stay in which one of these regular expressions is found."},
            {.key = "names", .type = OptionType::List, .defaultValue = Json::array(), .label = "Names", .help = "Words that are names of people, for the kind \"name\"."},
            columnsOptionRow()}), prepare};
    return rule;
}

}
