// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"

#include "base/edit_distance.h"
#include "cleaner/nested.h"

namespace attune::cleaner {
namespace {

Result<std::size_t> columnNamed(const std::string& name, const std::vector<Column>& columns)
{
    std::vector<std::string> names;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (columns[c].name == name)
            return c;
        names.push_back(columns[c].name);
    }
    const std::string near = nearest(name, names);
    return fail(ErrorCode::FileCorrupt, fmt::format("There is no column \"{}\".", name),
        near.empty() ? fmt::format("Columns are {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"?", near));
}

/// Where a conversation keeps its texts.
Json* contentOf(Json& message)
{
    for (const char* key : {"content", "value"})
        if (message.is_object() && message.contains(key) && message[key].is_string())
            return &message[key];
    return nullptr;
}

/// A cell that may be a conversation: a list, or (in tables) a text that holds one as JSON.
bool mayBeConversation(const Cell& cell)
{
    return cell.kind == Cell::Kind::List || (cell.isText() && cell.text.starts_with("[{"));
}

/// The messages of a cell; null if it holds none.
Json messagesOf(const Cell& cell)
{
    if (!mayBeConversation(cell))
        return nullptr;
    auto list = parseJson(cell.text, 1024);
    const bool isConversation = list && list->is_array() && std::any_of(list->begin(), list->end(), [](Json& message) { return contentOf(message); });
    return isConversation ? std::move(*list) : Json();
}

bool editText(Row& row, std::size_t column, std::string_view text, const TextChange& change)
{
    std::string& out = row.scratch();
    const bool changed = change(text, out);
    if (changed)
        row[column] = {Cell::Kind::Text, out};
    else
        row.dropScratch();
    return changed;
}

/// The same for the contents of a conversation; nullopt if the cell holds none.
std::optional<bool> editMessages(Row& row, std::size_t column, const Cell& cell, const TextChange& change)
{
    thread_local std::string out;
    // A look first: most conversations stay as they are, and then nothing has to be written again.
    bool wouldChange = false;
    if (!eachContent(cell.text, [&](std::string_view content) { return !(wouldChange = change(content, out)); }))
        return std::nullopt;
    if (!wouldChange)
        return false;
    Json messages = messagesOf(cell);
    if (messages.is_null())
        return std::nullopt;
    bool changed = false;
    for (auto& message : messages)
        if (Json* content = contentOf(message); content && change(content->get_ref<const std::string&>(), out)) {
            *content = out;
            changed = true;
        }
    if (changed && cell.isText())
        row.setText(column, toLine(messages));
    else if (changed)
        importer::setCell(row, column, messages);
    return changed;
}

class TextEdit : public PreparedStep
{
public:
    TextEdit(std::vector<std::size_t> columns, TextChange change, TextMarks touches)
        : m_columns(std::move(columns))
        , m_change(std::move(change))
        , m_touches(touches | kMessages)
    {
    }
    Effect apply(Row& row) const override
    {
        bool changed = false;
        for (const std::size_t column : m_columns) {
            const Cell& cell = std::as_const(row)[column];
            if (!cell.isText() || marksOf(cell) & m_touches)
                changed |= editTexts(row, column, m_change);
        }
        return changed ? Effect::Changed : Effect::Kept;
    }
    bool isEdit() const override { return true; }

private:
    std::vector<std::size_t> m_columns;
    TextChange m_change;
    TextMarks m_touches;
};

class RowTest : public PreparedStep
{
public:
    explicit RowTest(std::function<bool(const Row&)> keeps)
        : m_keeps(std::move(keeps))
    {
    }
    Effect apply(Row& row) const override { return m_keeps(row) ? Effect::Kept : Effect::Dropped; }

private:
    std::function<bool(const Row&)> m_keeps;
};

}

const Rule* findRule(std::string_view type)
{
    for (const Rule* rule : all())
        if (rule->type == type)
            return rule;
    return nullptr;
}

Result<std::vector<std::size_t>> columnsOption(const Json& options, const std::vector<Column>& columns)
{
    std::vector<std::size_t> numbers;
    const Json& named = options.at("columns");
    for (const auto& name : named) {
        ATTUNE_TRY(const std::size_t number, columnNamed(name.is_string() ? name.get<std::string>() : toLine(name), columns));
        numbers.push_back(number);
    }
    if (named.empty())
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (columns[c].type == "text" || columns[c].type == "mixed" || columns[c].role == importer::ColumnRole::Messages)
                numbers.push_back(c);
    return numbers;
}

Result<std::size_t> columnOption(const Json& options, const std::vector<Column>& columns)
{
    const Json& name = options.at("column");
    if (!name.is_string() || name.get_ref<const std::string&>().empty())
        return fail(ErrorCode::FileCorrupt, "The option \"column\" is missing.", "Name the column that the step works on.");
    return columnNamed(name.get<std::string>(), columns);
}

std::string textOfCell(const Cell& cell)
{
    std::string text;
    bool isFirst = true;
    const auto join = [&](std::string_view content) {
        text.append(isFirst ? "" : "\n").append(content);
        isFirst = false;
        return true;
    };
    return mayBeConversation(cell) && eachContent(cell.text, join) ? text : std::string(importer::plainText(cell));
}

CellText::CellText(const Cell& cell)
    : m_isOwn(mayBeConversation(cell))
{
    if (m_isOwn)
        m_own = textOfCell(cell);
    else
        m_view = importer::plainText(cell);
}

bool editTexts(Row& row, std::size_t column, const TextChange& change)
{
    const Cell cell = std::as_const(row)[column];
    if (mayBeConversation(cell))
        if (const auto changed = editMessages(row, column, cell, change))
            return *changed;
    return cell.isText() && editText(row, column, cell.text, change);
}

std::unique_ptr<PreparedStep> makeTextEdit(std::vector<std::size_t> columns, TextChange change, TextMarks touches)
{
    return std::make_unique<TextEdit>(std::move(columns), std::move(change), touches);
}

std::unique_ptr<PreparedStep> makeRowTest(std::function<bool(const Row&)> keeps)
{
    return std::make_unique<RowTest>(std::move(keeps));
}

Option columnsOptionRow()
{
    return {.key = "columns", .type = OptionType::List, .defaultValue = Json::array(), .label = "Columns", .help = "The columns to work on; all text columns when none is named."};
}

Option columnOptionRow()
{
    return {.key = "column", .type = OptionType::Text, .defaultValue = "", .label = "Column", .help = "The column to work on."};
}

}
