// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "formats/file_writer.h"
#include "importer/row.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::importer {

/// What a person may say about a file instead of leaving it to detection.
struct ImportOptions {
    std::string format;                         ///< id of a source, or empty: by content
    char delimiter = 0;                         ///< CSV: 0 = found by content
    std::string header = "auto";                ///< CSV: auto yes no
    std::string split = "paragraph";            ///< text and Markdown: line paragraph document
    std::map<std::string, std::string> roles;   ///< --map: column -> role name; empty: by name and content
    bool copy = false;                          ///< keep a copy of the source in the workspace
    unsigned threads = 0;                       ///< 0 = one per core
};

/// A row that was left out.
struct Problem {
    std::int64_t line = 0;  ///< from 1, in its file
    std::string message;
    std::string file;
};
constexpr std::size_t kMostProblems = 100;   ///< kept with the dataset; the rest is only counted
constexpr std::size_t kMostColumns = 1000;   ///< further keys of a JSON file are left out
constexpr int kMostLevels = 256;             ///< nesting of a JSON row

/// Which kinds of values a column showed: bits 1 << Cell::Kind, and what CSV texts look like.
struct ColumnFacts {
    std::string name;
    std::uint32_t kinds = 0;
    bool looksNumeric = false;  ///< text, and every non-empty value is a canonical number
};
/// text number boolean list object mixed (cli.md "Datasets").
std::string columnType(const ColumnFacts& facts);

/// How the rows of one file are to be read: found at import, stored in the index.
struct Layout {
    std::string format;                ///< id of the source
    char delimiter = ',';
    std::vector<std::string> columns;  ///< the dataset's columns, in order
    std::vector<int> positions;        ///< CSV: field number -> column, -1 = left out
};

/// What indexing one file found.
struct FileIndex {
    std::vector<std::uint64_t> begins;   ///< byte of each row in the body
    std::vector<std::uint32_t> lengths;
    std::vector<ColumnFacts> columns;    ///< in order of appearance
    std::vector<Problem> problems;       ///< the first kMostProblems
    std::int64_t skipped = 0;
    std::int64_t notUtf8 = 0;            ///< rows left out because their bytes are not UTF-8
    char delimiter = ',';
    std::string hash;                    ///< XXH3-128 of the body if it was computed on the way
};

/// The start of a file as UTF-8, for telling its format.
struct Head {
    std::string_view text;
    std::string_view fileName;
    bool isWhole = false;
};

/// A file ready to be indexed: UTF-8 (mostly), mapped or in memory.
struct Body {
    std::string_view content;
    std::string path;           ///< as it is told to people
    std::size_t rowsBegin = 0;  ///< behind a byte order mark
    bool wantsHash = false;     ///< compute FileIndex::hash on the way
    std::int64_t mostRows = 0;  ///< rewrite: stop behind this many rows; 0 = all
    std::string_view text() const { return content; }
};

/// One source format: one file in sources/, found by the registry.
struct Source {
    std::string_view id;           ///< "jsonl"; permanent: stored in indexes
    std::string_view displayName;  ///< "JSON lines"
    std::string_view extension;    ///< the usual one, with dot
    /// How well the content fits, 0 to 100; the highest wins, the extension only breaks ties.
    int (*sniff)(const Head& head);
    /// Finds the rows. Broken ones are counted, listed and left out.
    /// Errors: FileCorrupt, FormatUnknown, Unsupported, Cancelled.
    Result<FileIndex> (*index)(const Body& body, const ImportOptions& options, const JobContext& context);
    /// Reads one row's bytes into the cells of layout.columns. False: not a row of this format (any more).
    bool (*read)(std::string_view bytes, const Layout& layout, Row& row);
    /// For files whose rows do not lie together (columns one after the other): writes them out as JSON
    /// lines and answers true; false if this file needs no such copy. May be null.
    Result<bool> (*rewrite)(const Body& body, formats::FileWriter& out, const JobContext& context) = nullptr;
    /// The bytes are no text: encodings are not looked for, and only the whole file can be read.
    bool isBinary = false;
    /// Rows without reading them; null where they must be read to be counted.
    Result<std::int64_t> (*countRows)(const Body& body) = nullptr;
};

/// All source formats, sorted by file name; generated from sources/*.cpp.
std::span<const Source* const> all();
/// By id; null if there is none.
const Source* findSource(std::string_view id);
/// The text from its first line that holds something: blank lines in front tell nothing about a format.
std::string_view withoutBlankLines(std::string_view text);
/// Whether the file begins like one of a binary format.
bool isBinary(std::string_view start);

}
