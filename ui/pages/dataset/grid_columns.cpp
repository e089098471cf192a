// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/grid_columns.h"

#include "bridge/text.h"
#include "importer/roles.h"
#include "style/fonts.h"

#include <QCoreApplication>
#include <QFontMetrics>

#include <algorithm>
#include <cmath>

namespace attune::pages {
namespace {

using importer::ColumnRole;
using Kind = GridColumn::Kind;

constexpr int kHeaderBars = 18, kAroundName = 34;  // margins and the mark of the order
constexpr std::size_t kMostVisible = 6;

QString say(const char* text)
{
    return QCoreApplication::translate("attune::pages::RowGrid", text);
}

const pipeline::ColumnStats* statsOf(const pipeline::DatasetStats* stats, std::size_t column)
{
    return stats && column < stats->columns.size() ? &stats->columns[column] : nullptr;
}

GridColumn made(Kind kind, const char* id, const QString& name, int width, const char* sortBy)
{
    GridColumn column;
    column.kind = kind;
    column.id = QLatin1String(id);
    column.name = name;
    column.width = std::max(width, QFontMetrics(style::body(style::Weight::Medium)).horizontalAdvance(name) + kAroundName);
    column.sortBy = sortBy;
    return column;
}

void addConversation(std::size_t number, const pipeline::ColumnStats* stats, const pipeline::RowFacts* facts, std::vector<GridColumn>& columns)
{
    for (const bool isAnswer : {false, true}) {
        auto column = made(isAnswer ? Kind::Assistant : Kind::User, isAnswer ? "assistant" : "user", isAnswer ? say("assistant") : say("user"), 240, isAnswer ? "answer" : "prompt");
        column.column = number;
        column.note = stats ? columnNote(*stats) : say("conversation");
        if (stats)
            column.note = say("text, %1 empty").arg(bridge::grouped(stats->missing + stats->empty));
        if (facts && facts->hasAnswers) {
            column.bars = isAnswer ? barsOf(facts->answerCharacters, kHeaderBars) : barsOf(facts->promptCharacters, kHeaderBars);
            column.rangeField = isAnswer ? "answer" : "prompt";
        }
        columns.push_back(std::move(column));
    }
    auto turns = made(Kind::Turns, "turns", say("turns"), 60, "turns");
    turns.isVisible = false;
    if (facts)
        turns.bars = barsOf(facts->turns, kHeaderBars);
    turns.rangeField = "turns";
    columns.push_back(std::move(turns));
}

}

template<typename Number>
pipeline::Histogram barsOf(const std::vector<Number>& numbers, int bars)
{
    pipeline::Histogram histogram;
    if (numbers.empty())
        return histogram;
    std::vector<Number> sample;
    const std::size_t step = std::max<std::size_t>(1, numbers.size() / 20'000);
    for (std::size_t i = 0; i < numbers.size(); i += step)
        sample.push_back(numbers[i]);
    std::sort(sample.begin(), sample.end());
    const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
    histogram.minimum = static_cast<double>(*low);
    const auto body = static_cast<double>(sample[sample.size() * 99 / 100]);
    histogram.maximum = std::min(static_cast<double>(*high), histogram.minimum + (body - histogram.minimum) * 1.1);
    histogram.counts.assign(static_cast<std::size_t>(bars), 0);
    const double width = histogram.maximum - histogram.minimum;
    for (const auto number : numbers)
        ++histogram.counts[static_cast<std::size_t>(width > 0 ? std::min<double>(bars - 1, (static_cast<double>(number) - histogram.minimum) / width * bars) : 0)];
    return histogram;
}
template pipeline::Histogram barsOf(const std::vector<std::uint32_t>&, int);
template pipeline::Histogram barsOf(const std::vector<std::uint16_t>&, int);

QString rangeWords(const QString& name, double low, double high)
{
    const auto number = [](double value) { return std::abs(value - std::round(value)) < 1e-9 ? bridge::grouped(static_cast<qint64>(std::llround(value))) : bridge::significant(value, 4); };
    if (high > 1e14)
        return say("%1 from %2").arg(name, number(low));
    if (low <= 0)
        return say("%1 up to %2").arg(name, number(high));
    return low == high ? say("%1 is %2").arg(name, number(low)) : say("%1 %2 to %3").arg(name, number(low), number(high));
}

QString columnNote(const pipeline::ColumnStats& column)
{
    return say("%1, %2 empty").arg(bridge::toQString(column.type), bridge::grouped(column.missing + column.empty));
}

std::vector<GridColumn> gridColumns(const importer::Dataset& data, const pipeline::DatasetStats* stats, const pipeline::RowFacts* facts)
{
    std::vector<GridColumn> columns {made(Kind::Number, "#", QStringLiteral("#"), 52, "#")};
    const bool hasRoles = std::any_of(data.columns().begin(), data.columns().end(), [](const auto& c) { return c.role != ColumnRole::Ignore; });
    std::size_t visible = 0;
    for (std::size_t c = 0; c < data.columns().size(); ++c) {
        const auto& source = data.columns()[c];
        const auto* column = statsOf(stats, c);
        if (source.role == ColumnRole::Messages) {
            addConversation(c, column, facts, columns);
            visible += 2;
            continue;
        }
        auto shown = made(Kind::Value, "", bridge::toQString(source.name), 200, "");
        shown.id = QStringLiteral("column:") + bridge::toQString(source.name);
        shown.column = c;
        shown.sortBy = "column:" + source.name;
        shown.isNumeric = source.type == "number";
        shown.note = column ? columnNote(*column) : bridge::toQString(source.type);
        if (column) {
            shown.bars = column->body;
            shown.rangeField = "size:" + source.name;
        }
        shown.isVisible = visible < kMostVisible && (source.role != ColumnRole::Ignore || !hasRoles);
        visible += shown.isVisible;
        columns.push_back(std::move(shown));
    }
    auto tokens = made(Kind::Tokens, "tokens", say("tokens"), 66, "tokens");
    tokens.isVisible = !facts || facts->hasTokens;
    if (facts && facts->hasTokens) {
        tokens.bars = barsOf(facts->tokens, 10);
        tokens.rangeField = "tokens";
    }
    columns.push_back(std::move(tokens));
    columns.push_back(made(Kind::Flags, "flags", say("flags"), 72, ""));
    return columns;
}

}
