// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_view.h"

#include "base/file.h"
#include "pages/compare/compare_samples.h"
#include "pages/compare/compare_table.h"
#include "pages/compare/run_chip.h"
#include "pages/run/facts_panel.h"
#include "pages/setting_words.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QGridLayout>
#include <QMenu>

namespace attune::pages {

using bridge::toQString;
using plots::CurvePanel;

namespace {
constexpr double kGib = 1.0 / (1024.0 * 1024.0 * 1024.0);
constexpr qsizetype kMostRuns = 8;  // more colours than the palette has cannot be told apart
}

CompareView::CompareView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_header = new widgets::PageHeader(tr("Compare"));
    m_header->setPlace(tr("Runs"));
    m_header->setHairline(false);
    m_chips = new QWidget;
    m_chips->setLayout(widgets::row(6));
    m_header->addFact(m_chips);
    m_csv = widgets::button({}, widgets::ButtonRole::Secondary, QStringLiteral("download"));
    m_csv->setObjectName(QStringLiteral("export-comparison"));
    m_csv->setAccessibleName(tr("Export CSV…"));
    m_csv->setToolTip(tr("Export CSV…"));
    auto* tryOut = widgets::button(tr("Try them side by side"), widgets::ButtonRole::Primary);
    m_header->addAction(m_csv);
    m_header->addAction(tryOut);
    layout->addWidget(m_header);
    connect(m_header, &widgets::PageHeader::backRequested, this, &CompareView::backRequested);
    connect(m_csv, &QPushButton::clicked, this, &CompareView::exportCsv);
    connect(tryOut, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::TryOut, m_runs.join(QLatin1Char(','))); });
    m_tabLine = new plots::TabLine(tr("Parts of the comparison"));
    m_tabs = m_tabLine->tabs();
    m_tabs->setObjectName(QStringLiteral("compare-tabs"));
    m_controls = new plots::ChartControls(context.settings, QStringLiteral("compare"), plots::XAxis::Tokens);
    m_tabLine->addControls(m_controls);
    layout->addWidget(m_tabLine);
    layout->addWidget(new widgets::Hairline);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    m_config = new CompareTable(context.settings, true);
    m_samples = new CompareSamples(0);
    const auto framed = [](QWidget* inner) {
        auto* page = new QWidget;
        auto* column = widgets::column();
        column->setContentsMargins(16, 10, 16, 12);
        page->setLayout(column);
        column->addWidget(inner);
        return page;
    };
    for (const auto& [name, page] : {std::pair<QString, QWidget*> {tr("Overview"), buildOverview()}, {tr("Charts"), buildCharts()}, {tr("Config"), framed(m_config)},
             {tr("Samples"), framed(m_samples)}, {tr("Data"), buildData()}, {tr("System"), buildSystem()}}) {
        m_tabs->addTab(name);
        m_stack->addWidget(page);
    }
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        m_tabLine->showControls(index < 2 || index == 5 ? m_controls : nullptr);
    });
    connect(m_controls, &plots::ChartControls::changed, this, [this](const plots::ChartView& view) {
        m_group.clear();
        m_group.apply(view);
        fillCharts();
    });
    m_tabLine->showControls(m_controls);
    m_group.apply(m_controls->view());
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] {
        if (isVisible() && std::any_of(m_data.runs.begin(), m_data.runs.end(), [](const RunData& run) { return run.isLive(); }))
            load();
    });
}

void CompareView::addPanel(CurvePanel* panel, bool isFact, bool hasLog)
{
    panel->setPaired(true);
    panel->setEmptyText(tr("None of these runs measured it."));
    m_group.add(panel, isFact, hasLog);
}

QWidget* CompareView::buildOverview()
{
    auto* page = new QWidget;
    auto* body = widgets::column(style::kSpace2);
    body->setContentsMargins(16, 10, 16, 12);
    page->setLayout(body);
    m_top = widgets::row(style::kSpace2);
    auto* loss = new CurvePanel(tr("loss"), {});
    loss->setLegendVisible(true);
    addPanel(loss, false, true);
    m_charts.append({loss, QStringLiteral("loss"), 1, nullptr});
    m_short = new CompareTable(m_context.settings, false);
    m_short->setMinimumWidth(style::scaled(340));
    m_top->addWidget(loss, 5);
    m_top->addWidget(m_short, 3);
    body->addLayout(m_top, 3);
    m_strip = new CompareSamples(2);
    body->addWidget(m_strip, 2);
    return page;
}

/// The table takes what the names in it need, the chart the rest.
void CompareView::shareTop()
{
    const int all = width() - 40, table = std::clamp(m_short->leastWidth(), all * 3 / 8, all * 5 / 8);
    m_top->setStretch(0, all - table);
    m_top->setStretch(1, table);
}

QGridLayout* CompareView::buildGrid(QWidget* page)
{
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(16, 10, 16, 12);
    grid->setSpacing(style::kSpace2);
    m_grids.append(grid);
    return grid;
}

QWidget* CompareView::buildCharts()
{
    auto* page = new QWidget;
    auto* grid = buildGrid(page);
    const QList<std::tuple<QString, QString, double, bool>> kinds {{tr("loss"), QStringLiteral("loss"), 1.0, false}, {tr("gradient norm"), QStringLiteral("grad_norm"), 1.0, false},
        {tr("learning rate"), QStringLiteral("learning_rate"), 1.0, true}, {tr("reward margin"), QStringLiteral("reward_margin"), 1.0, true}, {tr("accuracy"), QStringLiteral("accuracy"), 1.0, true}};
    for (qsizetype i = 0; i < kinds.size(); ++i) {
        const auto& [title, series, scale, isFact] = kinds[i];
        auto* panel = new CurvePanel(title, {}, page);
        panel->setLegendVisible(i == 0);
        addPanel(panel, isFact, i == 0);
        panel->hide();  // until there is something to draw
        m_charts.append({panel, series, scale, grid});
    }
    return page;
}

QWidget* CompareView::buildData()
{
    auto* page = new QWidget;
    m_facts = widgets::row(style::kSpace2);
    m_facts->setContentsMargins(16, 10, 16, 12);
    page->setLayout(m_facts);
    return page;
}

QWidget* CompareView::buildSystem()
{
    auto* page = new QWidget;
    auto* grid = buildGrid(page);
    const QList<std::tuple<QString, QString, double>> kinds {{tr("tokens/s"), QStringLiteral("tokens_per_second"), 1.0}, {tr("memory, GiB"), QStringLiteral("memory_bytes"), kGib},
        {tr("processor, %"), QStringLiteral("sys/cpu_percent"), 1.0}, {tr("GPU, %"), QStringLiteral("sys/gpu_percent"), 1.0}};
    for (qsizetype i = 0; i < kinds.size(); ++i) {
        const auto& [title, series, scale] = kinds[i];
        auto* panel = new CurvePanel(title, {}, page);
        panel->setYFromZero(true);
        addPanel(panel, scale != 1.0, false);
        panel->hide();  // until there is something to draw
        m_charts.append({panel, series, scale, grid});
    }
    return page;
}

/// What the chips say anyway makes room for the runs' names in a narrow window.
QString CompareView::shownTitle() const
{
    return m_isCompact ? tr("Compare") : title();
}

QString CompareView::title() const
{
    return tr("Compare %n run(s)", nullptr, static_cast<int>(m_runs.size()));
}

void CompareView::show(const QStringList& runs)
{
    if (runs != m_runs)
        m_group.clear();
    m_runs = runs.mid(0, kMostRuns);
    if (!m_runs.contains(m_baseline))
        m_baseline = m_runs.value(0);
    m_header->setTitle(shownTitle());
    load();
}

void CompareView::load()
{
    std::vector<std::string> ids;
    for (const auto& run : m_runs)
        ids.push_back(bridge::toStd(run));
    m_context.workspace.query<CompareData>(this, [ids](store::Store& store) { return CompareData::load(store, ids); },
        [this, asked = m_runs](Result<CompareData> loaded) {
            if (!loaded) {
                m_context.navigator.toast(toQString(loaded.error().message));
                return;
            }
            if (asked != m_runs)
                return;
            m_data = std::move(*loaded);
            m_data.baseline = static_cast<std::size_t>(std::max<qsizetype>(0, m_runs.indexOf(m_baseline)));
            fill();
        });
}

QList<plots::Curve> CompareView::curves(const QString& name, double scale) const
{
    QList<plots::Curve> list;
    const bool isWhole = name.contains(QLatin1Char('/'));
    for (std::size_t i = 0; i < m_data.runs.size(); ++i)
        for (const bool isEval : {false, true}) {
            const QString key = isWhole ? name : (isEval ? QStringLiteral("eval/") : QStringLiteral("train/")) + name;
            if ((isWhole && isEval) || !m_data.runs[i].has(key))
                continue;
            list.append({m_data.name(i), m_data.runs[i].row.colour, isEval, m_data.runs[i].series(key).points(m_controls->view().axis, scale)});
        }
    return list;
}

void CompareView::fillCharts()
{
    const QString words = m_data.runs.empty() ? QString() : m_data.sharesEvaluation() ? tr("eval on the same held-out rows") : tr("each run on the rows that it holds out itself");
    for (auto* grid : m_grids)
        while (auto* item = grid->takeAt(0))
            delete item;
    QHash<QGridLayout*, int> shown;
    for (const auto& chart : m_charts) {
        const auto drawn = curves(chart.series, chart.scale);
        chart.panel->setCurves(drawn);
        // What none of the runs measured has no card; the first stands for all where there is nothing.
        const bool isShown = !chart.grid || !drawn.isEmpty() || shown.value(chart.grid) == 0;
        chart.panel->setVisible(isShown);
        if (chart.grid && isShown) {
            const int at = shown[chart.grid]++;
            chart.grid->addWidget(chart.panel, at / 2, at % 2);
        }
        if (chart.series == QLatin1String("loss"))
            chart.panel->setDefinition(words);
    }
}

void CompareView::fill()
{
    setCompact(false);
    showChips();
    m_roomyWidth = m_header->sizeHint().width();
    setCompact(width() < m_roomyWidth);
    fillCharts();
    m_short->show(m_data);
    m_config->show(m_data);
    m_strip->show(m_data);
    m_samples->show(m_data);
    fillData();
    shareTop();
}

void CompareView::fillData()
{
    while (auto* item = m_facts->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < m_data.runs.size(); ++i) {
        const auto& row = m_data.runs[i].row;
        auto* panel = new FactsPanel(m_data.name(i));
        QList<QPair<QString, QString>> facts {{tr("Dataset"), bridge::datasetName(row.dataset)}};
        const auto count = [&](const QString& name, const char* key) {
            if (row.summary.contains(key))
                facts.append({name, bridge::grouped(row.summary.value(key, qint64(0)))});
        };
        count(tr("Rows trained on"), "train_rows");
        count(tr("Rows held out"), "eval_rows");
        facts.append({tr("Tokens seen"), bridge::grouped(row.tokens)});
        if (const Json counts = row.summary.value("data", Json::object()); counts.is_object() && counts.contains("tokens"))
            facts.append({tr("Tokens of the data"), bridge::grouped(counts.value("tokens", qint64(0)))});
        if (const Json hashes = row.summary.value("hashes", Json::object()); hashes.contains("dataset"))
            facts.append({tr("Content hash"), shortHash(hashes.value("dataset", ""))});
        if (i == m_data.baseline)
            panel->setCaption(tr("baseline"));
        panel->setFacts(facts);
        m_facts->addWidget(panel, 1, Qt::AlignTop);
    }
}

void CompareView::showChips()
{
    auto* line = static_cast<QHBoxLayout*>(m_chips->layout());
    while (auto* item = line->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (std::size_t i = 0; i < m_data.runs.size(); ++i) {
        auto* chip = new RunChip(m_data.runs.size() > 3 ? m_data.shortName(i) : m_data.name(i), m_data.runs[i].row.colour,
            i != m_data.baseline ? RunChip::Mark::None : m_isCompact ? RunChip::Mark::Flag : RunChip::Mark::FlagAndWord);
        line->addWidget(chip);
        chip->show();  // now, for the header's size
        connect(chip, &QAbstractButton::clicked, this, [this, i, chip] {
            QMenu menu(this);
            menu.addAction(tr("Take as baseline"), this, [this, i] { setBaseline(i); })->setEnabled(i != m_data.baseline);
            menu.addAction(tr("Open the run"), this, [this, i] { m_context.navigator.open(shell::PageId::Runs, m_data.name(i)); });
            auto* remove = menu.addAction(tr("Leave out"), this, [this, i] {
                m_runs.removeOne(m_data.name(i));
                show(QStringList(m_runs));
            });
            remove->setEnabled(m_runs.size() > 2);
            menu.exec(chip->mapToGlobal(QPoint(0, chip->height())));
        });
    }
    QAbstractButton* add = nullptr;
    if (m_isCompact)
        add = widgets::iconButton(QStringLiteral("add"), tr("Add run"));
    else
        add = widgets::button(tr("Add run"), widgets::ButtonRole::Ghost, QStringLiteral("add"));
    add->setEnabled(m_runs.size() < kMostRuns);
    if (!add->isEnabled())
        add->setToolTip(tr("%1 runs are the most that can be told apart.").arg(kMostRuns));
    line->addWidget(add);
    add->show();
    connect(add, &QAbstractButton::clicked, this, &CompareView::addRun);
}

void CompareView::setCompact(bool isCompact)
{
    if (std::exchange(m_isCompact, isCompact) == isCompact)
        return;
    m_csv->setText(isCompact ? QString() : tr("Export CSV…"));
    m_header->setTitle(shownTitle());
    showChips();
}

void CompareView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    setCompact(width() < m_roomyWidth);
    shareTop();
}

void CompareView::setBaseline(std::size_t run)
{
    m_baseline = m_data.name(run);
    m_data.baseline = run;
    fill();
}

void CompareView::addRun()
{
    m_context.workspace.query<std::vector<store::RunRow>>(this, [](store::Store& store) { return store.runs(); }, [this](Result<std::vector<store::RunRow>> runs) {
        if (!runs)
            return;
        QMenu menu(this);
        for (const auto& run : *runs)
            if (const QString id = toQString(run.id); !m_runs.contains(id) && !run.isArchived)
                menu.addAction(id, this, [this, id] { show(m_runs + QStringList {id}); });
        if (menu.isEmpty())
            menu.addAction(tr("There is no other run"))->setEnabled(false);
        menu.exec(m_chips->mapToGlobal(QPoint(m_chips->width() - 80, m_chips->height())));
    });
}

void CompareView::exportCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the comparison"), QStringLiteral("compare.csv"), tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(bridge::toStd(path), bridge::toStd(m_config->csv()));
    m_context.navigator.toast(status ? tr("%1 was written.").arg(path) : toQString(status.error().message));
}

}
