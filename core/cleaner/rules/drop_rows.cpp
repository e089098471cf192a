// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/row_key.h"
#include "cleaner/rule.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace attune::cleaner {
namespace {

/// Which of the rows with one content go: all, or some by their place among them.
struct Occurrences {
    bool isAll = false;
    std::vector<std::int64_t> places;
};
using Chosen = std::map<Hash128, Occurrences>;

class DropRows : public PreparedStep
{
public:
    explicit DropRows(Chosen chosen)
        : m_chosen(std::move(chosen))
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        Selection kept;
        std::map<Hash128, std::int64_t> seen;
        Row row;
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            if (i % 4096 == 0 && context.isCancelled())
                return fail(ErrorCode::Cancelled, "Dropping rows was cancelled.", "Nothing was changed.");
            ATTUNE_RETURN_IF_ERROR(rows.read(i, row));
            const Hash128 hash = rowHash(row);
            const auto it = m_chosen.find(hash);
            if (it == m_chosen.end() || !goes(it->second, seen[hash]++))
                kept.push_back(i);
        }
        return std::optional(std::move(kept));
    }

private:
    static bool goes(const Occurrences& which, std::int64_t place)
    {
        return which.isAll || std::binary_search(which.places.begin(), which.places.end(), place);
    }
    Chosen m_chosen;
};

/// "<hash>" or "<hash>:2".
Status addEntry(std::string_view entry, Chosen& chosen)
{
    const auto colon = entry.find(':');
    ATTUNE_TRY(const Hash128 hash, hashFromHex(std::string(entry.substr(0, colon))));
    auto& which = chosen[hash];
    if (colon == std::string_view::npos) {
        which.isAll = true;
        return {};
    }
    std::int64_t place = -1;
    const std::string_view digits = entry.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
    if (error != std::errc() || end != digits.data() + digits.size() || place < 0)
        return fail(ErrorCode::FileCorrupt, fmt::format("\"{}\" names no row.", entry), "Write a row's hash, or hash:1 for the second row with that content.");
    which.places.push_back(place);
    return {};
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>&, const PrepareContext&)
{
    Chosen chosen;
    for (const auto& value : options.at("row_hashes")) {
        const std::string text = value.is_string() ? value.get<std::string>() : toLine(value);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            if (end > at)
                ATTUNE_RETURN_IF_ERROR(addEntry(std::string_view(text).substr(at, end - at), chosen));
            at = end + 1;
        }
    }
    bool areAllEqual = true;
    for (auto& [hash, which] : chosen) {
        std::sort(which.places.begin(), which.places.end());
        areAllEqual = areAllEqual && which.isAll;
    }
    if (areAllEqual)
        return makeRowTest([chosen = std::move(chosen)](const Row& row) { return !chosen.contains(rowHash(row)); });
    return std::make_unique<DropRows>(std::move(chosen));
}

}

const Rule& drop_rows()
{
    static const Rule rule {"drop_rows", "Drop chosen rows",
        "Drops rows that were looked at one by one; each is named by its content, so that the step finds them again in another file.",
        OptionSchema({{.key = "row_hashes", .type = OptionType::List, .defaultValue = Json::array(), .label = "Rows",
            .help = "Hashes of the rows' values as this step finds them (data show --hashes); hash:1 is the second row with that content, several may stand in one entry."}}), prepare};
    return rule;
}

}
