// SPDX-License-Identifier: GPL-3.0-or-later
// Parquet through Arrow C++ (Apache 2.0). Nothing that Arrow or Parquet throws leaves this library.
#include "formats/parquet.h"

#include "formats/parquet/from_json.h"
#include "formats/parquet/to_json.h"

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include <fmt/format.h>

#include <set>

namespace attune::formats {
namespace {

constexpr std::int64_t kBatchRows = 1024;
// What our own files tell their reader: columns whose texts are JSON, columns in which a null is a value that was not there.
constexpr const char *kJsonColumns = "attune.json_columns", *kAbsentColumns = "attune.absent_columns";

Error corrupt(const std::string& path, const std::string& why)
{
    if (why.find("ncrypt") != std::string::npos)
        return fail(ErrorCode::Unsupported, fmt::format("{} is encrypted.", path), "Decrypt it first.");
    return fail(ErrorCode::FileCorrupt, fmt::format("{} cannot be read as Parquet: {}", path, why.substr(0, 200)), "The file is cut off or damaged: copy or download it again.");
}

template<typename T>
T must(arrow::Result<T> result)
{
    if (!result.ok())
        throw std::runtime_error(result.status().message());
    return std::move(result).ValueUnsafe();
}

void must(const arrow::Status& status)
{
    if (!status.ok())
        throw std::runtime_error(status.message());
}

/// Runs work; exceptions become errors.
template<typename Work>
auto guarded(const std::string& path, Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, fmt::format("There is not enough memory to read {}.", path), "Close other programs, or split the file.");
    } catch (const std::exception& e) {
        return corrupt(path, e.what());
    }
}

std::unique_ptr<parquet::arrow::FileReader> openFile(std::string_view file)
{
    const auto input = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(file.data()), static_cast<std::int64_t>(file.size())));
    parquet::arrow::FileReaderBuilder builder;
    must(builder.Open(input));
    parquet::ArrowReaderProperties properties(false);
    properties.set_batch_size(kBatchRows);
    properties.set_pre_buffer(false);
    builder.properties(properties);
    return must(builder.Build());
}

std::set<std::string> namesIn(const arrow::Schema& schema, const char* key)
{
    std::set<std::string> names;
    if (!schema.metadata() || !schema.metadata()->Contains(key))
        return names;
    const auto list = parseJson(must(schema.metadata()->Get(key)));
    if (list && list->is_array())
        for (const auto& name : *list)
            if (name.is_string())
                names.insert(name.get<std::string>());
    return names;
}

/// The rows of a batch as lines of JSON.
void writeLines(const arrow::RecordBatch& batch, std::int64_t rows, const std::set<std::string>& json, const std::set<std::string>& absent, const std::function<void(std::string_view)>& line)
{
    std::vector<ValueStyle> styles;
    std::vector<std::string> keys;
    for (const auto& field : batch.schema()->fields()) {
        styles.push_back({json.contains(field->name()), absent.contains(field->name())});
        keys.emplace_back();
        appendQuoted(keys.back(), field->name());
    }
    std::string text;
    for (std::int64_t row = 0; row < rows; ++row) {
        text = "{";
        for (int c = 0; c < batch.num_columns(); ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (styles[i].omitsNulls && batch.column(c)->IsNull(row))
                continue;
            text += text.size() > 1 ? "," : "";
            text += keys[i] + ":";
            appendValue(text, *batch.column(c), row, styles[i]);
        }
        text += "}";
        line(text);
    }
}

/// Arrow's file interface over a function.
class SinkStream : public arrow::io::OutputStream
{
public:
    explicit SinkStream(std::function<void(std::string_view)> sink)
        : m_sink(std::move(sink))
    {
        set_mode(arrow::io::FileMode::WRITE);
    }
    arrow::Status Close() override
    {
        m_isClosed = true;
        return arrow::Status::OK();
    }
    bool closed() const override { return m_isClosed; }
    arrow::Result<std::int64_t> Tell() const override { return m_size; }
    using arrow::io::OutputStream::Write;
    arrow::Status Write(const void* data, std::int64_t size) override
    {
        m_sink({static_cast<const char*>(data), static_cast<std::size_t>(size)});
        m_size += size;
        return arrow::Status::OK();
    }

private:
    std::function<void(std::string_view)> m_sink;
    std::int64_t m_size = 0;
    bool m_isClosed = false;
};

class Writer : public ParquetWriter
{
public:
    Writer(const std::vector<ParquetColumn>& columns, std::function<void(std::string_view)> sink)
        : m_columns(columns)
    {
        arrow::FieldVector fields;
        Json json = Json::array(), absent = Json::array();
        for (auto& column : m_columns) {
            if (!column.type.hasNull)
                absent.push_back(column.name);
            if (column.type.isMixed()) {
                column.type = ParquetType {ParquetType::Kind::Json, {}, column.type.hasNull};
                json.push_back(column.name);
            }
            fields.push_back(arrow::field(column.name, arrowType(column.type)));
        }
        m_schema = arrow::schema(fields, arrow::key_value_metadata({kJsonColumns, kAbsentColumns}, {toLine(json), toLine(absent)}));
        parquet::WriterProperties::Builder properties;
        properties.compression(parquet::Compression::ZSTD)->created_by("Attune");
        const auto arrowProperties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
        m_writer = must(parquet::arrow::FileWriter::Open(*m_schema, arrow::default_memory_pool(), std::make_shared<SinkStream>(std::move(sink)), properties.build(), arrowProperties));
    }

    Status write(const std::vector<Json>& rows) override
    {
        return guarded("the export", [&]() -> Status {
            arrow::ArrayVector arrays;
            for (const auto& column : m_columns) {
                const auto builder = must(arrow::MakeBuilder(arrowType(column.type)));
                for (const auto& row : rows) {
                    const auto it = row.find(column.name);
                    must(appendTo(*builder, column.type, it == row.end() ? nullptr : &*it));
                }
                arrays.push_back(must(builder->Finish()));
            }
            must(m_writer->WriteRecordBatch(*arrow::RecordBatch::Make(m_schema, static_cast<std::int64_t>(rows.size()), arrays)));
            return {};
        });
    }

    Status finish() override
    {
        return guarded("the export", [&]() -> Status {
            must(m_writer->Close());
            return {};
        });
    }

private:
    std::vector<ParquetColumn> m_columns;
    std::shared_ptr<arrow::Schema> m_schema;
    std::unique_ptr<parquet::arrow::FileWriter> m_writer;
};

class Library : public ParquetLibrary
{
public:
    Result<std::int64_t> countRows(std::string_view file, const std::string& path) const override
    {
        return guarded(path, [&]() -> Result<std::int64_t> { return openFile(file)->parquet_reader()->metadata()->num_rows(); });
    }

    Status read(std::string_view file, const std::string& path, std::int64_t mostRows, const JobContext& context, const std::function<void(std::string_view)>& line) const override
    {
        return guarded(path, [&]() -> Status {
            const auto reader = openFile(file);
            const auto batches = must(reader->GetRecordBatchReader());
            const auto json = namesIn(*batches->schema(), kJsonColumns), absent = namesIn(*batches->schema(), kAbsentColumns);
            const std::int64_t total = reader->parquet_reader()->metadata()->num_rows();
            std::int64_t done = 0;
            while (mostRows == 0 || done < mostRows) {
                if (context.isCancelled())
                    return fail(ErrorCode::Cancelled, "The import was cancelled.", "Nothing was kept.");
                const auto batch = must(batches->Next());
                if (!batch)
                    break;
                must(batch->Validate());
                const std::int64_t rows = mostRows ? std::min(mostRows - done, batch->num_rows()) : batch->num_rows();
                writeLines(*batch, rows, json, absent, line);
                done += rows;
                context.report("Reading Parquet", static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
            }
            return {};
        });
    }

    Result<std::unique_ptr<ParquetWriter>> create(const std::vector<ParquetColumn>& columns, std::function<void(std::string_view)> sink) const override
    {
        if (columns.empty())
            return fail(ErrorCode::Unsupported, "Rows without columns cannot be written as Parquet.", "Choose another format.");
        return guarded("the export", [&]() -> Result<std::unique_ptr<ParquetWriter>> { return std::unique_ptr<ParquetWriter>(std::make_unique<Writer>(columns, std::move(sink))); });
    }
};

}
}

extern "C" __attribute__((visibility("default"))) const attune::formats::ParquetLibrary* attuneParquet()
{
    static const attune::formats::Library library;
    return &library;
}
