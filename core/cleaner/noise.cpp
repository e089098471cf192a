// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/noise.h"

#include "cleaner/row_key.h"
#include "importer/roles.h"

namespace attune::cleaner {
namespace {

class Noise : public PreparedStep
{
public:
    struct Plan {
        std::vector<std::size_t> columns;
        std::size_t mark = 0;
        double share = 0;
        std::uint64_t seed = 0;
        NoiseMaker make;
    };
    explicit Noise(Plan plan)
        : m_plan(std::move(plan))
    {
    }
    Effect apply(Row& row) const override
    {
        Random random(rowHash(row).low ^ m_plan.seed);
        row.grow(m_plan.mark + 1);
        const bool wasMarked = row[m_plan.mark].kind == Cell::Kind::Boolean && row[m_plan.mark].text == "true";
        bool changed = false;
        if (static_cast<double>(random.next() >> 11) * 0x1p-53 < m_plan.share)
            for (const std::size_t column : m_plan.columns)
                changed |= disturb(row, column, random);
        importer::setCell(row, m_plan.mark, wasMarked || changed);
        return changed ? Effect::Changed : Effect::Kept;
    }
    bool isEdit() const override { return true; }

private:
    bool disturb(Row& row, std::size_t column, Random& random) const
    {
        std::string out;
        if (row[column].isText()) {
            if (!m_plan.make(random, row[column].text, out))
                return false;
            row.setText(column, std::move(out));
            return true;
        }
        if (row[column].kind != Cell::Kind::List)
            return false;
        Json list = importer::toJson(row[column]);
        bool changed = false;
        for (auto& message : list) {
            const auto read = importer::toMessages(Json::array({message}));
            if (read.empty() || read.front().role != "user")
                continue;
            for (const char* key : {"content", "value"})
                if (message.contains(key) && message[key].is_string() && m_plan.make(random, message[key].get_ref<const std::string&>(), out)) {
                    message[key] = out;
                    changed = true;
                }
        }
        if (changed)
            importer::setCell(row, column, list);
        return changed;
    }

    Plan m_plan;
};

std::vector<std::size_t> written(const std::vector<Column>& columns)
{
    using importer::ColumnRole;
    const bool isLabelled = importer::columnOf(columns, ColumnRole::Label) >= 0;
    std::vector<std::size_t> chosen;
    for (std::size_t c = 0; c < columns.size(); ++c)
        if (const auto role = columns[c].role; role == ColumnRole::Prompt || role == ColumnRole::Input || role == ColumnRole::Messages || (role == ColumnRole::Text && isLabelled))
            chosen.push_back(c);
    return chosen;
}

}

Result<std::unique_ptr<PreparedStep>> makeNoise(const Json& options, std::vector<Column>& columns, std::uint64_t kind, NoiseMaker noise)
{
    Noise::Plan plan;
    ATTUNE_TRY(plan.columns, columnsOption(options, columns));
    if (options.at("columns").empty())
        plan.columns = written(columns);
    if (plan.columns.empty())
        return fail(ErrorCode::FileCorrupt, "No column holds what a user writes (role prompt, input or messages).", "Name the columns to put noise into with columns.");
    const auto mark = options.at("mark").get<std::string>();
    if (mark.empty())
        return fail(ErrorCode::FileCorrupt, "The option \"mark\" is empty.", "Synthetic rows are marked; give the column a name.");
    auto it = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == mark; });
    if (it != columns.end() && it->type != "boolean")
        return fail(ErrorCode::FileCorrupt, fmt::format("The column \"{}\" exists and holds other values.", mark), "Choose another name with mark.");
    if (it == columns.end())
        it = columns.insert(it, Column {mark, "boolean", importer::ColumnRole::Ignore});
    plan.mark = static_cast<std::size_t>(it - columns.begin());
    plan.share = options.at("share").get<double>();
    plan.seed = (options.at("seed").get<std::uint64_t>() + 1) * 0x9E3779B97F4A7C15u + kind;
    plan.make = std::move(noise);
    return std::make_unique<Noise>(std::move(plan));
}

OptionSchema noiseOptions(std::vector<Option> own)
{
    std::vector<Option> options {columnsOptionRow(),
        {.key = "share", .type = OptionType::Number, .defaultValue = 0.1, .label = "Share of rows", .help = "The share of rows that get noise.", .minimum = 0, .maximum = 1},
        {.key = "seed", .type = OptionType::Integer, .defaultValue = 42, .label = "Seed", .help = "The same seed gives the same noise.", .minimum = 0},
        {.key = "mark", .type = OptionType::Text, .defaultValue = "synthetic", .label = "Mark", .help = "The column that is true for rows with noise; added when missing."}};
    options.front().help = "The columns to work on; what a user writes when none is named.";
    options.insert(options.begin() + 1, own.begin(), own.end());
    return OptionSchema(std::move(options));
}

std::vector<std::size_t> characterStarts(std::string_view text)
{
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((text[i] & 0xC0) != 0x80)
            starts.push_back(i);
    return starts;
}

}
