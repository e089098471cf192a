// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include "cleaner/steps.h"

namespace {

/// Two rows of a text column and a conversation.
class Rows : public attune::cleaner::RowSource
{
public:
    std::int64_t rows() const override { return 2; }
    const std::vector<attune::cleaner::Column>& columns() const override { return m_columns; }
    attune::Status read(std::int64_t row, attune::cleaner::Row& out) const override
    {
        out.reset(2);
        out.setText(0, row ? "One bob@example.org <b>x</b>" : " zwei\t\xF0\x9F\x99\x82 ");
        attune::importer::setCell(out, 1, attune::Json::array({{{"role", "user"}, {"content", "Hi there"}}}));
        return {};
    }

private:
    std::vector<attune::cleaner::Column> m_columns {{"text", "text", attune::importer::ColumnRole::Text}, {"messages", "list", attune::importer::ColumnRole::Messages}};
};

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    const auto steps = cleaner::parseSteps(std::string(fuzz::textOf(data, size)));
    if (!steps || steps->size() > 20)
        return 0;
    const auto again = cleaner::parseSteps(cleaner::toYaml(*steps));
    fuzz::require(again && again->size() == steps->size(), "written steps can be read");
    const Rows rows;
    const auto chain = cleaner::StepChain::prepare(*steps, rows.columns(), {[](std::string_view text) { return static_cast<std::int64_t>(text.size() / 4); }});
    if (!chain)
        return 0;
    if (const auto result = cleaner::runSteps(rows, *chain, {}))
        for (const std::int64_t row : result->selection)
            fuzz::require(row >= 0 && row < 2, "steps choose rows that are there");
    return 0;
}
