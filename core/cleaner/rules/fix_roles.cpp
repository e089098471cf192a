// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/conversation.h"
#include "cleaner/rule.h"

#include "importer/roles.h"

namespace attune::cleaner {
namespace {

class FixRoles : public PreparedStep
{
public:
    explicit FixRoles(std::size_t column)
        : m_column(column)
    {
    }
    Effect apply(Row& row) const override
    {
        const Cell cell = row[m_column];
        Json messages = importer::toJson(cell);
        const bool isText = cell.isText();
        if (isText)  // CSV keeps a conversation as JSON in a text
            if (auto parsed = parseJson(cell.text, 64))
                messages = std::move(*parsed);
        if (!messages.is_array() || !fixConversation(messages))
            return Effect::Kept;
        if (messages.empty())
            return Effect::Dropped;
        if (isText)
            row.setText(m_column, toLine(messages));
        else
            importer::setCell(row, m_column, messages);
        return Effect::Changed;
    }
    bool isEdit() const override { return true; }

private:
    std::size_t m_column;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json&, std::vector<Column>& columns, const PrepareContext&)
{
    const int column = importer::columnOf(columns, importer::ColumnRole::Messages);
    if (column < 0)
        return fail(ErrorCode::RoleMissing, "No column holds conversations (role \"messages\").", "fix_roles works on conversations; prompt and completion have their order by their columns.");
    return std::make_unique<FixRoles>(static_cast<std::size_t>(column));
}

}

const Rule& fix_roles()
{
    static const Rule rule {"fix_roles", "Put turns in order",
        "The system text first, empty turns out, turns of one role after another joined, a user's turn first and an answer last; rows with nothing left go.",
        OptionSchema(std::vector<Option> {}), prepare};
    return rule;
}

}
