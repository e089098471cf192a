// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/index.h"

#include "formats/file_writer.h"

#include <cstring>

namespace attune::importer {
namespace {

constexpr std::string_view kMagic = "ATTUNEIX";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFixed = 16;

Json sourceJson(const SourceFile& s)
{
    return {{"path", s.path}, {"bytes", s.bytes}, {"modified", s.modified}, {"hash", s.hash}, {"body", s.body}, {"body_bytes", s.bodyBytes},
        {"encoding", s.encoding}, {"compression", s.compression}, {"format", s.layout.format}, {"delimiter", std::string(1, s.layout.delimiter)},
        {"positions", s.layout.positions}, {"first_row", s.firstRow}, {"rows", s.rows}};
}

SourceFile sourceFrom(const Json& j)
{
    SourceFile s;
    s.path = j.at("path");
    s.bytes = j.at("bytes");
    s.modified = j.at("modified");
    s.hash = j.at("hash");
    s.body = j.at("body");
    s.bodyBytes = j.at("body_bytes");
    s.encoding = j.at("encoding");
    s.compression = j.at("compression");
    s.layout.format = j.at("format");
    const std::string delimiter = j.at("delimiter");
    s.layout.delimiter = delimiter.empty() ? ',' : delimiter[0];
    s.layout.positions = j.at("positions").get<std::vector<int>>();
    s.firstRow = j.at("first_row");
    s.rows = j.at("rows");
    return s;
}

Error corrupt(const std::string& path, const std::string& why)
{
    return fail(ErrorCode::FileCorrupt, fmt::format("The index {} is damaged ({}).", path, why), "Import the dataset again with --replace; the source was not touched.");
}

template<typename T>
std::string_view bytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}

Json toJson(const std::vector<Problem>& problems)
{
    Json list = Json::array();
    for (const auto& p : problems) {
        Json entry {{"line", p.line}, {"message", p.message}};
        if (!p.file.empty())
            entry["file"] = p.file;
        list.push_back(std::move(entry));
    }
    return list;
}

Json toJson(const std::vector<Column>& columns)
{
    Json list = Json::array();
    for (const auto& c : columns)
        list.push_back({{"name", c.name}, {"type", c.type}, {"role", std::string(roleName(c.role))}});
    return list;
}

std::vector<Column> columnsFromJson(const Json& json)
{
    std::vector<Column> columns;
    for (const auto& entry : json) {
        Column column {entry.value("name", ""), entry.value("type", "text"), ColumnRole::Ignore};
        roleFromName(entry.value("role", "ignore"), column.role);
        columns.push_back(std::move(column));
    }
    return columns;
}

Json IndexHeader::toJson() const
{
    Json files = Json::array();
    for (const auto& source : sources)
        files.push_back(sourceJson(source));
    return {{"sources", files}, {"columns", importer::toJson(columns)}, {"sentence", sentence}, {"style", style}, {"confidence", confidence}, {"rows", rows},
        {"skipped", skipped}, {"problems", importer::toJson(problems)}};
}

Result<IndexHeader> IndexHeader::fromJson(const Json& json)
{
    try {
        IndexHeader header;
        header.columns = columnsFromJson(json.at("columns"));
        for (const auto& entry : json.at("sources")) {
            header.sources.push_back(sourceFrom(entry));
            for (const auto& column : header.columns)
                header.sources.back().layout.columns.push_back(column.name);
            for (const int position : header.sources.back().layout.positions)
                if (position >= static_cast<int>(header.columns.size()))
                    return fail(ErrorCode::FileCorrupt, "A column number is out of range.");
        }
        header.sentence = json.value("sentence", "");
        header.style = json.value("style", "");
        header.confidence = json.value("confidence", 0.0);
        header.rows = json.at("rows");
        header.skipped = json.at("skipped");
        for (const auto& entry : json.at("problems"))
            header.problems.push_back({entry.value("line", std::int64_t(0)), entry.value("message", ""), entry.value("file", "")});
        return header;
    } catch (const std::exception& e) {
        return fail(ErrorCode::FileCorrupt, fmt::format("A field is missing or has the wrong type: {}.", e.what()));
    }
}

Result<DatasetIndex> DatasetIndex::open(const std::string& path)
{
    DatasetIndex index;
    ATTUNE_TRY(index.m_file, MappedFile::open(path));
    const std::string_view text = index.m_file.text();
    if (text.size() < kFixed || !text.starts_with(kMagic))
        return corrupt(path, "no index");
    std::uint32_t version = 0, headerBytes = 0;
    std::memcpy(&version, text.data() + 8, 4);
    std::memcpy(&headerBytes, text.data() + 12, 4);
    if (version != kVersion || headerBytes % 8 != 0 || kFixed + headerBytes > text.size())
        return corrupt(path, "header");
    ATTUNE_TRY(auto json, parseJson(text.substr(kFixed, headerBytes)));
    auto header = IndexHeader::fromJson(json);
    if (!header)
        return corrupt(path, header.error().message);
    index.m_header = std::move(*header);
    const std::int64_t rows = index.m_header.rows;
    std::int64_t counted = 0;
    for (const auto& source : index.m_header.sources) {
        if (source.firstRow != counted || source.rows < 0)
            return corrupt(path, "row counts");
        counted += source.rows;
    }
    const std::size_t left = text.size() - kFixed - headerBytes;
    if (rows < 0 || counted != rows || left / 12 != static_cast<std::size_t>(rows) || left % 12 != 0)
        return corrupt(path, "length");
    const char* data = text.data() + kFixed + headerBytes;
    index.m_begins = {reinterpret_cast<const std::uint64_t*>(data), static_cast<std::size_t>(rows)};
    index.m_lengths = {reinterpret_cast<const std::uint32_t*>(data + 8 * rows), static_cast<std::size_t>(rows)};
    return index;
}

Status DatasetIndex::write(const std::string& path, const IndexHeader& header, const std::vector<FileIndex>& files)
{
    ATTUNE_TRY(auto out, formats::FileWriter::create(path));
    std::string json = toLine(header.toJson());
    json.resize((json.size() + 7) / 8 * 8, ' ');
    const auto headerBytes = static_cast<std::uint32_t>(json.size());
    out.write(kMagic);
    out.write({reinterpret_cast<const char*>(&kVersion), 4});
    out.write({reinterpret_cast<const char*>(&headerBytes), 4});
    out.write(json);
    for (const auto& file : files)
        out.write(bytesOf(file.begins));
    for (const auto& file : files)
        out.write(bytesOf(file.lengths));
    return out.commit();
}

std::size_t DatasetIndex::fileOf(std::int64_t row) const
{
    const auto& sources = m_header.sources;
    const auto it = std::upper_bound(sources.begin(), sources.end(), row, [](std::int64_t r, const SourceFile& s) { return r < s.firstRow; });
    std::size_t file = static_cast<std::size_t>(it - sources.begin()) - 1;
    while (sources[file].rows == 0 && file > 0)
        --file;  // empty files share their first row with the next
    return file;
}

}
