// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/random.h"

namespace attune::cleaner {
namespace {

class Sample : public PreparedStep
{
public:
    Sample(std::int64_t rows, std::uint64_t seed)
        : m_rows(rows)
        , m_seed(seed)
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        (void)context;
        Selection all(static_cast<std::size_t>(rows.rows()));
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<std::int64_t>(i);
        Random(m_seed).shuffle(all);
        all.resize(std::min(all.size(), static_cast<std::size_t>(m_rows)));
        std::sort(all.begin(), all.end());
        return std::optional(std::move(all));
    }

private:
    std::int64_t m_rows;
    std::uint64_t m_seed;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>&, const PrepareContext&)
{
    return std::make_unique<Sample>(options.at("rows").get<std::int64_t>(), options.at("seed").get<std::uint64_t>());
}

}

const Rule& sample()
{
    static const Rule rule {"sample", "Sample",
        "Keeps so many rows, drawn at random, in their order.",
        OptionSchema({
            {.key = "rows", .type = OptionType::Integer, .defaultValue = 1000, .label = "Rows", .help = "How many rows to keep.", .unit = "rows", .minimum = 0},
            {.key = "seed", .type = OptionType::Integer, .defaultValue = 42, .label = "Seed", .help = "The same seed gives the same rows.", .minimum = 0}}), prepare};
    return rule;
}

}
