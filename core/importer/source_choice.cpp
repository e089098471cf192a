// SPDX-License-Identifier: GPL-3.0-or-later
// Which format a file has, and when it changed.
#include "importer/import.h"

#include "importer/text_rows.h"

#include <sys/stat.h>

namespace attune::importer {

std::int64_t modifiedTime(const std::string& path)
{
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec : 0;
}

const Source* detectSource(const Head& head)
{
    const Source* best = nullptr;
    int bestScore = 0;
    for (const Source* source : all()) {
        const int score = 2 * source->sniff(head) + (head.fileName.ends_with(source->extension) ? 1 : 0);
        if (score > std::max(1, bestScore)) {
            best = source;
            bestScore = score;
        }
    }
    return best;
}

Result<const Source*> chooseSource(const Head& head, const std::string& path, const ImportOptions& options)
{
    if (!options.format.empty()) {
        if (const Source* source = findSource(options.format == "tsv" ? "csv" : options.format))
            return source;
        std::vector<std::string_view> ids;
        for (const Source* source : all())
            ids.push_back(source->id);
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no format.", options.format), fmt::format("Formats are {}.", fmt::join(ids, ", ")));
    }
    if (head.isWhole && head.text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return fail(ErrorCode::DatasetEmpty, fmt::format("{} is empty.", path), "Give a file that holds rows.");
    if (const Source* source = detectSource(head))
        return source;
    return fail(ErrorCode::FormatUnknown,
        looksLikeText(head.text.substr(0, 4096)) ? fmt::format("No rows were recognised in {}.", path)
                                                : fmt::format("{} is no text: it looks like a picture, a program or another binary file.", path),
        "Attune reads JSONL, JSON, CSV, TSV, Parquet, plain text and Markdown, also as .gz and .zst.");
}

}
