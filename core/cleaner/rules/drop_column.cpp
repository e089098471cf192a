// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

/// Cells are picked in a new order: columns go, none is changed.
class Pick : public PreparedStep
{
public:
    explicit Pick(std::vector<int> order)
        : m_order(std::move(order))
    {
    }
    Effect apply(Row& row) const override
    {
        row.select(m_order);
        return Effect::Kept;
    }
    bool isEdit() const override { return true; }

private:
    std::vector<int> m_order;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    if (columns.size() == 1)
        return fail(ErrorCode::FileCorrupt, "The only column cannot be dropped.", "Turn this step off.");
    std::vector<int> order;
    for (std::size_t c = 0; c < columns.size(); ++c)
        if (c != column)
            order.push_back(static_cast<int>(c));
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(column));
    return std::make_unique<Pick>(std::move(order));
}

}

const Rule& drop_column()
{
    static const Rule rule {"drop_column", "Drop a column",
        "Leaves a column out.",
        OptionSchema({columnOptionRow()}), prepare};
    return rule;
}

}
