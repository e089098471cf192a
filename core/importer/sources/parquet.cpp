// SPDX-License-Identifier: GPL-3.0-or-later
// Parquet is recognised, so that the answer is clear, but not read yet.
#include "importer/source.h"

namespace attune::importer {
namespace {

int sniff(const Head& head)
{
    return head.text.starts_with("PAR1") ? 100 : 0;
}

Result<FileIndex> index(const Body& body, const ImportOptions&, const JobContext&)
{
    return fail(ErrorCode::Unsupported, fmt::format("{} is a Parquet file, which this version cannot read.", body.path),
        "Convert it to JSONL, for example with DuckDB: copy (from 'file.parquet') to 'file.jsonl'.");
}

bool read(std::string_view, const Layout&, Row&)
{
    return false;
}

}

const Source& parquet()
{
    static const Source source {"parquet", "Parquet", ".parquet", sniff, index, read};
    return source;
}

}
