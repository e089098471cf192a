// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/import.h"

#include "base/hash.h"
#include "importer/decompress.h"
#include "importer/json_rows.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"
#include "importer/text_encoding.h"
#include "importer/text_rows.h"

namespace attune::importer {
namespace {

constexpr std::size_t kHeadBytes = std::size_t(1) << 18;
constexpr std::size_t kMostFiles = 10'000;
constexpr std::int64_t kSampleRows = 200;

/// One file on its way from the source to indexed rows. A body that differs from the source (expanded,
/// converted, rewritten, copied) lies in the folder as body-<n>.
class FileImport
{
public:
    FileImport(std::string path, std::string folder, std::size_t number, const ImportOptions& options, const JobContext& context)
        : m_folder(std::move(folder))
        , m_number(number)
        , m_options(options)
        , m_context(context)
    {
        source.path = std::move(path);
    }

    Status run()
    {
        source.modified = modifiedTime(source.path);
        ATTUNE_TRY(m_file, MappedFile::open(source.path));
        source.bytes = m_file.size();
        source.compression = compressionOf(m_file.text());
        if (!source.compression.empty())
            ATTUNE_RETURN_IF_ERROR(replaceBody([&](formats::FileWriter& out) { return decompress(text(), source.compression, out, m_note, m_context); }));
        Encoding encoding = isBinary(text().substr(0, kHeadBytes)) ? Encoding::Utf8 : detectEncoding(text().substr(0, kHeadBytes));
        if (encoding != Encoding::Utf8 && encoding != Encoding::Utf8Bom)
            ATTUNE_RETURN_IF_ERROR(convert(encoding));
        ATTUNE_RETURN_IF_ERROR(indexBody(encoding));
        if (index.notUtf8 > 0 && looksLikeWindows1252(text())) {
            encoding = Encoding::Windows1252;
            ATTUNE_RETURN_IF_ERROR(convert(encoding));
            ATTUNE_RETURN_IF_ERROR(indexBody(encoding));
        }
        source.encoding = encodingName(encoding);
        return finish();
    }

    SourceFile source;
    FileIndex index;

private:
    std::string_view text() const { return m_file.text(); }
    bool isSource() const { return source.body.empty(); }

    /// Makes a new body from the present one.
    template<typename Make>
    Status replaceBody(Make make)
    {
        rememberHash();
        const std::string name = fmt::format("body-{}-{}", m_number, m_bodies++);
        const std::string path = m_folder + "/" + name;
        ATTUNE_TRY(auto out, formats::FileWriter::create(path));
        ATTUNE_RETURN_IF_ERROR(make(out));
        ATTUNE_RETURN_IF_ERROR(out.commit());
        removeBody();
        source.body = name;
        ATTUNE_TRY(m_file, MappedFile::open(path));
        return {};
    }
    void removeBody() const
    {
        std::error_code ignored;
        if (!isSource())
            fs::remove(m_folder + "/" + source.body, ignored);
    }
    void rememberHash()
    {
        if (isSource() && source.hash.empty())
            source.hash = hash128(text()).hex();
    }
    Status convert(Encoding encoding)
    {
        return replaceBody([&](formats::FileWriter& out) { return writeAsUtf8(text(), encoding, out, m_context); });
    }

    Status indexBody(Encoding encoding)
    {
        Body body {text(), source.path, encoding == Encoding::Utf8Bom ? 3u : 0u, isSource() && source.hash.empty()};
        const std::string_view rows = withoutBlankLines(text().substr(std::min(body.rowsBegin, text().size())));
        const Head head {rows.substr(0, kHeadBytes), source.path, rows.size() <= kHeadBytes};
        ATTUNE_TRY(const Source* format, chooseSource(head, source.path, m_options));
        if (format->rewrite) {
            bool isRewritten = false;
            const std::string name = fmt::format("{}/body-{}-rows", m_folder, m_number);
            ATTUNE_TRY(auto out, formats::FileWriter::create(name));
            ATTUNE_TRY(isRewritten, format->rewrite(body, out, m_context));
            if (isRewritten) {
                rememberHash();
                ATTUNE_RETURN_IF_ERROR(out.commit());
                removeBody();
                source.body = fs::path(name).filename().string();
                ATTUNE_TRY(m_file, MappedFile::open(name));
                body = {text(), source.path, 0, false};
                format = findSource("jsonl");
            }
        }
        ATTUNE_TRY(index, format->index(body, m_options, m_context));
        source.layout.format = format->id;
        source.layout.delimiter = index.delimiter;
        if (body.wantsHash)
            source.hash = index.hash;
        return {};
    }

    Status finish()
    {
        rememberHash();
        if (m_options.copy && isSource())
            ATTUNE_RETURN_IF_ERROR(replaceBody([&](formats::FileWriter& out) -> Status {
                for (std::size_t at = 0; at < text().size(); at += kHeadBytes)
                    out.write(text().substr(at, kHeadBytes));
                return {};
            }));
        source.bodyBytes = m_file.size();
        source.rows = static_cast<std::int64_t>(index.begins.size());
        if (!m_note.empty())
            index.problems.insert(index.problems.begin(), Problem {0, m_note, {}});
        return {};
    }

    std::string m_folder;
    std::size_t m_number = 0;
    const ImportOptions& m_options;
    const JobContext& m_context;
    MappedFile m_file;
    std::string m_note;
    int m_bodies = 0;
};

void setPositions(Layout& layout, const FileIndex& file, const std::vector<Column>& columns)
{
    for (const auto& column : columns)
        layout.columns.push_back(column.name);
    if (layout.format != "csv")
        return;
    for (const auto& column : file.columns) {
        const auto it = std::find(layout.columns.begin(), layout.columns.end(), column.name);
        layout.positions.push_back(it == layout.columns.end() ? -1 : static_cast<int>(it - layout.columns.begin()));
    }
}

Error emptyError(const std::vector<std::string>& files, const IndexHeader& header)
{
    const std::string what = files.size() == 1 ? files[0] : fmt::format("The {} files", files.size());
    if (header.problems.empty())
        return fail(ErrorCode::DatasetEmpty, fmt::format("No rows were found in {}.", what), "The file is empty or holds only white space.");
    const auto& first = header.problems.front();
    return fail(ErrorCode::DatasetEmpty, fmt::format("No usable rows were found in {}; {} were left out. Line {}: {}", what, header.skipped, first.line, first.message),
        "Check that the file is what it should be, or say its format with --format.");
}

Status assignRoles(IndexHeader& header, const std::string& folder, const ImportOptions& options)
{
    ATTUNE_TRY(auto dataset, SourceDataset::open("", folder));
    std::vector<Json> sample;
    for (std::int64_t row = 0; row < std::min(header.rows, kSampleRows); ++row)
        if (auto values = dataset->values(row))
            sample.push_back(std::move(*values));
    const RoleGuess guess = guessRoles(header.columns, sample);
    header.style = guess.style;
    header.confidence = guess.confidence;
    header.sentence = guess.sentence;
    for (std::size_t c = 0; c < header.columns.size(); ++c)
        header.columns[c].role = guess.roles[c];
    if (options.roles.empty())
        return {};
    header.style.clear();
    header.confidence = 1;
    header.sentence = "As given: the roles were set by hand.";
    return applyRoles(header.columns, options.roles);
}

}

Result<std::vector<std::string>> filesIn(const std::vector<std::string>& paths)
{
    std::vector<std::string> files;
    for (const auto& given : paths) {
        const std::string path = absolutePath(given);
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            files.push_back(path);
            continue;
        }
        std::vector<std::string> inside;
        for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end; it != end && inside.size() <= kMostFiles; it.increment(error)) {
            if (it->path().filename().string().starts_with('.')) {
                it.disable_recursion_pending();
                continue;
            }
            if (!it->is_symlink(error) && it->is_regular_file(error))
                inside.push_back(it->path().string());
        }
        if (inside.empty())
            return fail(ErrorCode::DatasetEmpty, fmt::format("The folder {} holds no files.", path), "Give a file, or a folder with files.");
        if (inside.size() > kMostFiles)
            return fail(ErrorCode::Unsupported, fmt::format("The folder {} holds more than {} files.", path, kMostFiles), "Give a folder with data files only.");
        std::sort(inside.begin(), inside.end());
        files.insert(files.end(), inside.begin(), inside.end());
    }
    return files;
}

std::vector<Column> joinColumns(const std::vector<FileIndex>& files)
{
    std::vector<ColumnFacts> all;
    for (const auto& file : files)
        mergeColumns(all, file.columns);
    std::vector<Column> columns;
    for (const auto& facts : all)
        columns.push_back({facts.name, columnType(facts), ColumnRole::Ignore});
    return columns;
}

Result<IndexHeader> importFiles(const std::vector<std::string>& paths, const std::string& folder, const ImportOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const auto files, filesIn(paths));
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    IndexHeader header;
    std::vector<FileIndex> indexes;
    for (std::size_t n = 0; n < files.size(); ++n) {
        FileImport file(files[n], folder, n, options, context);
        if (auto status = file.run(); !status)
            return status.error().where.empty() ? status.error().in(fs::path(files[n]).filename().string()) : status.error();
        file.source.firstRow = header.rows;
        header.rows += file.source.rows;
        header.skipped += file.index.skipped;
        for (auto& problem : file.index.problems)
            if (header.problems.size() < kMostProblems)
                header.problems.push_back({problem.line, problem.message, files.size() > 1 ? files[n] : std::string()});
        header.sources.push_back(std::move(file.source));
        indexes.push_back(std::move(file.index));
    }
    if (header.rows == 0)
        return emptyError(files, header);
    header.columns = joinColumns(indexes);
    if (header.columns.empty())
        return fail(ErrorCode::DatasetEmpty, fmt::format("The {} rows of {} hold no values.", header.rows, files[0]), "Check that the file is what it should be.");
    for (std::size_t n = 0; n < files.size(); ++n)
        setPositions(header.sources[n].layout, indexes[n], header.columns);
    // Written twice: the roles are found by reading sample rows through the index itself.
    const std::string path = folder + "/" + kIndexFile;
    ATTUNE_RETURN_IF_ERROR(DatasetIndex::write(path, header, indexes));
    ATTUNE_RETURN_IF_ERROR(assignRoles(header, folder, options));
    ATTUNE_RETURN_IF_ERROR(DatasetIndex::write(path, header, indexes));
    return header;
}

}
