// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_sort.h"

#include "cleaner/rule.h"
#include "cleaner/text.h"
#include "importer/chunks.h"
#include "pipeline/dataset_stats.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>
#include <optional>

namespace attune::pipeline {
namespace {

constexpr std::size_t kChunkRows = 4096;
constexpr std::size_t kKeyBytes = 16;

struct Key {
    std::uint64_t high = 0, low = 0;  ///< big-endian bytes of a text, or an ordered number
    bool isMissing = true;
    auto operator<=>(const Key&) const = default;
};

/// Bits of a number in an order that unsigned comparison keeps.
std::uint64_t ordered(double value)
{
    std::uint64_t bits = 0;
    static_assert(sizeof bits == sizeof value);
    std::memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | std::uint64_t(1) << 63;
}

Key textKey(std::string_view text)
{
    thread_local std::string folded;
    text = text.substr(0, 4 * kKeyBytes);
    const std::string_view lowered = cleaner::toLower(text, folded) ? std::string_view(folded) : text;
    Key key {0, 0, false};
    for (std::size_t i = 0; i < kKeyBytes; ++i) {
        std::uint64_t& word = i < 8 ? key.high : key.low;
        word = word << 8 | (i < lowered.size() ? static_cast<unsigned char>(lowered[i]) : 0);
    }
    return key;
}

Result<std::vector<Key>> columnKeys(const importer::Dataset& data, const std::string& name, const std::vector<std::uint32_t>& rows, const JobContext& context)
{
    const auto& columns = data.columns();
    const auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
    if (it == columns.end())
        return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", name), "Sort by another column.");
    const auto column = static_cast<std::size_t>(it - columns.begin());
    const bool isNumeric = it->type == "number";
    std::vector<Key> keys(rows.size());
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk((rows.size() + kChunkRows - 1) / kChunkRows, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        importer::Row row;
        for (std::size_t i = chunk * kChunkRows; i < std::min(rows.size(), (chunk + 1) * kChunkRows); ++i) {
            if (auto status = data.read(rows[i], row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            const importer::Cell& cell = std::as_const(row)[column];
            if (cell.isMissing())
                continue;
            if (const auto number = isNumeric ? sizeOfCell(cell, true) : std::nullopt)
                keys[i] = {ordered(*number), 0, false};
            else
                keys[i] = textKey(cleaner::CellText(cell));
        }
    }));
    if (problem)
        return *problem;
    return keys;
}

template<typename Number>
std::vector<Key> factKeys(const std::vector<Number>& numbers, const std::vector<std::uint32_t>& rows)
{
    std::vector<Key> keys;
    keys.reserve(rows.size());
    for (const auto row : rows)
        keys.push_back({numbers[row], 0, false});
    return keys;
}

Result<std::vector<Key>> keysOf(const importer::Dataset& data, const RowFacts* facts, const std::string& by, const std::vector<std::uint32_t>& rows, const JobContext& context)
{
    if (by.starts_with("column:"))
        return columnKeys(data, by.substr(7), rows, context);
    if (by == "#") {
        std::vector<Key> keys;
        for (const auto row : rows)
            keys.push_back({row, 0, false});
        return keys;
    }
    if (facts && by == "tokens" && facts->hasTokens)
        return factKeys(facts->tokens, rows);
    if (facts && by == "turns" && facts->isConversation)
        return factKeys(facts->turns, rows);
    if (facts && by == "prompt" && facts->hasAnswers)
        return factKeys(facts->promptCharacters, rows);
    if (facts && by == "answer" && facts->hasAnswers)
        return factKeys(facts->answerCharacters, rows);
    return fail(ErrorCode::Usage, fmt::format("Rows cannot be sorted by \"{}\" yet.", by), "Wait until the rows have been counted, or sort by another column.");
}

}

Status sortRows(const importer::Dataset& data, const RowFacts* facts, const std::string& by, bool isDescending, std::vector<std::uint32_t>& rows, const JobContext& context)
{
    ATTUNE_TRY(const auto keys, keysOf(data, facts, by, rows, context));
    std::vector<std::uint32_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const Key &x = keys[a], &y = keys[b];
        if (x.isMissing || y.isMissing)
            return y.isMissing && !x.isMissing;
        return isDescending ? y < x : x < y;
    });
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Sorting was cancelled.", "Nothing was changed.");
    for (auto& position : order)
        position = rows[position];
    rows = std::move(order);
    return {};
}

}
