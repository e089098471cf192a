// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/random.h"

namespace attune::cleaner {
namespace {

class Shuffle : public PreparedStep
{
public:
    explicit Shuffle(std::uint64_t seed)
        : m_seed(seed)
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        (void)context;
        Selection order(static_cast<std::size_t>(rows.rows()));
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = static_cast<std::int64_t>(i);
        Random(m_seed).shuffle(order);
        return std::optional(std::move(order));
    }

private:
    std::uint64_t m_seed;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>&, const PrepareContext&)
{
    return std::make_unique<Shuffle>(options.at("seed").get<std::uint64_t>());
}

}

const Rule& shuffle()
{
    static const Rule rule {"shuffle", "Shuffle",
        "Puts the rows into a random order.",
        OptionSchema({{.key = "seed", .type = OptionType::Integer, .defaultValue = 42, .label = "Seed", .help = "The same seed gives the same rows.", .minimum = 0}}), prepare};
    return rule;
}

}
