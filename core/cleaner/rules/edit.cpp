// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/row_key.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

class Edit : public PreparedStep
{
public:
    Edit(Hash128 hash, std::size_t column, Json value)
        : m_hash(hash)
        , m_column(column)
        , m_value(std::move(value))
    {
    }
    Effect apply(Row& row) const override
    {
        if (rowHash(row) != m_hash)
            return Effect::Kept;
        importer::setCell(row, m_column, m_value);
        return Effect::Changed;
    }
    bool isEdit() const override { return true; }

private:
    Hash128 m_hash;
    std::size_t m_column;
    Json m_value;
};

/// A value typed in as text becomes what its column holds.
Json typedValue(const Json& value, const Column& column)
{
    if (value.is_string() && (column.type == "number" || column.type == "boolean" || column.type == "list" || column.type == "object"))
        if (auto parsed = parseJson(value.get_ref<const std::string&>(), 1024); parsed && !parsed->is_string())
            return std::move(*parsed);
    return value;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    ATTUNE_TRY(const Hash128 hash, hashFromHex(options.at("row_hash").get<std::string>()));
    return std::make_unique<Edit>(hash, column, typedValue(options.at("value"), columns[column]));
}

}

const Rule& edit()
{
    static const Rule rule {"edit", "Edit a row",
        "Sets one value of the row with this content; equal rows are edited alike.",
        OptionSchema({
            {.key = "row_hash", .type = OptionType::Text, .defaultValue = "", .label = "Row", .help = "The hash of the row's values as this step finds them (data show --hashes)."},
            columnOptionRow(),
            {.key = "value", .type = OptionType::Text, .defaultValue = "", .label = "Value", .help = "The new value.", .choices = {{"", "", "Any text"}}, .isNullable = true}}), prepare};
    return rule;
}

}
