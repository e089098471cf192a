// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_table.h"

#include "bridge/text.h"
#include "style/icons.h"

#include <QBoxLayout>
#include <QSettings>

namespace attune::pages {

using bridge::toQString;
using widgets::Cell;
using widgets::Tone;

CompareTable::CompareTable(QSettings& settings, bool isLarge, QWidget* parent)
    : Panel(tr("Config"), parent)
    , m_settings(settings)
    , m_isLarge(isLarge)
{
    m_only = new QCheckBox(tr("Differences"));
    m_only->setToolTip(tr("Show only what differs"));
    m_only->setObjectName(QStringLiteral("differences-only"));
    m_only->setChecked(settings.value(QStringLiteral("compare/differencesOnly"), true).toBool());
    m_only->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    addAction(m_only);
    if (isLarge) {
        m_filter = new QLineEdit;
        m_filter->setProperty("find", true);
        m_filter->setPlaceholderText(tr("Find a setting"));
        m_filter->setAccessibleName(tr("Find a setting"));
        m_filter->setClearButtonEnabled(true);
        widgets::fitToPlaceholder(m_filter, 200);
        addAction(m_filter);
        connect(m_filter, &QLineEdit::textChanged, this, [this] { fill(); });
    }
    m_back = widgets::iconButton(QStringLiteral("left"), tr("Previous difference"));
    m_next = widgets::iconButton(QStringLiteral("right"), tr("Next difference"));
    addAction(m_back);
    addAction(m_next);
    connect(m_only, &QCheckBox::toggled, this, [this](bool on) {
        m_settings.setValue(QStringLiteral("compare/differencesOnly"), on);
        fill();
    });
    connect(m_back, &QToolButton::clicked, this, [this] { jump(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { jump(1); });
}

void CompareTable::show(const CompareData& comparison)
{
    m_data = comparison;
    makeTable();
    fill();
}

/// The columns are the runs, so the table is made for them.
void CompareTable::makeTable()
{
    if (m_table) {
        body()->removeWidget(m_table);
        m_table->deleteLater();
    }
    QList<widgets::TableColumn> columns {{QString(), m_isLarge ? 220 : 140}};
    if (m_isLarge)
        columns.append({tr("Key"), 260, false, true});
    for (std::size_t i = 0; i < m_data.runs.size(); ++i)
        columns.append({m_data.shortName(i), 0, true, false, i == m_data.baseline});
    m_table = new widgets::Table(columns);
    m_table->setObjectName(QStringLiteral("compare-table"));
    m_table->setAccessibleName(tr("Settings and results of the runs"));
    m_table->setSortingEnabled(false);
    body()->addWidget(m_table);
}

void CompareTable::addSettings(QList<widgets::TableRow>& rows)
{
    qsizetype different = 0;
    for (const auto& row : m_data.comparison.config) {
        different += row.differs();
        const QString name = settingName(row.key);
        if ((m_only->isChecked() && !row.differs()) || (m_filter && !(name + toQString(row.key)).contains(m_filter->text(), Qt::CaseInsensitive)))
            continue;
        widgets::TableRow line;
        line.id = toQString(row.key);
        line.cells.append({name, {}, Tone::Secondary});
        if (m_isLarge)
            line.cells.append({toQString(row.key), {}, Tone::Secondary});
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            Cell cell {shownSetting(row.key, row.values[i])};
            cell.isChanged = i != m_data.baseline && row.values[i] != row.values[m_data.baseline];
            // Two files of one name are told apart by their places.
            if (cell.isChanged && cell.text == shownSetting(row.key, row.values[m_data.baseline]))
                cell.text = shownValue(row.values[i]);
            line.cells.append(cell);
        }
        if (row.differs())
            m_different.append(static_cast<int>(rows.size()));
        rows.append(line);
    }
    setCaption(tr("%1 of %2 differ").arg(different).arg(m_data.comparison.config.size()));
}

void CompareTable::addResults(QList<widgets::TableRow>& rows) const
{
    widgets::TableRow head;
    head.id = QStringLiteral("results");
    head.isSection = true;
    head.cells = {{tr("Results")}};
    rows.append(head);
    const auto add = [&](const QString& name, const std::function<Cell(std::size_t)>& cell) {
        widgets::TableRow line {QStringLiteral("result:") + name, {{name, {}, Tone::Secondary}}};
        if (m_isLarge)
            line.cells.append(Cell {});
        for (std::size_t i = 0; i < m_data.runs.size(); ++i)
            line.cells.append(cell(i));
        rows.append(line);
    };
    const auto row = [this](std::size_t i) -> const store::RunRow& { return m_data.runs[i].row; };
    const auto base = m_data.bestEval(m_data.baseline);
    add(tr("best eval loss"), [&](std::size_t i) { const auto best = m_data.bestEval(i); return Cell {best ? bridge::decimal(*best, 3) : QStringLiteral("–")}; });
    add(tr("against baseline"), [&](std::size_t i) {
        const auto best = m_data.bestEval(i);
        if (i == m_data.baseline || !best || !base)
            return Cell {QStringLiteral("–")};
        const double change = 100 * (*best / *base - 1);
        return Cell {QStringLiteral("%1%2 %").arg(change < 0 ? QString(QChar(0x2212)) : QStringLiteral("+")).arg(bridge::decimal(std::abs(change), 1)), {}, change < 0 ? Tone::Success : change > 0 ? Tone::Danger : Tone::Text};
    });
    add(tr("at step"), [&](std::size_t i) { return Cell {row(i).bestStep > 0 ? bridge::grouped(row(i).bestStep) : QStringLiteral("–")}; });
    add(tr("train loss"), [&](std::size_t i) { return Cell {row(i).trainLoss ? bridge::decimal(*row(i).trainLoss, 3) : QStringLiteral("–")}; });
    add(tr("steps"), [&](std::size_t i) { return Cell {bridge::grouped(row(i).stepsDone)}; });
    add(tr("tokens"), [&](std::size_t i) { return Cell {bridge::grouped(row(i).tokens)}; });
    add(tr("time"), [&](std::size_t i) { return Cell {bridge::duration(row(i).seconds)}; });
    add(tr("tokens/s"), [&](std::size_t i) { return Cell {bridge::grouped(qRound64(row(i).tokensPerSecond))}; });
    add(tr("peak memory"), [&](std::size_t i) { return Cell {tr("%1 GiB").arg(bridge::gib(static_cast<double>(row(i).peakMemoryBytes)))}; });
    for (const auto& metric : m_data.comparison.metrics)
        if (const QString name = toQString(metric.key); name.startsWith(QLatin1String("last eval ")) && name != QLatin1String("last eval loss"))
            add(name.mid(5).replace(QLatin1Char('_'), QLatin1Char(' ')), [&](std::size_t i) { return Cell {shownValue(metric.values[i])}; });
}

QString CompareTable::csv()
{
    QString text;
    {
        const bridge::PlainNumbers plain;
        fill();
        for (const auto& line : m_table ? m_table->texts() : QList<QStringList>())
            text += bridge::csvLine(line);
    }
    fill();
    return text;
}

void CompareTable::fill()
{
    if (!m_table)
        return;
    m_different.clear();
    m_at = -1;
    QList<widgets::TableRow> rows;
    addSettings(rows);
    addResults(rows);
    m_table->setRows(rows);
    m_back->setEnabled(!m_different.isEmpty());
    m_next->setEnabled(!m_different.isEmpty());
}

void CompareTable::jump(int by)
{
    if (m_different.isEmpty())
        return;
    m_at = m_at < 0 ? (by > 0 ? 0 : m_different.size() - 1) : (m_at + by + m_different.size()) % m_different.size();
    m_table->selectRow(m_different[m_at]);
    m_table->scrollTo(m_table->model()->index(m_different[m_at], 0));
}

}
