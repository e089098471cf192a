// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/duplicates.h"

namespace attune::cleaner {
namespace {

class Dedupe : public PreparedStep
{
public:
    explicit Dedupe(DuplicateOptions options)
        : m_options(std::move(options))
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        ATTUNE_TRY(const auto groups, findDuplicates(rows, m_options, context));
        return std::optional(withoutDuplicates(rows.rows(), groups));
    }

private:
    DuplicateOptions m_options;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    DuplicateOptions chosen;
    const std::string method = options.at("method");
    chosen.method = method == "near" ? DuplicateMethod::Near : method == "normalized" ? DuplicateMethod::Normalized : DuplicateMethod::Exact;
    chosen.threshold = options.at("threshold").get<double>();
    chosen.keep = options.at("keep") == "longest" ? Keep::Longest : Keep::First;
    chosen.columns = options.at("columns").get<std::vector<std::string>>();
    ATTUNE_TRY([[maybe_unused]] const auto texts, textColumns(columns, chosen.columns));
    return std::make_unique<Dedupe>(std::move(chosen));
}

}

const Rule& dedupe()
{
    static const Rule rule {"dedupe", "Drop duplicates",
        "Keeps one row of each group of equal or similar rows.",
        OptionSchema({
            {.key = "method", .type = OptionType::Choice, .defaultValue = "exact", .label = "Method", .help = "What counts as the same row.",
                .choices = {{"exact", "Exact", "All columns are equal"}, {"normalized", "Normalised", "Equal but for case, white space and Unicode variants"}, {"near", "Near", "Nearly the same words"}}},
            {.key = "threshold", .type = OptionType::Number, .defaultValue = 0.8, .label = "Similarity", .help = "For near: the least share of common five-word runs.", .minimum = 0, .maximum = 1, .visibleKey = "method", .visibleValues = {"near"}},
            {.key = "keep", .type = OptionType::Choice, .defaultValue = "first", .label = "Keep", .help = "Which row of a group stays.",
                .choices = {{"first", "The first", "The lowest row number"}, {"longest", "The longest", "The most characters"}}},
            columnsOptionRow()}), prepare};
    return rule;
}

}
