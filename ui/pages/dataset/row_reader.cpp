// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_reader.h"

#include "bridge/workspace.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/rule.h"
#include "importer/roles.h"
#include "pipeline/text_search.h"

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr std::size_t kCellBytes = 480;      // a cell shows two lines at most
constexpr std::size_t kBatchRows = 96;

/// A piece of UTF-8 that begins and ends between characters.
std::string_view piece(std::string_view text, std::size_t begin, std::size_t bytes)
{
    const auto continues = [&](std::size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
    while (begin > 0 && continues(begin))
        --begin;
    std::size_t end = std::min(text.size(), begin + bytes);
    while (end > begin && continues(end))
        --end;
    return text.substr(begin, end - begin);
}

QString cellOf(std::string_view text, const std::vector<pipeline::TextSearch>& searched)
{
    std::size_t begin = 0;
    for (const auto& search : searched)
        if (const std::size_t at = search.findIn(text); at != std::string_view::npos && at > 22) {
            begin = std::min(at, text.size()) - 14;
            const std::size_t space = text.find(' ', begin);  // at a word, where one begins soon
            begin = space < at ? space + 1 : begin;
            break;
        }
    QString shown = toQString(piece(text, begin, kCellBytes)).simplified();
    return begin > 0 ? QChar(0x2026) + shown : shown;
}

std::string firstOf(const importer::Cell& cell, bool isAnswer)
{
    const auto messages = importer::toMessages(parseJson(importer::plainText(cell), 1024).value_or(Json()));
    for (const auto& message : messages)
        if ((message.role == "assistant") == isAnswer && message.role != "system")
            return message.content;
    return {};
}

}

struct RowReader::Source {
    importer::DatasetPtr data;
    std::vector<GridColumn> columns;
    std::vector<pipeline::TextSearch> searched;

    Line read(std::int64_t number) const
    {
        Line line;
        importer::Row row;
        line.number = cleaner::sourceRow(*data, number);
        if (const auto status = data->read(number, row); !status) {
            // What concerns the whole file is said once, above the rows.
            line.problem = status.error().code == ErrorCode::SourceChanged ? QStringLiteral("–") : toQString(status.error().message);
            return line;
        }
        for (const auto& column : columns)
            line.cells.append(textOf(row, column));
        return line;
    }
    QString textOf(const importer::Row& row, const GridColumn& column) const
    {
        using Kind = GridColumn::Kind;
        if (column.kind == Kind::User || column.kind == Kind::Assistant)
            return cellOf(firstOf(row[column.column], column.kind == Kind::Assistant), searched);
        if (column.kind != Kind::Value || column.column >= row.size())
            return {};
        const importer::Cell& cell = row[column.column];
        return cell.isMissing() ? QStringLiteral("–") : cellOf(cleaner::CellText(cell), searched);
    }
};

RowReader::RowReader(QObject* parent)
    : QObject(parent)
{
}

void RowReader::setSource(importer::DatasetPtr data, const std::vector<GridColumn>& columns, const QStringList& searched)
{
    ++m_request;
    m_isReading = false;
    m_lines.clear();
    m_wanted.clear();
    m_source.reset();
    if (!data)
        return;
    auto source = std::make_shared<Source>();
    source->data = std::move(data);
    source->columns = columns;
    for (const auto& text : searched)
        source->searched.emplace_back(bridge::toStd(text));
    m_source = std::move(source);
}

void RowReader::want(const std::vector<std::int64_t>& rows)
{
    m_wanted = rows;
    next();
}

void RowReader::next()
{
    if (m_isReading || !m_source)
        return;
    std::vector<std::int64_t> batch;
    for (const std::int64_t row : m_wanted)
        if (batch.size() < kBatchRows && !m_lines.contains(row))
            batch.push_back(row);
    if (batch.empty())
        return;
    m_isReading = true;
    using Lines = std::vector<std::pair<std::int64_t, Line>>;
    bridge::compute<Lines>(this,
        [source = m_source, batch] {
            Lines lines;
            for (const std::int64_t row : batch)
                lines.emplace_back(row, source->read(row));
            return lines;
        },
        [this, request = m_request](Lines lines) {
            if (request != m_request)
                return;
            m_isReading = false;
            for (auto& [row, line] : lines)
                m_lines.insert(row, new Line(std::move(line)));
            emit linesRead();
            next();
        });
}

}
