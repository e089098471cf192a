// SPDX-License-Identifier: GPL-3.0-or-later
// Delimited text (RFC 4180), read in parallel. Whether a piece of the file begins inside quotes
// follows from the number of quotes before it. That is only right while every quote stands where the
// RFC allows one, so each piece is checked against where the piece before it ended, and read again,
// with the careful scanner, where the two do not meet.
#include "importer/csv_index.h"

#include "formats/csv.h"
#include "importer/chunks.h"
#include "importer/csv_dialect.h"

#include <simdjson.h>

#include <atomic>

namespace attune::importer {
namespace {

using formats::CsvDialect;
using formats::CsvRecord;

constexpr std::size_t kChunkBytes = std::size_t(2) << 20;
constexpr std::size_t kMostRecoveries = 100;

struct Chunk {
    std::vector<CsvRecord> records;
    formats::CsvPiece piece;
};

/// Columns that still look like numbers; a column once ruled out stays so, whichever thread saw it.
using NumericColumns = std::unique_ptr<std::atomic<bool>[]>;

class CsvIndexer
{
public:
    CsvIndexer(const Body& body, const ImportOptions& options)
        : m_body(body)
        , m_text(body.text())
        , m_options(options)
        , m_workers(workerCount(options.threads))
    {
    }

    Result<FileIndex> run(const JobContext& context)
    {
        const Head head {m_text.substr(m_body.rowsBegin, 1u << 18), m_body.path, m_text.size() - m_body.rowsBegin <= (1u << 18)};
        const CsvGuess guess = guessDialect(head, m_options);
        m_dialect = guess.dialect;
        m_index.delimiter = m_dialect.delimiter;
        readHeader(guess.hasHeader);
        if (m_index.columns.size() > kMostColumns)
            return fail(ErrorCode::FormatUnknown, fmt::format("The first line has {} columns; at most {} are read.", m_index.columns.size(), kMostColumns),
                "Check the delimiter, or give it with --delimiter.");
        m_chunks.resize((m_text.size() - m_dataBegin + kChunkBytes - 1) / kChunkBytes);
        ATTUNE_RETURN_IF_ERROR(scan(context));
        ATTUNE_RETURN_IF_ERROR(join(context));
        ATTUNE_RETURN_IF_ERROR(learn(context));
        gather();
        return std::move(m_index);
    }

private:
    std::uint64_t chunkBegin(std::size_t i) const { return std::min<std::uint64_t>(m_dataBegin + i * kChunkBytes, m_text.size()); }

    void readHeader(bool hasHeader)
    {
        std::vector<CsvRecord> first;
        std::uint64_t end = m_body.rowsBegin;
        while (first.empty() && end < m_text.size())
            end = formats::scanCsvSlowly(m_text, end, end + 1, m_dialect, first);
        m_dataBegin = hasHeader ? end : m_body.rowsBegin;
        std::vector<std::string> names;
        if (!first.empty()) {
            formats::CsvFields fields(m_text.substr(first[0].begin, first[0].length), m_dialect.delimiter);
            std::string_view field;
            std::string scratch;
            while (fields.next(field, scratch) && names.size() <= kMostColumns)
                names.emplace_back(hasHeader ? field : std::string_view());
        }
        for (auto& name : uniqueColumnNames(names))
            m_index.columns.push_back({std::move(name), 1u << static_cast<unsigned>(Cell::Kind::Text), true});
    }

    Status scan(const JobContext& context)
    {
        std::vector<std::uint64_t> quotes(m_chunks.size() + 1);
        RunningHash hash(m_text, kChunkBytes);
        const std::size_t pieces = (m_text.size() + kChunkBytes - 1) / kChunkBytes;
        ATTUNE_RETURN_IF_ERROR(forEachChunk(std::max(m_chunks.size(), pieces), m_workers, context, [&](std::size_t i, unsigned) {
            if (i < m_chunks.size())
                quotes[i + 1] = formats::countQuotes(m_text.substr(chunkBegin(i), chunkBegin(i + 1) - chunkBegin(i)));
            if (m_body.wantsHash && i < pieces)
                hash.chunkDone(i);
        }));
        if (m_body.wantsHash)
            m_index.hash = hash.finish();
        for (std::size_t i = 0; i < m_chunks.size(); ++i)
            quotes[i + 1] += quotes[i];
        return forEachChunk(m_chunks.size(), m_workers, context, [&](std::size_t i, unsigned) {
            m_chunks[i].records.reserve(kChunkBytes / 256);
            m_chunks[i].piece = formats::scanCsv(m_text, chunkBegin(i), chunkBegin(i + 1), i == 0, quotes[i] % 2 == 1, m_dialect, m_chunks[i].records);
            context.report("Reading rows", i + 1, 2 * m_chunks.size());
        });
    }

    /// Where a piece does not begin where the one before it ended, the guess about quotes was wrong.
    Status join(const JobContext& context)
    {
        std::uint64_t expected = m_dataBegin;
        for (std::size_t i = 0; i < m_chunks.size(); ++i) {
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
            Chunk& chunk = m_chunks[i];
            if (expected >= chunkBegin(i + 1)) {
                chunk.records.clear();
                continue;  // one record of an earlier piece covers all of this one
            }
            const bool meets = chunk.piece.isRegular && startsAt(chunk, expected, i);
            if (!meets) {
                chunk.records.clear();
                chunk.piece = formats::scanCsv(m_text, expected, chunkBegin(i + 1), true, false, m_dialect, chunk.records);
            }
            if (!chunk.piece.isRegular) {
                chunk.records.clear();
                chunk.piece.end = formats::scanCsvSlowly(m_text, expected, chunkBegin(i + 1), m_dialect, chunk.records);
            }
            expected = chunk.piece.end;
            if (!chunk.records.empty() && !chunk.records.back().isClosed)
                expected = recover(chunk);
        }
        return {};
    }

    /// Blank lines may lie between the expected place and the first record.
    bool startsAt(const Chunk& chunk, std::uint64_t expected, std::size_t i) const
    {
        if (i == 0)
            return true;
        const std::uint64_t begin = chunk.piece.begin;
        return begin >= expected && m_text.substr(expected, begin - expected).find_first_not_of("\r\n") == std::string_view::npos
            && (expected == 0 || m_text[expected - 1] == m_dialect.lineEnd);
    }

    /// A quote that never closes swallows the rest of the file. Where reading on behind its first
    /// line gives whole rows again the quote was a stray one; otherwise the file was cut off there.
    std::uint64_t recover(Chunk& chunk)
    {
        CsvRecord open = chunk.records.back();
        chunk.records.pop_back();
        const std::uint64_t lineEnd = std::min<std::uint64_t>(m_text.find(m_dialect.lineEnd, open.begin), m_text.size());
        std::vector<CsvRecord> rest;
        if (m_recoveries++ < kMostRecoveries && lineEnd < m_text.size())
            formats::scanCsvSlowly(m_text, lineEnd + 1, m_text.size(), m_dialect, rest);
        const bool isStray = std::any_of(rest.begin(), rest.end(), [&](const CsvRecord& r) { return r.isClosed && r.fields == m_index.columns.size(); });
        open.length = (isStray ? lineEnd : m_text.size()) - open.begin;
        chunk.records.push_back(open);
        if (!isStray)
            return m_text.size();
        for (const auto& record : rest)
            chunk.records.push_back(record);
        if (!rest.empty() && !rest.back().isClosed)
            return recover(chunk);
        return m_text.size();
    }

    /// Checks UTF-8 and finds the columns that hold numbers only.
    Status learn(const JobContext& context)
    {
        const std::size_t columns = m_index.columns.size();
        NumericColumns numeric = std::make_unique<std::atomic<bool>[]>(columns);
        NumericColumns filled = std::make_unique<std::atomic<bool>[]>(columns);
        for (std::size_t c = 0; c < columns; ++c)
            numeric[c] = true;
        m_badText = std::make_unique<std::atomic<bool>[]>(m_chunks.size());
        ATTUNE_RETURN_IF_ERROR(forEachChunk(m_chunks.size(), m_workers, context, [&](std::size_t i, unsigned) {
            const Chunk& chunk = m_chunks[i];
            if (chunk.records.empty())
                return;
            const std::uint64_t begin = chunk.records.front().begin, end = chunk.records.back().begin + chunk.records.back().length;
            m_badText[i] = !simdjson::validate_utf8(m_text.data() + begin, end - begin);
            learnNumbers(chunk, numeric, filled);
            context.report("Reading rows", m_chunks.size() + i + 1, 2 * m_chunks.size());
        }));
        for (std::size_t c = 0; c < columns; ++c)
            m_index.columns[c].looksNumeric = numeric[c] && filled[c];
        return {};
    }

    void learnNumbers(const Chunk& chunk, NumericColumns& numeric, NumericColumns& filled) const
    {
        std::size_t last = m_index.columns.size();
        std::string scratch;
        for (const auto& record : chunk.records) {
            while (last > 0 && !numeric[last - 1])
                --last;
            if (last == 0)
                return;
            if (record.fields != m_index.columns.size() || !record.isClosed)
                continue;
            formats::CsvFields fields(m_text.substr(record.begin, record.length), m_dialect.delimiter);
            std::string_view field;
            for (std::size_t c = 0; c < last && fields.next(field, scratch); ++c) {
                if (field.empty() || !numeric[c])
                    continue;
                if (!formats::isCanonicalNumber(field))
                    numeric[c] = false;
                else if (!filled[c])
                    filled[c] = true;
            }
        }
    }

    void gather()
    {
        std::size_t total = 0;
        for (const auto& chunk : m_chunks)
            total += chunk.records.size();
        m_index.begins.reserve(total);
        m_index.lengths.reserve(total);
        for (std::size_t i = 0; i < m_chunks.size(); ++i) {
            for (const auto& record : m_chunks[i].records)
                take(record, m_badText[i]);
            m_chunks[i] = {};
        }
    }

    void take(const CsvRecord& record, bool mayBeBadText)
    {
        if (!record.isClosed)
            return leaveOut(record, "A quote is opened and never closed.");
        if (record.fields != m_index.columns.size())
            return leaveOut(record, fmt::format("{} fields; the first line has {}.", record.fields, m_index.columns.size()));
        if (record.length >= UINT32_MAX)
            return leaveOut(record, "The row is longer than 4 GiB.");
        if (mayBeBadText && !simdjson::validate_utf8(m_text.data() + record.begin, record.length)) {
            ++m_index.notUtf8;
            return leaveOut(record, "The bytes are not UTF-8.");
        }
        m_index.begins.push_back(record.begin);
        m_index.lengths.push_back(static_cast<std::uint32_t>(record.length));
    }

    void leaveOut(const CsvRecord& record, std::string message)
    {
        ++m_index.skipped;
        if (m_index.problems.size() >= kMostProblems)
            return;
        // Problems come in file order: lines are counted on from the last one.
        m_line += std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_lineAt), m_text.begin() + static_cast<std::ptrdiff_t>(record.begin), m_dialect.lineEnd);
        m_lineAt = record.begin;
        m_index.problems.push_back({m_line, std::move(message), {}});
    }

    const Body& m_body;
    std::string_view m_text;
    const ImportOptions& m_options;
    unsigned m_workers = 1;
    CsvDialect m_dialect;
    FileIndex m_index;
    std::uint64_t m_dataBegin = 0;
    std::vector<Chunk> m_chunks;
    std::unique_ptr<std::atomic<bool>[]> m_badText;
    std::size_t m_recoveries = 0;
    std::int64_t m_line = 1;
    std::uint64_t m_lineAt = 0;
};

}

Result<FileIndex> indexCsv(const Body& body, const ImportOptions& options, const JobContext& context)
{
    return CsvIndexer(body, options).run(context);
}

}
