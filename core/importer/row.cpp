// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/row.h"

namespace attune::importer {

void Row::reset(std::size_t columns)
{
    m_cells.assign(columns, Cell {});
    m_textsUsed = 0;
    m_hasHash = false;
}

std::string& Row::scratch()
{
    if (m_textsUsed == m_texts.size())
        m_texts.emplace_back();
    std::string& text = m_texts[m_textsUsed++];
    text.clear();
    return text;
}

std::string_view Row::keep(std::string text)
{
    std::string& kept = scratch();
    kept = std::move(text);
    return kept;
}

void Row::select(const std::vector<int>& order)
{
    m_spare.clear();
    for (const int column : order)
        m_spare.push_back(column >= 0 ? m_cells[static_cast<std::size_t>(column)] : Cell {});
    m_cells.swap(m_spare);
    m_hasHash = false;
}

Json toJson(const Cell& cell)
{
    switch (cell.kind) {
    case Cell::Kind::Absent:
    case Cell::Kind::Null: return nullptr;
    case Cell::Kind::Text: return std::string(cell.text);
    case Cell::Kind::Boolean: return cell.text == "true";
    case Cell::Kind::Number:
    case Cell::Kind::List:
    case Cell::Kind::Object: break;
    }
    if (auto json = parseJson(cell.text, 1024))
        return std::move(*json);
    return std::string(cell.text);
}

void setCell(Row& row, std::size_t column, const Json& value)
{
    if (value.is_string())
        return row.setText(column, value.get<std::string>());
    Cell& cell = row[column];
    if (value.is_null()) {
        cell = {Cell::Kind::Null, {}};
    } else if (value.is_boolean()) {
        cell = {Cell::Kind::Boolean, value.get<bool>() ? "true" : "false"};
    } else {
        const auto kind = value.is_array() ? Cell::Kind::List : value.is_object() ? Cell::Kind::Object : Cell::Kind::Number;
        const std::string_view text = row.keep(toLine(value));
        row[column] = {kind, text};
    }
}

std::string_view plainText(const Cell& cell)
{
    return cell.isMissing() ? std::string_view() : cell.text;
}

}
