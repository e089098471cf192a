// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/cleaned_dataset.h"

#include "base/hash.h"
#include "formats/file_writer.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"

#include <cstring>

namespace attune::cleaner {
namespace {

constexpr std::string_view kMagic = "ATTUNERS", kWideMagic = "ATTUNERL";

}

Result<RowList> RowList::open(const std::string& path)
{
    RowList list;
    ATTUNE_TRY(list.m_file, MappedFile::open(path));
    const std::string_view text = list.m_file.text();
    const bool isWide = text.starts_with(kWideMagic);
    std::uint64_t count = 0;
    if (text.size() >= 16)
        std::memcpy(&count, text.data() + 8, 8);
    const std::size_t width = isWide ? 8 : 4;
    if (text.size() < 16 || (!isWide && !text.starts_with(kMagic)) || (text.size() - 16) / width != count || (text.size() - 16) % width != 0)
        return fail(ErrorCode::FileCorrupt, fmt::format("The row list {} is damaged.", path), "Go back to an earlier version of the dataset, or make this one again.");
    list.m_count = static_cast<std::int64_t>(count);
    if (isWide)
        list.m_wide = {reinterpret_cast<const std::uint64_t*>(text.data() + 16), count};
    else
        list.m_rows = {reinterpret_cast<const std::uint32_t*>(text.data() + 16), count};
    return list;
}

Status RowList::write(const std::string& path, const Selection& rows)
{
    ATTUNE_TRY(auto out, formats::FileWriter::create(path));
    const bool isWide = std::any_of(rows.begin(), rows.end(), [](std::int64_t row) { return row > UINT32_MAX; });
    const std::uint64_t count = rows.size();
    out.write(isWide ? kWideMagic : kMagic);
    out.write({reinterpret_cast<const char*>(&count), 8});
    for (const std::int64_t row : rows)
        out.write({reinterpret_cast<const char*>(&row), isWide ? 8u : 4u});
    return out.commit();
}

std::int64_t sourceRow(const importer::Dataset& data, std::int64_t row)
{
    const auto* derived = dynamic_cast<const DerivedDataset*>(&data);
    return derived ? derived->sourceRow(row) : row;
}

CleanedDataset::CleanedDataset(std::string name, importer::DatasetPtr base, std::shared_ptr<const RowList> rows, StepChain chain, std::string hash)
    : m_name(std::move(name))
    , m_base(std::move(base))
    , m_rows(std::move(rows))
    , m_chain(std::move(chain))
    , m_hash(std::move(hash))
{
}

Status CleanedDataset::read(std::int64_t row, Row& out) const
{
    if (row < 0 || row >= rows())
        return importer::rowOutOfRange(row, rows());
    ATTUNE_RETURN_IF_ERROR(m_base->read(m_rows ? (*m_rows)[row] : row, out));
    m_chain.edit(out);
    return {};
}

Result<Json> CleanedDataset::values(std::int64_t number) const
{
    thread_local Row row;
    ATTUNE_RETURN_IF_ERROR(read(number, row));
    return importer::valuesOf(row, columns());
}

Result<importer::Record> CleanedDataset::record(std::int64_t number) const
{
    thread_local Row row;
    ATTUNE_RETURN_IF_ERROR(read(number, row));
    return importer::toRecord(row, columns(), number);
}

bool CleanedDataset::isConversational() const
{
    return importer::hasConversation(columns());
}

}
