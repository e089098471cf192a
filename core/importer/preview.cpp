// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/preview.h"

#include "base/file.h"
#include "importer/decompress.h"
#include "importer/import.h"
#include "importer/source_dataset.h"
#include "importer/text_encoding.h"

#include <atomic>

#include <unistd.h>

namespace attune::importer {
namespace {

constexpr std::size_t kPreviewBytes = std::size_t(2) << 20, kLargePreviewBytes = std::size_t(128) << 20;
constexpr std::size_t kSampleRows = 200;

/// The start of the file as UTF-8, in memory.
struct Start {
    std::string text;
    std::size_t rowsBegin = 0;
    bool isWhole = false;
};

/// What `write` writes: converters write files, and a preview is small enough to go through one.
template<typename Write>
Result<std::string> written(Write write)
{
    static std::atomic<unsigned> counter {0};
    const std::string path = (fs::temp_directory_path() / fmt::format("attune-preview-{}-{}", ::getpid(), counter++)).string();
    ATTUNE_TRY(auto out, formats::FileWriter::create(path));
    ATTUNE_RETURN_IF_ERROR(write(out));
    ATTUNE_RETURN_IF_ERROR(out.commit());
    auto text = readFile(path);
    std::error_code ignored;
    fs::remove(path, ignored);
    return text;
}

Result<std::string> toUtf8(const std::string& text, Encoding encoding)
{
    return written([&](formats::FileWriter& out) { return writeAsUtf8(text, encoding, out, {}); });
}

/// Columns that lie one after the other become rows.
Status rewriteRows(const Body& body, Start& start, const Source*& format)
{
    bool isRewritten = false;
    ATTUNE_TRY(auto rows, written([&](formats::FileWriter& out) -> Status {
        ATTUNE_TRY(isRewritten, format->rewrite(body, out, {}));
        return {};
    }));
    if (!isRewritten)
        return {};
    start.text = std::move(rows);
    start.rowsBegin = 0;
    format = findSource("jsonl");
    return {};
}

Result<Start> readStart(const std::string& path, std::size_t bytes, Preview& preview)
{
    ATTUNE_TRY(auto file, MappedFile::open(path));
    preview.bytes = file.size();
    preview.compression = compressionOf(file.text());
    Start start;
    start.text = preview.compression.empty() ? std::string(file.text().substr(0, bytes)) : decompressHead(file.text(), preview.compression, bytes);
    start.isWhole = start.text.size() < bytes;
    Encoding encoding = isBinary(start.text) ? Encoding::Utf8 : detectEncoding(start.text);
    if (!isBinary(start.text) && encoding == Encoding::Utf8 && looksLikeWindows1252(start.text))
        encoding = Encoding::Windows1252;
    if (encoding == Encoding::Utf8Bom) {
        start.rowsBegin = 3;
    } else if (encoding != Encoding::Utf8) {
        ATTUNE_TRY(start.text, toUtf8(start.text, encoding));
    }
    preview.encoding = encodingName(encoding);
    return start;
}

/// The first rows of a file that has no start of its own.
Result<Start> readBinary(const Source& format, const std::string& path, Preview& preview)
{
    ATTUNE_TRY(const auto file, MappedFile::open(path));
    Body body {file.text(), path, 0, false, static_cast<std::int64_t>(kSampleRows)};
    Start start;
    ATTUNE_TRY(start.text, written([&](formats::FileWriter& out) -> Status {
        ATTUNE_TRY([[maybe_unused]] const bool isRewritten, format.rewrite(body, out, {}));
        return {};
    }));
    if (format.countRows) {
        ATTUNE_TRY(preview.estimatedRows, format.countRows(body));
        start.isWhole = preview.estimatedRows <= body.mostRows;
    }
    return start;
}

/// What was cut by the end of the start is no problem of the file.
void forgetCutRow(FileIndex& index, bool isWhole)
{
    if (isWhole || index.problems.empty())
        return;
    index.problems.pop_back();
    index.skipped = std::max<std::int64_t>(0, index.skipped - 1);
}

void readRows(const Start& start, const FileIndex& index, const Source& format, std::size_t rows, Preview& preview)
{
    Layout layout {std::string(format.id), index.delimiter, {}, {}};
    for (std::size_t c = 0; c < preview.columns.size(); ++c) {
        layout.columns.push_back(preview.columns[c].name);
        layout.positions.push_back(static_cast<int>(c));
    }
    Row row;
    std::vector<Json> sample;
    for (std::size_t i = 0; i < std::min(index.begins.size(), kSampleRows); ++i)
        if (format.read(std::string_view(start.text).substr(index.begins[i], index.lengths[i]), layout, row))
            sample.push_back(valuesOf(row, preview.columns));
    preview.roles = guessRoles(preview.columns, sample);
    sample.resize(std::min(sample.size(), rows));
    preview.values = std::move(sample);
}

}

Result<std::vector<Record>> recordsWith(const Preview& preview, const std::vector<Column>& columns)
{
    std::vector<Record> records;
    Row row;
    for (std::size_t i = 0; i < preview.values.size(); ++i) {
        row.reset(columns.size());
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (const auto it = preview.values[i].find(columns[c].name); it != preview.values[i].end())
                setCell(row, c, *it);
        records.push_back(toRecord(row, columns, static_cast<std::int64_t>(i)));
    }
    return records;
}

namespace {

/// From the first `bytes` of the file.
Result<Preview> previewStart(const std::string& path, std::size_t bytes, const ImportOptions& options, std::size_t rows)
{
    Preview preview;
    preview.path = path;
    ATTUNE_TRY(Start start, readStart(preview.path, bytes, preview));
    Body body {start.text, preview.path, std::min(start.rowsBegin, start.text.size()), false};
    const Head head {withoutBlankLines(std::string_view(start.text).substr(body.rowsBegin)), preview.path, start.isWhole};
    ATTUNE_TRY(const Source* format, chooseSource(head, preview.path, options));
    preview.format = format->id;
    preview.formatName = format->displayName;
    if (format->isBinary) {
        ATTUNE_TRY(start, readBinary(*format, preview.path, preview));
        format = findSource("jsonl");
        body = {start.text, preview.path, 0, false};
    } else if (format->rewrite) {
        ATTUNE_RETURN_IF_ERROR(rewriteRows(body, start, format));
        body = {start.text, preview.path, std::min(start.rowsBegin, start.text.size()), false};
    }
    ATTUNE_TRY(auto index, format->index(body, options, {}));
    forgetCutRow(index, start.isWhole);
    if (format->id == "csv")
        preview.delimiter = std::string(1, index.delimiter);
    preview.isWhole = start.isWhole;
    preview.rows = static_cast<std::int64_t>(index.begins.size());
    preview.skipped = index.skipped;
    preview.problems = index.problems;
    const double share = start.isWhole || preview.bytes == 0 ? 1.0 : static_cast<double>(preview.bytes) / static_cast<double>(start.text.size());
    if (preview.estimatedRows == 0)
        preview.estimatedRows = static_cast<std::int64_t>(static_cast<double>(preview.rows) * share);
    preview.columns = joinColumns({index});
    if (preview.rows == 0 || preview.columns.empty())
        return fail(ErrorCode::DatasetEmpty, fmt::format("No usable rows were found in {}.", preview.path),
            preview.problems.empty() ? std::string("Check that the file is what it should be.") : fmt::format("Line {}: {}", preview.problems[0].line, preview.problems[0].message));
    readRows(start, index, *format, rows, preview);
    for (std::size_t c = 0; c < preview.columns.size(); ++c)
        preview.columns[c].role = preview.roles.roles[c];
    if (!options.roles.empty())
        ATTUNE_RETURN_IF_ERROR(applyRoles(preview.columns, options.roles));
    ATTUNE_TRY(preview.records, recordsWith(preview, preview.columns));
    return preview;
}

}

Result<Preview> previewFile(const std::string& given, const ImportOptions& options, std::size_t rows)
{
    const std::string path = absolutePath(given);
    auto preview = previewStart(path, kPreviewBytes, options, rows);
    std::error_code error;
    // The first row may be longer than the start.
    if (!preview && fs::is_regular_file(path, error) && fs::file_size(path, error) > kPreviewBytes)
        preview = previewStart(path, kLargePreviewBytes, options, rows);
    return preview;
}

}
