// SPDX-License-Identifier: GPL-3.0-or-later
// JSON lines: one object a line (https://jsonlines.org). Read in parallel, cut at line ends.
#include "importer/chunks.h"
#include "importer/json_rows.h"

#include <cstring>

namespace attune::importer {
namespace {

constexpr std::size_t kChunkBytes = std::size_t(2) << 20;

std::string_view lineAt(std::string_view text, std::size_t begin)
{
    const auto* newline = static_cast<const char*>(std::memchr(text.data() + begin, '\n', text.size() - begin));
    return text.substr(begin, newline ? static_cast<std::size_t>(newline - text.data()) - begin : text.size() - begin);
}

std::string_view withoutSpace(std::string_view line)
{
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t' || line.front() == '\r'))
        line.remove_prefix(1);
    return line;
}

int sniff(const Head& head)
{
    int good = 0, bad = 0;
    JsonRowChecker checker;
    for (std::size_t at = 0; at < head.text.size() && good + bad < 50;) {
        const std::string_view line = lineAt(head.text, at);
        const bool isCut = at + line.size() >= head.text.size() && !head.isWhole;
        at += line.size() + 1;
        const std::string_view row = withoutSpace(line);
        if (row.empty() || (isCut && good + bad > 0))
            continue;
        const bool isGood = row.front() == '{' && (isCut || checker.check(row, row.size()) != JsonRowChecker::Verdict::Broken);
        ++(isGood ? good : bad);
    }
    if (good == 0)
        return bad && head.fileName.ends_with(".jsonl") && head.text.starts_with('{') ? 20 : 0;
    return good >= bad ? 95 : 40;
}

/// What one chunk holds; line numbers are relative to its start.
struct Chunk {
    FileIndex rows;
    std::int64_t lines = 0;
};

void readLine(const Body& body, std::string_view line, JsonRowChecker& checker, Chunk& out)
{
    const std::string_view row = withoutSpace(line);
    if (row.empty())
        return;
    const std::string_view text = body.text();
    const auto begin = static_cast<std::size_t>(row.data() - text.data());
    auto verdict = JsonRowChecker::Verdict::Broken;
    std::string reason = "The line is longer than 4 GiB.";
    if (row.size() < UINT32_MAX) {
        verdict = checker.check(row, text.size() - begin);
        if (verdict != JsonRowChecker::Verdict::Good)
            reason = checker.reason();
    }
    if (verdict == JsonRowChecker::Verdict::Good) {
        out.rows.begins.push_back(begin);
        out.rows.lengths.push_back(static_cast<std::uint32_t>(row.size()));
        return;
    }
    ++out.rows.skipped;
    out.rows.notUtf8 += verdict == JsonRowChecker::Verdict::NotUtf8;
    if (out.rows.problems.size() < kMostProblems)
        out.rows.problems.push_back({out.lines + 1, reason, {}});
}

/// Lines that begin inside [from, to).
Chunk readChunk(const Body& body, std::size_t from, std::size_t to, JsonRowChecker& checker)
{
    Chunk out;
    out.rows.begins.reserve((to - from) / 256);
    out.rows.lengths.reserve((to - from) / 256);
    const std::string_view text = body.text();
    std::size_t at = from;
    if (from > body.rowsBegin && text[from - 1] != '\n')
        at += lineAt(text, from).size() + 1;  // the line that began before belongs to the chunk before
    while (at < to && at < text.size()) {
        const std::string_view line = lineAt(text, at);
        readLine(body, line, checker, out);
        ++out.lines;
        at += line.size() + 1;
    }
    out.rows.columns = checker.takeColumns();
    return out;
}

FileIndex merge(std::vector<Chunk>& chunks)
{
    FileIndex all;
    std::size_t rows = 0;
    for (const auto& chunk : chunks)
        rows += chunk.rows.begins.size();
    all.begins.reserve(rows);
    all.lengths.reserve(rows);
    std::int64_t lines = 0;
    for (auto& chunk : chunks) {
        all.begins.insert(all.begins.end(), chunk.rows.begins.begin(), chunk.rows.begins.end());
        all.lengths.insert(all.lengths.end(), chunk.rows.lengths.begin(), chunk.rows.lengths.end());
        mergeColumns(all.columns, chunk.rows.columns);
        for (auto& problem : chunk.rows.problems)
            if (all.problems.size() < kMostProblems)
                all.problems.push_back({problem.line + lines, std::move(problem.message), {}});
        all.skipped += chunk.rows.skipped;
        all.notUtf8 += chunk.rows.notUtf8;
        lines += chunk.lines;
        chunk = {};
    }
    return all;
}

Result<FileIndex> index(const Body& body, const ImportOptions& options, const JobContext& context)
{
    const std::size_t size = body.text().size();
    const std::size_t count = (size + kChunkBytes - 1) / kChunkBytes;
    const unsigned workers = workerCount(options.threads);
    std::vector<Chunk> chunks(count);
    std::vector<JsonRowChecker> checkers(std::max(1u, workers));
    RunningHash hash(body.text(), kChunkBytes);
    ATTUNE_RETURN_IF_ERROR(forEachChunk(count, workers, context, [&](std::size_t i, unsigned worker) {
        const std::size_t from = std::max(i * kChunkBytes, body.rowsBegin);
        chunks[i] = readChunk(body, from, std::min((i + 1) * kChunkBytes, size), checkers[worker]);
        if (body.wantsHash)
            hash.chunkDone(i);
        context.report("Reading rows", i + 1, count);
    }));
    FileIndex all = merge(chunks);
    if (body.wantsHash)
        all.hash = hash.finish();
    return all;
}

}

const Source& jsonl()
{
    static const Source source {"jsonl", "JSON lines", ".jsonl", sniff, index, readJsonObject};
    return source;
}

}
