// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/runs/run_filter.h"

#include "bridge/text.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace attune::pages {

using Op = RunCondition::Op;

namespace {

constexpr std::pair<const char*, Op> kOps[] = {{"<=", Op::LessOrEqual}, {">=", Op::GreaterOrEqual}, {"!=", Op::NotEqual}, {"≠", Op::NotEqual}, {"<", Op::Less},
    {">", Op::Greater}, {"=", Op::Equal}, {":", Op::Contains}, {"~", Op::Contains}};

int columnOf(const QString& name)
{
    const QString wanted = name.trimmed().toLower();
    const auto columns = runColumns();
    for (std::size_t i = 1; i < columns.size(); ++i) {
        const QString key = QLatin1String(columns[i].key), title = QCoreApplication::translate("attune::pages::RunsPage", columns[i].title).toLower();
        if (wanted == key || wanted == title || (wanted + QLatin1Char('s')) == key)
            return static_cast<int>(i);
    }
    return -1;
}

}

std::optional<RunCondition> parseCondition(const QString& text)
{
    static const QRegularExpression kForm(QStringLiteral("^\\s*([^<>=!~:≠]+?)\\s*(<=|>=|!=|≠|<|>|=|:|~)\\s*(.+?)\\s*$"));
    const auto match = kForm.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    RunCondition condition;
    condition.column = columnOf(match.captured(1));
    condition.value = match.captured(3);
    if (condition.column < 0)
        return std::nullopt;
    for (const auto& [sign, op] : kOps)
        if (match.captured(2) == QString::fromUtf8(sign)) {
            condition.op = op;
            break;
        }
    return condition;
}

QString RunCondition::words() const
{
    static const QString kSigns[] = {QStringLiteral(" < "), QStringLiteral(" ≤ "), QStringLiteral(" > "), QStringLiteral(" ≥ "), QStringLiteral(" = "), QStringLiteral(" ≠ "), QStringLiteral(": ")};
    const auto& c = runColumns()[static_cast<std::size_t>(column)];
    return QCoreApplication::translate("attune::pages::RunsPage", c.title).toLower() + kSigns[static_cast<int>(op)] + value;
}

bool RunCondition::holds(const ListedRun& run) const
{
    const auto& c = runColumns()[static_cast<std::size_t>(column)];
    const widgets::Cell cell = c.cell(run);
    if (op == Op::Contains)
        return cell.text.contains(value, Qt::CaseInsensitive);
    bool isNumber = false;
    const double wanted = bridge::typedNumber(value).toDouble(&isNumber);
    if (c.isNumber && isNumber) {
        if (cell.isMissing)
            return op == Op::NotEqual;
        const double v = cell.sort.toDouble();
        switch (op) {
        case Op::Less: return v < wanted;
        case Op::LessOrEqual: return v <= wanted;
        case Op::Greater: return v > wanted;
        case Op::GreaterOrEqual: return v >= wanted;
        case Op::NotEqual: return std::abs(v - wanted) > 1e-9 * std::max(1.0, std::abs(wanted));
        default: return std::abs(v - wanted) <= 1e-9 * std::max(1.0, std::abs(wanted));
        }
    }
    const int order = cell.text.compare(value, Qt::CaseInsensitive);
    switch (op) {
    case Op::Less: return order < 0;
    case Op::LessOrEqual: return order <= 0;
    case Op::Greater: return order > 0;
    case Op::GreaterOrEqual: return order >= 0;
    case Op::NotEqual: return order != 0;
    default: return order == 0;
    }
}

bool containsText(const ListedRun& run, const QString& text)
{
    if (text.isEmpty() || bridge::toQString(run.row.notes).contains(text, Qt::CaseInsensitive))
        return true;
    for (const auto& column : runColumns())
        if (column.cell(run).text.contains(text, Qt::CaseInsensitive))
            return true;
    return false;
}

}
