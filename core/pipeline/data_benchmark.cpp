// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/data_benchmark.h"

#include "base/file.h"
#include "base/random.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/duplicates.h"
#include "formats/file_writer.h"
#include "importer/import.h"
#include "importer/source_dataset.h"
#include "pipeline/dataset_filter.h"
#include "pipeline/peer_process.h"

#include <array>
#include <chrono>
#include <ctime>

namespace attune::pipeline {
namespace {

constexpr const char* kSteps = R"py(steps:
  - {type: fix_mojibake}
  - {type: normalize_unicode}
  - {type: strip_html}
  - {type: trim}
  - {type: collapse_whitespace}
  - {type: lowercase}
  - {type: drop_empty, columns: [instruction, output]}
  - {type: drop_short, column: output, min_chars: 20}
  - {type: drop_long, column: output, max_chars: 8000}
  - {type: drop_refusals, column: output}
  - {type: filter, column: output, op: not_contains, value: lorem ipsum}
  - {type: regex_drop, column: instruction, pattern: '^test\b'}
)py";

// argv: reader, file. Prints the seconds of loading and of finding the distinct rows.
constexpr const char* kDuckDb = R"py(import duckdb, sys, time
c = duckdb.connect(); c.execute("set enable_progress_bar=false"); begin = time.monotonic()
c.execute(f"create table t as select * from {sys.argv[1]}('{sys.argv[2]}')")
load = time.monotonic() - begin; begin = time.monotonic()
c.execute("select count(*) from (select distinct * from t)").fetchone()
print(load, time.monotonic() - begin)
)py";

// argv: file, rows. Prints the seconds per row.
constexpr const char* kDatasketch = R"py(import json, sys, time
from datasketch import MinHash, MinHashLSH
texts = ["\n".join(json.loads(l).values()).lower().split() for l, _ in zip(open(sys.argv[1], encoding="utf-8"), range(int(sys.argv[2])))]
begin = time.monotonic(); lsh = MinHashLSH(threshold=0.8, num_perm=128)
for i, w in enumerate(texts):
    m = MinHash(num_perm=128)
    m.update_batch([" ".join(w[k:k + 5]).encode() for k in range(max(1, len(w) - 4))])
    lsh.query(m); lsh.insert(i, m, check_duplication=False)
print((time.monotonic() - begin) / len(texts), 0)
)py";

double secondsOf(const std::function<Status()>& work, Status& status)
{
    const auto begin = std::chrono::steady_clock::now();
    status = work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// 4 000 sentences whose words come as often as a language's do.
std::vector<std::string> sentences(SplitMix64& random)
{
    constexpr std::string_view kLetters = "etaoinshrdlcumwfgypbvk";
    std::vector<std::string> words, all;
    for (int i = 0; i < 5000; ++i) {
        words.emplace_back();
        for (auto n = 2 + random.below(7); n > 0; --n)
            words.back() += kLetters[random.below(kLetters.size())];
    }
    for (int i = 0; i < 4000; ++i) {
        all.emplace_back();
        for (auto n = 4 + random.below(9); n > 0; --n)
            all.back() += (all.back().empty() ? "" : " ") + words[random.below(1 + random.below(words.size()))];
        all.back() += random.below(40) ? "." : " – naïve, 5 €.";
    }
    return all;
}

Status writeRows(const std::string& lines, const std::string& table, std::int64_t rows)
{
    SplitMix64 random(11);
    const auto pool = sentences(random);
    ATTUNE_TRY(auto jsonl, formats::FileWriter::create(lines));
    ATTUNE_TRY(auto csv, formats::FileWriter::create(table));
    csv.write("instruction,input,output\n");
    std::vector<std::array<std::string, 3>> early;
    for (std::int64_t i = 0; i < rows; ++i) {
        std::array<std::string, 3> row;
        const auto dice = random.below(1000);
        if (dice < 104 && !early.empty()) {
            row = early[random.below(early.size())];
            if (dice >= 100)
                row[2] += " " + pool[0];
        } else {
            row[0] = pool[random.below(pool.size())];
            row[1] = dice > 700 ? pool[random.below(pool.size())] : std::string();
            for (auto n = 3 + random.below(17); n > 0; --n)
                row[2] += (row[2].empty() ? "" : " ") + pool[random.below(pool.size())];
            if (early.size() < 100'000)
                early.push_back(row);
        }
        jsonl.write(toLine(Json {{"instruction", row[0]}, {"input", row[1]}, {"output", row[2]}}) + "\n");
        csv.write(fmt::format("\"{}\",\"{}\",\"{}\"\n", row[0], row[1], row[2]));
    }
    ATTUNE_RETURN_IF_ERROR(jsonl.commit());
    return csv.commit();
}

class Bench
{
public:
    Bench(std::string folder, std::int64_t rows, std::string python, const JobContext& context)
        : m_folder(std::move(folder))
        , m_rows(rows)
        , m_python(std::move(python))
        , m_context(context)
    {
    }

    Result<std::vector<BenchmarkLine>> run()
    {
        m_context.report("Writing rows", 0, 1);
        ATTUNE_RETURN_IF_ERROR(writeRows(lines(), table(), m_rows));
        ATTUNE_RETURN_IF_ERROR(importing());
        ATTUNE_TRY(const auto data, importer::SourceDataset::open("benchmark", m_folder + "/jsonl"));
        ATTUNE_RETURN_IF_ERROR(duplicates(*data));
        ATTUNE_RETURN_IF_ERROR(filtering(*data));
        ATTUNE_RETURN_IF_ERROR(cleaning(*data));
        return std::move(m_table);
    }

private:
    std::string lines() const { return m_folder + "/rows.jsonl"; }
    std::string table() const { return m_folder + "/rows.csv"; }

    Status importing()
    {
        for (const bool isJson : {true, false}) {
            Status status;
            const double seconds = secondsOf([&]() -> Status {
                ATTUNE_TRY([[maybe_unused]] const auto header, importer::importFiles({isJson ? lines() : table()}, m_folder + (isJson ? "/jsonl" : "/csv"), {}, m_context));
                return {};
            }, status);
            ATTUNE_RETURN_IF_ERROR(status);
            const auto peer = askPeer(m_python, m_folder, kDuckDb, {isJson ? "read_json" : "read_csv", isJson ? lines() : table()}, m_context);
            add(isJson ? "import JSONL" : "import CSV", "s", seconds, "DuckDB", peer ? std::optional(peer->numbers[0]) : std::nullopt, isJson ? "at most 0.67 of DuckDB" : "at most DuckDB");
            if (isJson && peer && peer->numbers.size() > 1)
                m_distinct = peer->numbers[1];
        }
        return {};
    }
    Status duplicates(const importer::Dataset& data)
    {
        using cleaner::DuplicateMethod;
        for (const auto method : {DuplicateMethod::Exact, DuplicateMethod::Normalized, DuplicateMethod::Near}) {
            cleaner::DuplicateOptions options;
            options.method = method;
            Status status;
            const double seconds = secondsOf([&]() -> Status {
                ATTUNE_TRY([[maybe_unused]] const auto groups, cleaner::findDuplicates(cleaner::DatasetRows(data), options, m_context));
                return {};
            }, status);
            ATTUNE_RETURN_IF_ERROR(status);
            std::optional<double> peer = method == DuplicateMethod::Exact ? m_distinct : std::nullopt;
            if (method == DuplicateMethod::Near)
                if (const auto each = askPeer(m_python, m_folder, kDatasketch, {lines(), std::to_string(std::min<std::int64_t>(m_rows, 5000))}, m_context))
                    peer = each->numbers[0] * static_cast<double>(m_rows);
            add(fmt::format("{} duplicates", cleaner::methodName(method)), "s", seconds, method == DuplicateMethod::Near ? "datasketch, from 5 000 rows" : "DuckDB distinct, already loaded", peer,
                method == DuplicateMethod::Near ? fmt::format("at most {:.2f} s and a hundredth of datasketch", 1.5e-6 * static_cast<double>(m_rows)) : "");
        }
        return {};
    }
    Status filtering(const importer::Dataset& data)
    {
        for (const bool isCommon : {true, false}) {
            Status status;
            const double seconds = secondsOf([&]() -> Status {
                ATTUNE_TRY([[maybe_unused]] const auto found, findRows(data, {{"output", "contains", isCommon ? "€" : "no such words"}}, 0, 50, m_context));
                return {};
            }, status);
            ATTUNE_RETURN_IF_ERROR(status);
            add(isCommon ? "filter's first page" : "filter that finds nothing", "ms", seconds * 1000, "", {}, isCommon ? "at most 50 ms" : "");
        }
        return {};
    }
    Status cleaning(const importer::Dataset& data)
    {
        ATTUNE_TRY(const auto steps, cleaner::parseSteps(kSteps));
        ATTUNE_TRY(const auto chain, cleaner::StepChain::prepare(steps, data.columns()));
        const std::clock_t before = std::clock();
        ATTUNE_TRY([[maybe_unused]] const auto result, cleaner::runSteps(cleaner::DatasetRows(data), chain, m_context));
        const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
        std::error_code error;
        add("cleaning with 12 steps, per core", "MB/s", static_cast<double>(fs::file_size(lines(), error)) / 1e6 / seconds, "", {}, "at least 300 MB/s");
        return {};
    }
    void add(std::string task, std::string unit, double value, std::string peer, std::optional<double> peerValue, std::string goal)
    {
        m_table.push_back({std::move(task), std::move(unit), value, peerValue ? std::move(peer) : std::string(), peerValue, std::move(goal)});
    }

    std::string m_folder;
    std::int64_t m_rows;
    std::string m_python;
    const JobContext& m_context;
    std::optional<double> m_distinct;
    std::vector<BenchmarkLine> m_table;
};

}

Result<std::vector<BenchmarkLine>> benchmarkData(const std::string& folder, std::int64_t rows, const std::string& python, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    for (const char* part : {"/jsonl", "/csv"})
        ATTUNE_RETURN_IF_ERROR(makeFolder(folder + part));
    auto table = Bench(folder, rows, python, context).run();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return table;
}

}
