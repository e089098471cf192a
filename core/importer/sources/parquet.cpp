// SPDX-License-Identifier: GPL-3.0-or-later
// Parquet: columns lie one after the other, so the rows are written out as JSON lines once and read from there.
#include "formats/parquet.h"
#include "importer/source.h"

namespace attune::importer {
namespace {

int sniff(const Head& head)
{
    return head.text.starts_with("PAR1") || head.text.starts_with("PARE") ? 100 : 0;
}

Result<bool> rewrite(const Body& body, formats::FileWriter& out, const JobContext& context)
{
    ATTUNE_TRY(const auto* library, formats::openParquet());
    ATTUNE_RETURN_IF_ERROR(library->read(body.text(), body.path, body.mostRows, context, [&out](std::string_view line) {
        out.write(line);
        out.write("\n");
    }));
    return true;
}

Result<std::int64_t> countRows(const Body& body)
{
    ATTUNE_TRY(const auto* library, formats::openParquet());
    return library->countRows(body.text(), body.path);
}

Result<FileIndex> index(const Body& body, const ImportOptions&, const JobContext&)
{
    return fail(ErrorCode::Internal, fmt::format("{} was to be indexed as Parquet.", body.path), "Report this, please.");
}

bool read(std::string_view, const Layout&, Row&)
{
    return false;
}

}

const Source& parquet()
{
    static const Source source {"parquet", "Parquet", ".parquet", sniff, index, read, rewrite, true, countRows};
    return source;
}

}
