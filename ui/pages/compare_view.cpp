// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare_view.h"

#include "style/metrics.h"

#include <QBoxLayout>

namespace attune::pages {

using bridge::toQString;

namespace {

QString shown(const Json& value)
{
    if (value.is_null())
        return QStringLiteral("–");
    if (value.is_number_float()) {
        const double v = value.get<double>();
        return v != 0 && std::abs(v) < 1e-3 ? bridge::scientific(v) : QString::number(v, 'g', 5);
    }
    if (value.is_number_integer())
        return bridge::grouped(value.get<qint64>());
    return value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value));
}

/// A table with a column per run; what differs from the first run is marked by a word and a colour.
widgets::Table* tableOf(const std::vector<pipeline::Comparison::Row>& rows, const QStringList& runs, const std::vector<store::RunRow>& facts, bool onlyDifferences)
{
    QList<widgets::TableColumn> columns {{QString(), 150, false, false}};
    for (const auto& run : runs)
        columns.append({run, 0, true, false});
    auto* table = new widgets::Table(columns);
    QList<widgets::TableRow> lines;
    for (const auto& row : rows) {
        if (onlyDifferences && !row.differs())
            continue;
        widgets::TableRow line;
        line.id = toQString(row.key);
        line.cells.append({toQString(row.key), {}, widgets::Tone::Secondary});
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            widgets::Cell cell {shown(row.values[i])};
            if (i > 0 && row.values[i] != row.values[0])
                cell.tone = widgets::Tone::Warning;
            line.cells.append(cell);
        }
        lines.append(line);
    }
    (void)facts;
    table->setRows(lines);
    table->setSortingEnabled(false);
    return table;
}

void replaceBody(widgets::Panel* panel, QWidget* widget)
{
    while (auto* item = panel->body()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    panel->body()->addWidget(widget);
}

}

CompareView::CompareView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_header = new widgets::PageHeader(tr("Compare"));
    m_header->setPlace(tr("Runs"));
    auto* tryOut = widgets::button(tr("Try them side by side"), widgets::ButtonRole::Primary);
    m_header->addAction(tryOut);
    layout->addWidget(m_header);
    connect(m_header, &widgets::PageHeader::backRequested, this, &CompareView::backRequested);
    connect(tryOut, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::TryOut, m_runs.join(QLatin1Char(','))); });

    auto* body = widgets::column(style::kSpace2);
    body->setContentsMargins(16, 10, 16, 12);
    auto* top = widgets::row(style::kSpace2);
    m_plot = new plots::CurvePanel(tr("loss"), tr("train solid, eval dashed; by tokens, so that different batches compare"));
    m_plot->setAxisName(tr("tokens"));
    m_plot->setEmptyText(tr("None of these runs has finished a step."));
    m_plot->setRawVisible(false);
    top->addWidget(m_plot, 3);
    m_config = new widgets::Panel(tr("Config"));
    m_onlyDifferences = new QCheckBox(tr("Differences only"));
    m_onlyDifferences->setChecked(true);
    m_config->addAction(m_onlyDifferences);
    top->addWidget(m_config, 2);
    body->addLayout(top, 3);
    m_results = new widgets::Panel(tr("Results"));
    m_results->setCaption(tr("against the first run"));
    body->addWidget(m_results, 2);
    layout->addLayout(body, 1);
    connect(m_onlyDifferences, &QCheckBox::toggled, this, &CompareView::fill);
}

void CompareView::show(const QStringList& runs)
{
    m_runs = runs;
    m_header->setTitle(tr("Compare %1 runs").arg(runs.size()));
    std::vector<std::string> ids;
    for (const auto& run : runs)
        ids.push_back(bridge::toStd(run));
    m_context.workspace.query<Answer>(this,
        [ids](store::Store& store) -> Result<Answer> {
            Answer answer;
            ATTUNE_TRY(answer.comparison, pipeline::compareRuns(store, ids));
            for (const auto& id : ids) {
                ATTUNE_TRY(auto row, store.run(id));
                answer.rows.push_back(std::move(row));
            }
            return answer;
        },
        [this](Result<Answer> answer) {
            if (!answer) {
                m_context.navigator.toast(toQString(answer.error().message));
                return;
            }
            m_answer = std::move(*answer);
            fill();
        });
}

void CompareView::fill()
{
    QList<plots::Curve> curves;
    for (const auto& curve : m_answer.comparison.curves) {
        if (curve.name != "loss")
            continue;
        plots::Curve one {toQString(curve.run), 0, curve.split == "eval", {}};
        for (const auto& row : m_answer.rows)
            if (row.id == curve.run)
                one.colour = row.colour;
        for (std::size_t i = 0; i < curve.values.size(); ++i)
            one.points.add(static_cast<double>(curve.tokens[i]), curve.values[i]);
        if (one.isEval)
            one.name += tr(", eval");
        curves.append(one);
    }
    m_plot->setCurves(curves);
    const bool onlyDifferences = m_onlyDifferences->isChecked();
    replaceBody(m_config, tableOf(m_answer.comparison.config, m_runs, m_answer.rows, onlyDifferences));
    replaceBody(m_results, tableOf(m_answer.comparison.metrics, m_runs, m_answer.rows, false));
    qsizetype different = 0;
    for (const auto& row : m_answer.comparison.config)
        different += row.differs();
    m_config->setCaption(tr("%1 of %2 differ").arg(different).arg(m_answer.comparison.config.size()));
}

}
