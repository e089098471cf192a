// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/tokenize_dataset.h"

#include "base/hash.h"
#include "base/log.h"
#include "formats/gguf_file.h"
#include "tokenizer/objective_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

namespace attune::tokenizer {
namespace {

constexpr std::size_t kChunkRows = 512;
constexpr std::size_t kSampleRows = 10;
/// Part of the cache key: raise it when the same input gives other tokens than before.
constexpr int kVersion = 1;

/// What a worker made of some rows in a row.
struct Chunk {
    std::vector<RenderedRow> rows;
    std::vector<std::int64_t> numbers;
    std::vector<std::pair<std::int64_t, std::string>> dropped;
};

std::string cacheKey(const TokenizeJob& job)
{
    const auto& o = job.options;
    std::string key = fmt::format("{}\n{}\n{}\n{} {} {}\n", kVersion, job.dataset->contentHash(), job.tokenizerHash, static_cast<int>(o.trainOn), o.maxLength,
        static_cast<int>(o.overlong));
    if (job.chat)
        key += fmt::format("{}\n{}\n{}\n{}\n{}", job.chat->options().startToken, job.chat->options().endToken, job.chat->options().date,
            toLine(job.chat->options().variables), job.chat->text());
    if (o.shape != RowShape::Answers)
        key += fmt::format("\nshape {} {} {} {}", static_cast<int>(o.shape), static_cast<int>(o.labelKind), o.decoderStart, toLine(Json(o.labels)));
    std::string_view rows(reinterpret_cast<const char*>(job.rows.data()), job.rows.size() * sizeof(std::int64_t));
    return hash128(key + "\n" + hash128(rows).hex()).hex();
}

std::int64_t rowAt(const TokenizeJob& job, std::size_t index)
{
    return job.rows.empty() ? static_cast<std::int64_t>(index) : job.rows[index];
}

/// Errors that are the row's own; the rest end the work.
bool isRowsOwn(const Error& error)
{
    return error.code == ErrorCode::TemplateBroken || error.code == ErrorCode::RoleMissing || error.code == ErrorCode::NothingTrained
        || error.code == ErrorCode::Unsupported;
}

Status renderChunk(const TokenizeJob& job, std::size_t begin, std::size_t end, Chunk& chunk)
{
    for (std::size_t i = begin; i < end; ++i) {
        const auto number = rowAt(job, i);
        ATTUNE_TRY(const auto record, job.dataset->record(number));
        auto rows = renderRows(*job.tokenizer, job.chat, record, job.options);
        if (rows) {
            for (auto& row : *rows) {
                row.text.clear();
                chunk.rows.push_back(std::move(row));
                chunk.numbers.push_back(number);
            }
        } else if (isRowsOwn(rows.error())) {
            chunk.dropped.emplace_back(number, rows.error().message);
        } else {
            return rows.error().in(fmt::format("row {}", number));
        }
    }
    return {};
}

Status renderAll(const TokenizeJob& job, std::size_t count, std::vector<Chunk>& chunks, const JobContext& context)
{
    std::atomic<std::size_t> next {0}, done {0};
    std::mutex mutex;
    std::optional<Error> failed;
    const auto work = [&] {
        for (std::size_t c = next++; c < chunks.size() && !context.isCancelled(); c = next++) {
            const auto begin = c * kChunkRows, end = std::min(count, begin + kChunkRows);
            auto status = renderChunk(job, begin, end, chunks[c]);
            const std::lock_guard lock(mutex);
            if (!status) {
                failed = failed ? failed : status.error();
                next = chunks.size();
                return;
            }
            context.report("Tokenising rows", done += end - begin, count);
        }
    };
    {
        const auto threads = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), chunks.size());
        std::vector<std::jthread> helpers;
        for (std::size_t t = 1; t < threads; ++t)
            helpers.emplace_back(work);
        work();
    }
    if (failed)
        return *failed;
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Tokenising was cancelled.");
    return {};
}

void fillLengths(std::vector<std::int64_t> lengths, TokenizeReport& report)
{
    std::map<std::int64_t, std::int64_t> buckets;
    for (const auto length : lengths)
        ++buckets[static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(1, length))))];
    for (const auto& [from, rows] : buckets)
        report.histogram.push_back({from, rows});
    if (lengths.empty())
        return;
    std::sort(lengths.begin(), lengths.end());
    report.p50 = lengths[(lengths.size() - 1) / 2];
    report.p95 = lengths[(lengths.size() - 1) * 95 / 100];
    report.longest = lengths.back();
}

/// Documents become blocks of max_length tokens, across the chunks.
void cutBlocks(std::vector<Chunk>& chunks, std::int64_t length)
{
    BlockCutter cutter(length);
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        auto& chunk = chunks[c];
        for (std::size_t i = 0; i < chunk.rows.size(); ++i)
            cutter.add(chunk.rows[i], chunk.numbers[i]);
        chunk.rows.clear();
        chunk.numbers.clear();
        for (auto& [block, number] : cutter.take(c + 1 == chunks.size())) {
            chunk.rows.push_back(std::move(block));
            chunk.numbers.push_back(number);
        }
    }
}

TokenizeReport collect(const std::vector<Chunk>& chunks, std::size_t rowsIn, TokenShardWriter& writer)
{
    TokenizeReport report;
    report.rowsIn = static_cast<std::int64_t>(rowsIn);
    std::vector<std::int64_t> lengths;
    std::map<std::string, TokenizeReport::Dropped> dropped;
    for (const auto& chunk : chunks) {
        for (std::size_t i = 0; i < chunk.rows.size(); ++i) {
            const auto& row = chunk.rows[i];
            writer.add(row.ids, row.trained, chunk.numbers[i], row.partLengths, row.labels);
            lengths.push_back(static_cast<std::int64_t>(row.ids.size()));
            report.trainedTokens += std::accumulate(row.trained.begin(), row.trained.end(), std::int64_t(0));
            report.truncatedRows += row.isTruncated;
        }
        for (const auto& [number, reason] : chunk.dropped) {
            auto& entry = dropped[reason];
            entry.reason = reason;
            ++entry.count;
            if (entry.sample.size() < kSampleRows)
                entry.sample.push_back(number);
        }
    }
    report.rows = writer.rows();
    report.tokens = writer.tokens();
    for (auto& [reason, entry] : dropped)
        report.dropped.push_back(std::move(entry));
    std::stable_sort(report.dropped.begin(), report.dropped.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
    fillLengths(std::move(lengths), report);
    return report;
}

Error nothingLeft(const TokenizeReport& report)
{
    std::string why;
    for (const auto& entry : report.dropped)
        why += fmt::format(" {}", entry.sentence());
    return fail(ErrorCode::NothingTrained, fmt::format("None of {} rows has a token to train on.{}", report.rowsIn, why),
        "Check the mapping of the columns, the template and max_length.");
}

/// What an earlier call left, if both files are sound.
std::optional<TokenizedDataset> openCached(const std::string& shardPath, const std::string& reportPath)
{
    std::error_code error;
    if (!fs::exists(shardPath, error) || !fs::exists(reportPath, error))
        return std::nullopt;
    auto shard = TokenShard::open(shardPath);
    const auto json = readJsonFile(reportPath, 1u << 26);
    auto report = json ? TokenizeReport::fromJson(*json) : Result<TokenizeReport>(json.error());
    if (!shard || !report || report->rows != shard->rows()) {
        logWarning("The token cache {} is damaged and made again.", shardPath);
        return std::nullopt;
    }
    report->fromCache = true;
    return TokenizedDataset {std::move(*shard), std::move(*report), shardPath};
}

std::int64_t integerAt(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_number_integer() ? json[key].get<std::int64_t>() : 0;
}

}

std::string TokenizeReport::Dropped::sentence() const
{
    std::string rows;
    for (const auto row : sample)
        rows += (rows.empty() ? "" : ", ") + std::to_string(row);
    return fmt::format("{} {} ({} {}{})", count == 1 ? "1 row:" : std::to_string(count) + " rows:", reason, sample.size() == 1 ? "row" : "rows", rows,
        count > static_cast<std::int64_t>(sample.size()) ? ", …" : "");
}

Json TokenizeReport::toJson() const
{
    Json json {{"rows_in", rowsIn}, {"rows", rows}, {"tokens", tokens}, {"trained_tokens", trainedTokens}, {"truncated_rows", truncatedRows}, {"p50", p50},
        {"p95", p95}, {"max", longest}, {"dropped", Json::array()}, {"histogram", Json::array()}, {"from_cache", fromCache}};
    for (const auto& entry : dropped)
        json["dropped"].push_back({{"reason", entry.reason}, {"count", entry.count}, {"rows", entry.sample}});
    for (const auto& bucket : histogram)
        json["histogram"].push_back({{"from", bucket.from}, {"rows", bucket.rows}});
    return json;
}

Result<TokenizeReport> TokenizeReport::fromJson(const Json& json)
{
    const auto broken = [] { return fail(ErrorCode::FileCorrupt, "The report of a token cache is damaged.", "Delete the cache; it is made again."); };
    if (!json.is_object() || !json.contains("dropped") || !json["dropped"].is_array() || !json.contains("histogram") || !json["histogram"].is_array())
        return broken();
    TokenizeReport report;
    report.rowsIn = integerAt(json, "rows_in");
    report.rows = integerAt(json, "rows");
    report.tokens = integerAt(json, "tokens");
    report.trainedTokens = integerAt(json, "trained_tokens");
    report.truncatedRows = integerAt(json, "truncated_rows");
    report.p50 = integerAt(json, "p50");
    report.p95 = integerAt(json, "p95");
    report.longest = integerAt(json, "max");
    for (const auto& entry : json["dropped"]) {
        if (!entry.is_object() || !entry.contains("reason") || !entry["reason"].is_string())
            return broken();
        Dropped made {entry["reason"].get<std::string>(), integerAt(entry, "count"), {}};
        for (const auto& row : entry.value("rows", Json::array()))
            if (row.is_number_integer())
                made.sample.push_back(row.get<std::int64_t>());
        report.dropped.push_back(std::move(made));
    }
    for (const auto& bucket : json["histogram"])
        if (bucket.is_object())
            report.histogram.push_back({integerAt(bucket, "from"), integerAt(bucket, "rows")});
    return report;
}

Result<std::string> hashOfTokenizer(const std::string& modelPath)
{
    std::error_code error;
    std::string key;
    if (fs::is_directory(modelPath, error)) {
        for (const char* name : {"tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
                 "config.json", "generation_config.json"}) {
            const std::string path = modelPath + "/" + name;
            if (!fs::exists(path, error))
                continue;
            ATTUNE_TRY(const auto hash, hash128OfFile(path));
            key += fmt::format("{} {}\n", name, hash.hex());
        }
        return hash128(key).hex();
    }
    ATTUNE_TRY(const auto file, formats::GgufFile::open(modelPath));
    for (const auto& value : file.values())
        if (value.key.starts_with("tokenizer.") || value.key == "general.name" || value.key == "general.architecture")
            key += fmt::format("{} {}\n", value.key, hash128({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()}).hex());
    return hash128(key).hex();
}

Result<TokenizedDataset> tokenizeDataset(const TokenizeJob& job, const JobContext& context)
{
    const std::string folder = job.cacheFolder + "/" + cacheKey(job);
    const std::string shardPath = folder + "/tokens.bin", reportPath = folder + "/report.json";
    if (auto cached = openCached(shardPath, reportPath))
        return std::move(*cached);
    const auto count = job.rows.empty() ? static_cast<std::size_t>(std::max<std::int64_t>(0, job.dataset->rows())) : job.rows.size();
    std::vector<Chunk> chunks((count + kChunkRows - 1) / kChunkRows);
    ATTUNE_RETURN_IF_ERROR(renderAll(job, count, chunks, context));
    if (job.options.shape == RowShape::Blocks && job.options.maxLength > 0)
        cutBlocks(chunks, job.options.maxLength);
    TokenShardWriter writer;
    const auto report = collect(chunks, count, writer);
    if (report.rows == 0)
        return nothingLeft(report);
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    ATTUNE_RETURN_IF_ERROR(writer.write(shardPath));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(reportPath, report.toJson().dump(1) + "\n"));
    ATTUNE_TRY(auto shard, TokenShard::open(shardPath));
    return TokenizedDataset {std::move(shard), report, shardPath};
}

}
