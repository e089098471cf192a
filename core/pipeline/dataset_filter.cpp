// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_filter.h"

#include "cleaner/condition.h"
#include "importer/chunks.h"

#include <mutex>
#include <optional>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kChunkRows = 512;
constexpr std::size_t kFirstWave = 4, kLargestWave = 512;  // chunks read before it is asked whether that is enough

struct Test {
    std::size_t column = 0;
    cleaner::Condition holds;
};

Result<std::vector<Test>> testsOf(const importer::Dataset& data, const std::vector<RowFilter>& filters)
{
    std::vector<Test> tests;
    for (const auto& filter : filters) {
        const auto& columns = data.columns();
        const auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == filter.column; });
        if (it == columns.end())
            return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", filter.column), "attune data stats shows the columns.");
        auto condition = cleaner::makeCondition(filter.op, filter.value);
        if (!condition) {
            Error error = condition.error();
            error.code = ErrorCode::Usage;
            return error;
        }
        tests.push_back({static_cast<std::size_t>(it - columns.begin()), std::move(*condition)});
    }
    return tests;
}

}

Result<RowFilter> parseRowFilter(const std::string& text)
{
    const std::size_t first = text.find(' '), second = first == std::string::npos ? first : text.find(' ', first + 1);
    if (second == std::string::npos)
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no filter.", text), "Write column, condition and value: 'level >= 3' or 'text contains cat'.");
    const std::string value = text.substr(second + 1);
    const auto json = parseJson(value, 64);
    return RowFilter {text.substr(0, first), text.substr(first + 1, second - first - 1), json ? *json : Json(value)};
}

Result<std::vector<std::int64_t>> findRows(const importer::Dataset& data, const std::vector<RowFilter>& filters, std::int64_t from, std::int64_t limit, const JobContext& context)
{
    ATTUNE_TRY(const auto tests, testsOf(data, filters));
    std::vector<std::int64_t> found;
    const std::int64_t rows = data.rows();
    std::size_t wave = kFirstWave;
    for (std::int64_t begin = std::max<std::int64_t>(0, from); begin < rows && (limit < 0 || static_cast<std::int64_t>(found.size()) < limit); wave = std::min(kLargestWave, wave * 2)) {
        const std::int64_t end = std::min(rows, begin + static_cast<std::int64_t>(wave) * kChunkRows);
        const auto chunks = static_cast<std::size_t>((end - begin + kChunkRows - 1) / kChunkRows);
        std::vector<std::vector<std::int64_t>> parts(chunks);
        std::mutex mutex;
        std::optional<Error> problem;
        ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
            importer::Row row;
            const std::int64_t last = std::min(end, begin + static_cast<std::int64_t>(chunk + 1) * kChunkRows);
            for (std::int64_t number = begin + static_cast<std::int64_t>(chunk) * kChunkRows; number < last; ++number) {
                if (auto status = data.read(number, row); !status) {
                    const std::lock_guard lock(mutex);
                    problem = status.error();
                    return;
                }
                if (std::all_of(tests.begin(), tests.end(), [&](const Test& test) { return test.holds(std::as_const(row)[test.column]); }))
                    parts[chunk].push_back(number);
            }
        }));
        if (problem)
            return *problem;
        for (const auto& part : parts)
            found.insert(found.end(), part.begin(), part.end());
        begin = end;
    }
    if (limit >= 0 && static_cast<std::int64_t>(found.size()) > limit)
        found.resize(static_cast<std::size_t>(limit));
    return found;
}

}
