// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_export.h"

#include "base/file.h"
#include "formats/compressed_writer.h"
#include "formats/csv.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"
#include "pipeline/parquet_export.h"

#include <set>

namespace attune::pipeline {
namespace {

using importer::ColumnRole;
using importer::Record;

const std::vector<std::string> kStyles {"columns", "messages", "alpaca", "sharegpt", "prompt-completion", "preference", "text"};

bool has(const importer::Dataset& data, ColumnRole role)
{
    return importer::columnOf(data.columns(), role) >= 0;
}

Error missingRole(const std::string& style, std::string_view role)
{
    return fail(ErrorCode::RoleMissing, fmt::format("The style \"{}\" needs a column with the role {}, and there is none.", style, role),
        fmt::format("Import again with --map {}=COLUMN --replace, or use --style columns.", role));
}

/// Messages in the shape of the OpenAI API: extra fields (tool calls) as they were.
Json messageJson(const importer::Message& message)
{
    Json json {{"role", message.role}, {"content", message.content}};
    if (message.extra.is_object())
        json.update(message.extra);
    return json;
}

Json messagesOf(const Record& record)
{
    Json list = Json::array();
    for (const auto& message : record.conversation())
        list.push_back(messageJson(message));
    return list;
}

std::string shareGptName(const std::string& role)
{
    return role == "user" ? "human" : role == "assistant" ? "gpt" : role;
}

Json shareGpt(const Record& record)
{
    Json turns = Json::array();
    for (const auto& message : record.conversation())
        turns.push_back({{"from", shareGptName(message.role)}, {"value", message.content}});
    return turns;
}

/// System text, what is asked and what is answered: of a conversation, its one exchange or its last.
struct Exchange {
    std::string system, prompt, completion;
};
Exchange exchangeOf(const Record& record)
{
    if (record.kind != Record::Kind::Conversation)
        return {record.system, record.prompt, record.completion};
    Exchange exchange;
    for (const auto& message : record.messages) {
        if (message.role == "system")
            exchange.system = message.content;
        else if (message.role == "user")
            exchange.prompt = message.content;
        else if (message.role == "assistant")
            exchange.completion = message.content;
    }
    return exchange;
}

std::string plainText(const Record& record)
{
    switch (record.kind) {
    case Record::Kind::Conversation: {
        std::string text;
        for (const auto& message : record.messages)
            text += (text.empty() ? "" : "\n") + message.content;
        return text;
    }
    case Record::Kind::PromptCompletion: return record.prompt + "\n" + record.completion;
    case Record::Kind::Preference: return record.prompt + "\n" + record.chosen;
    default: return record.text;
    }
}

/// Alpaca keeps instruction and input apart where the dataset does.
Json alpaca(const importer::Dataset& data, const Record& record, const Json& values)
{
    Exchange exchange = exchangeOf(record);
    std::string input;
    if (const int column = importer::columnOf(data.columns(), ColumnRole::Input); column >= 0) {
        const auto textOf = [&](int c) {
            const auto it = values.find(data.columns()[static_cast<std::size_t>(c)].name);
            return it == values.end() || it->is_null() ? std::string() : it->is_string() ? it->get<std::string>() : toLine(*it);
        };
        input = textOf(column);
        if (const int prompt = importer::columnOf(data.columns(), ColumnRole::Prompt); prompt >= 0)
            exchange.prompt = textOf(prompt);
    }
    Json json {{"instruction", exchange.prompt}, {"input", input}, {"output", exchange.completion}};
    if (has(data, ColumnRole::System) || !exchange.system.empty())
        json["system"] = exchange.system;
    return json;
}

/// Where rows go, one by one, in a file format.
class RowWriter
{
public:
    RowWriter(formats::CompressedWriter out, std::string format)
        : m_out(std::move(out))
        , m_format(std::move(format))
    {
    }
    /// columns: for tables; known before the first row.
    void begin(const std::vector<std::string>& columns)
    {
        m_columns = columns;
        if (m_format == ".json")
            m_out.write("[");
        if (m_format == ".csv" || m_format == ".tsv")
            writeCells([&](std::size_t c) { return m_columns[c]; });
    }
    void row(const Json& row)
    {
        if (m_format == ".jsonl")
            m_out.write(toLine(row) + "\n");
        else if (m_format == ".json")
            m_out.write((m_rows ? ",\n " : "\n ") + toLine(row));
        else if (m_format == ".txt")
            m_out.write((m_rows ? "\n\n" : "") + cellText(row.begin().value()));
        else
            writeCells([&](std::size_t c) { const auto it = row.find(m_columns[c]); return it == row.end() ? std::string() : cellText(*it); });
        ++m_rows;
    }
    Status end()
    {
        if (m_format == ".json")
            m_out.write(m_rows ? "\n]\n" : "]\n");
        if (m_format == ".txt" && m_rows)
            m_out.write("\n");
        return m_out.commit();
    }
    bool hasFailed() const { return m_out.hasFailed(); }

private:
    static std::string cellText(const Json& value) { return value.is_null() ? std::string() : value.is_string() ? value.get<std::string>() : toLine(value); }
    void writeCells(const std::function<std::string(std::size_t)>& cell)
    {
        const char delimiter = m_format == ".tsv" ? '\t' : ',';
        std::string line;
        for (std::size_t c = 0; c < m_columns.size(); ++c) {
            if (c)
                line += delimiter;
            formats::appendCsvField(line, cell(c), delimiter);
        }
        if (line.empty())
            line = "\"\"";  // a blank line would be no row
        m_out.write(line + "\n");
    }

    formats::CompressedWriter m_out;
    std::string m_format;
    std::vector<std::string> m_columns;
    std::int64_t m_rows = 0;
};

Result<std::string> formatOf(const std::string& path, std::string& compression)
{
    fs::path name = fs::path(path).filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        compression = name.extension() == ".gz" ? "gzip" : "zstd";
        name = name.stem();
    }
    const std::string suffix = name.extension().string();
    if (suffix == ".parquet" && !compression.empty())
        return fail(ErrorCode::Usage, "Parquet files are compressed in themselves.", "Leave the .gz or .zst out.");
    for (const char* known : {".jsonl", ".json", ".csv", ".tsv", ".txt", ".parquet"})
        if (suffix == known)
            return suffix;
    return fail(ErrorCode::Usage, fmt::format("The suffix \"{}\" is no format.", suffix), "Use .parquet, or .jsonl, .json, .csv, .tsv or .txt, plus .gz or .zst.");
}

std::vector<std::string> columnsOf(const importer::Dataset& data, const std::string& style)
{
    std::vector<std::string> names;
    if (style == "columns") {
        for (const auto& column : data.columns())
            names.push_back(column.name);
    } else if (data.rows() > 0) {
        if (const auto first = rowInStyle(data, 0, style))
            for (const auto& [name, value] : first->items())
                names.push_back(name);
    }
    return names;
}

}

Status checkStyle(const importer::Dataset& data, const std::string& style)
{
    if (std::find(kStyles.begin(), kStyles.end(), style) == kStyles.end())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no style.", style), fmt::format("Styles are {}.", fmt::join(kStyles, ", ")));
    if (style == "columns" || (style == "text" && has(data, ColumnRole::Text)))
        return {};
    if (style == "preference") {
        if (!has(data, ColumnRole::Chosen))
            return missingRole(style, "chosen");
        if (!has(data, ColumnRole::Rejected))
            return missingRole(style, "rejected");
        return {};
    }
    if (has(data, ColumnRole::Messages) || has(data, ColumnRole::Chosen))
        return {};
    if (style == "text" && !has(data, ColumnRole::Prompt) && !has(data, ColumnRole::Completion))
        return missingRole(style, "text");
    if (style == "text")
        return {};
    if (!has(data, ColumnRole::Prompt))
        return missingRole(style, "prompt");
    return has(data, ColumnRole::Completion) ? Status() : missingRole(style, "completion");
}

Result<Json> rowInStyle(const importer::Dataset& data, std::int64_t row, const std::string& style)
{
    if (style == "columns") {
        ATTUNE_TRY(auto values, data.values(row));
        return values;
    }
    ATTUNE_TRY(const auto record, data.record(row));
    if (style == "alpaca") {
        ATTUNE_TRY(const auto values, data.values(row));
        return alpaca(data, record, values);
    }
    if (style == "text")
        return Json {{"text", plainText(record)}};
    if (style == "preference") {
        Json json {{"prompt", record.prompt}, {"chosen", record.chosen}, {"rejected", record.rejected}};
        if (has(data, ColumnRole::System))
            json["system"] = record.system;
        return json;
    }
    if (style == "prompt-completion") {
        const Exchange exchange = exchangeOf(record);
        Json json {{"prompt", exchange.prompt}, {"completion", exchange.completion}};
        if (has(data, ColumnRole::System) || !exchange.system.empty())
            json["system"] = exchange.system;
        return json;
    }
    Json json = style == "messages" ? Json {{"messages", messagesOf(record)}} : Json {{"conversations", shareGpt(record)}};
    if (!record.tools.is_null())
        json["tools"] = record.tools;
    return json;
}

Result<DataExportReport> exportDataset(const importer::Dataset& data, const std::string& given, const std::string& style, const JobContext& context)
{
    const std::string path = absolutePath(given);
    std::string compression;
    ATTUNE_TRY(const std::string format, formatOf(path, compression));
    const std::string chosen = format == ".txt" && style == "columns" && data.columns().size() != 1 ? "text" : style;
    ATTUNE_RETURN_IF_ERROR(checkStyle(data, chosen));
    if (format == ".parquet") {
        ATTUNE_RETURN_IF_ERROR(writeParquet(data, path, chosen, columnsOf(data, chosen), context));
        std::error_code error;
        return DataExportReport {path, data.rows(), fs::file_size(path, error)};
    }
    ATTUNE_TRY(auto out, formats::CompressedWriter::create(path, compression));
    RowWriter writer(std::move(out), format);
    writer.begin(columnsOf(data, chosen));
    for (std::int64_t row = 0; row < data.rows() && !writer.hasFailed(); ++row) {
        if (row % 1024 == 0) {
            context.report("Writing rows", static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(data.rows()));
            if (context.isCancelled())
                return fail(ErrorCode::Cancelled, "The export was cancelled.", "Nothing was written.");
        }
        ATTUNE_TRY(const auto json, rowInStyle(data, row, chosen));
        writer.row(json);
    }
    ATTUNE_RETURN_IF_ERROR(writer.end());
    std::error_code error;
    return DataExportReport {path, data.rows(), fs::file_size(path, error)};
}

}
