// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run_view.h"

#include "base/file.h"
#include "pages/run_actions.h"
#include "pipeline/checkpoints.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/text_view.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QMessageBox>
#include <QStackedWidget>

#include <cmath>

namespace attune::pages {

using bridge::toQString;

namespace {

struct PanelKind {
    const char* title;
    const char* definition;
    const char* series;
};
constexpr PanelKind kPanels[] = {{"loss", "mean over trained tokens", "loss"}, {"learning rate", "", "learning_rate"},
    {"gradient norm", "", "grad_norm"}, {"tokens/s", "", "tokens_per_second"}, {"memory", "", "memory_bytes"}};

bool isLive(const store::RunRow& row)
{
    return row.status == store::RunStatus::Running || row.status == store::RunStatus::Paused || row.status == store::RunStatus::Queued;
}

}

RunView::RunView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    buildHeader(layout);
    buildTabs(layout);
    connect(&context.workspace, &bridge::Workspace::changed, this, &RunView::refresh);
}

void RunView::buildHeader(QBoxLayout* layout)
{
    m_header = new widgets::PageHeader({});
    m_header->setPlace(tr("Runs"));
    m_header->setHairline(false);
    m_chip = new widgets::StatusChip;
    m_lineage = new widgets::ElidedLabel;
    m_lineage->setTone(widgets::Tone::Secondary);
    m_lineage->setFont(style::caption());
    m_lineage->setMinimumWidth(140);
    m_lineage->setSizePolicy(QSizePolicy::MinimumExpanding, QSizePolicy::Preferred);
    m_header->addFact(m_chip);
    m_header->addFact(m_lineage);
    m_primary = widgets::button(tr("Pause"), widgets::ButtonRole::Primary, QStringLiteral("pause"));
    m_sample = widgets::button(tr("Sample now"));
    m_save = widgets::button(tr("Save checkpoint"));
    m_stop = widgets::button(tr("Stop…"), widgets::ButtonRole::Danger, QStringLiteral("stop"));
    for (auto* b : {m_primary, m_sample, m_save, m_stop})
        m_header->addAction(b);
    layout->addWidget(m_header);
    connect(m_header, &widgets::PageHeader::backRequested, this, &RunView::backRequested);
    connect(m_sample, &QPushButton::clicked, this, [this] {
        if (isLive(m_row))
            post(store::RunCommand::Sample, tr("The run answers its prompts after this step."));
        else
            m_context.navigator.open(shell::PageId::Export, m_id);
    });
    connect(m_save, &QPushButton::clicked, this, [this] {
        if (isLive(m_row))
            post(store::RunCommand::Save, tr("A checkpoint is saved after this step."));
        else
            m_context.navigator.open(shell::PageId::Train, QStringLiteral("recipe:") + toQString(m_row.recipe));
    });
    connect(m_stop, &QPushButton::clicked, this, &RunView::confirmStop);
    connect(m_primary, &QPushButton::clicked, this, [this] {
        switch (m_row.status) {
        case store::RunStatus::Running: post(store::RunCommand::Pause, tr("The run pauses after this step.")); break;
        case store::RunStatus::Paused: post(store::RunCommand::Resume, tr("The run goes on.")); break;
        case store::RunStatus::Completed: m_context.navigator.open(shell::PageId::TryOut, m_id); break;
        default: resume();
        }
    });

    auto* block = widgets::column(style::kSpace1);
    block->setContentsMargins(16, 0, 16, 0);
    m_progress = new widgets::ProgressHeader;
    block->addWidget(m_progress);
    m_messages = widgets::column(style::kSpace1);
    block->addLayout(m_messages);
    layout->addLayout(block);
}

void RunView::buildTabs(QBoxLayout* layout)
{
    auto* line = widgets::row(style::kSpace2);
    line->setContentsMargins(16, 4, 16, 0);
    m_tabs = new QTabBar;
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    line->addWidget(m_tabs);
    line->addStretch(1);
    m_chartControls = new QWidget;
    auto* controls = widgets::row(style::kSpace2);
    m_chartControls->setLayout(controls);
    controls->addWidget(widgets::bodyLabel(tr("Smoothing"), widgets::Tone::Secondary));
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setRange(0, 99);
    slider->setFixedWidth(72);
    slider->setAccessibleName(tr("Smoothing"));
    auto* value = widgets::monoLabel({});
    value->setFixedWidth(34);
    controls->addWidget(slider);
    controls->addWidget(value);
    auto* raw = new QCheckBox(tr("Raw"));
    raw->setChecked(true);
    auto* log = new QCheckBox(tr("Log"));
    controls->addWidget(raw);
    controls->addWidget(log);
    line->addWidget(m_chartControls);
    layout->addLayout(line);
    layout->addWidget(new widgets::Hairline);

    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    const auto add = [this](const QString& name, QWidget* page) {
        m_tabs->addTab(name);
        m_stack->addWidget(page);
    };
    add(tr("Charts"), buildCharts());
    for (const auto& [key, name] : {std::pair {"samples", tr("Samples")}, {"config", tr("Config")}, {"log", tr("Log")}, {"files", tr("Files")}}) {
        auto* text = widgets::textView();
        m_texts.insert(QLatin1String(key), text);
        add(name, text);
    }
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        m_chartControls->setVisible(index == 0);
        showTexts();
    });
    connect(slider, &QSlider::valueChanged, this, [this, value](int v) {
        value->setText(QString::number(v / 100.0, 'f', 2));
        // The learning rate and the memory are facts, not noisy measurements: they are never smoothed.
        for (int i = 0; i < m_panels.size(); ++i)
            m_panels[i]->setSmoothing(i == 1 || i == 4 ? 0.0 : v / 100.0);
        m_context.settings.setValue(QStringLiteral("charts/smoothing"), v);
    });
    connect(raw, &QCheckBox::toggled, this, [this](bool on) {
        for (auto* panel : m_panels)
            panel->setRawVisible(on);
    });
    connect(log, &QCheckBox::toggled, this, [this](bool on) { m_panels.first()->setLogarithmic(on); });
    slider->setValue(m_context.settings.value(QStringLiteral("charts/smoothing"), 60).toInt());
}

QWidget* RunView::buildCharts()
{
    auto* page = new QWidget;
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(16, 8, 16, 8);
    grid->setSpacing(style::kSpace2);
    for (const auto& kind : kPanels) {
        auto* panel = new plots::CurvePanel(tr(kind.title), tr(kind.definition));
        panel->setEmptyText(tr("The first step has not finished yet."));
        m_panels.append(panel);
    }
    m_panels[0]->setLegendVisible(true);
    m_panels[3]->setYFromZero(true);
    m_panels[4]->setYFromZero(true);
    m_panels[4]->setFilled(true);
    grid->addWidget(m_panels[0], 0, 0, 2, 2);
    grid->addWidget(m_panels[1], 0, 2);
    grid->addWidget(m_panels[2], 1, 2);
    grid->addWidget(m_panels[3], 2, 0, 1, 2);
    grid->addWidget(m_panels[4], 2, 2);
    m_samplePanel = new widgets::Panel(tr("Sample"));
    m_samplePanel->setFixedHeight(126);
    m_sampleStrip = widgets::row(0);
    m_samplePanel->body()->addLayout(m_sampleStrip);
    grid->addWidget(m_samplePanel, 3, 0, 1, 3);
    for (int i = 0; i < 3; ++i) {
        grid->setColumnStretch(i, 1);
        grid->setRowStretch(i, 1);
    }
    for (auto* panel : m_panels) {
        connect(panel, &plots::CurvePanel::crosshairMoved, this, [this](std::optional<double> x) {
            for (auto* other : m_panels)
                other->setCrosshair(x);
        });
    }
    return page;
}

void RunView::show(const QString& run)
{
    if (m_id != run) {
        m_id = run;
        m_row = {};
        m_lastMetric = m_lastEvent = 0;
        m_series.clear();
        m_events.clear();
        m_shownAlerts = 0;
        while (auto* item = m_messages->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        m_header->setTitle(run);
        for (auto* panel : m_panels) {
            panel->resetZoom();
            panel->setBest({}, {});
            panel->setLatest({});
        }
    }
    refresh();
}

void RunView::refresh()
{
    if (m_id.isEmpty() || !isVisible())
        return;
    if (m_isAsking) {
        m_askAgain = true;
        return;
    }
    m_isAsking = true;
    const std::string id = bridge::toStd(m_id);
    const auto metric = m_lastMetric, event = m_lastEvent;
    m_context.workspace.query<Data>(this,
        [id, metric, event](store::Store& store) -> Result<Data> {
            Data data;
            ATTUNE_TRY(data.row, store.run(id));
            ATTUNE_TRY(data.metrics, store.metrics(id, metric));
            ATTUNE_TRY(data.events, store.events(id, event));
            return data;
        },
        [this, id](Result<Data> result) {
            m_isAsking = false;
            if (result && bridge::toStd(m_id) == id)
                take(std::move(*result));
            else if (!result)
                m_context.navigator.toast(toQString(result.error().message));
            if (std::exchange(m_askAgain, false))
                refresh();
        });
}

void RunView::take(Data data)
{
    m_row = std::move(data.row);
    // A resume replaces rows behind its checkpoint: steps that come again end the old tail.
    takeMetrics(data.metrics);
    for (auto& event : data.events) {
        m_lastEvent = std::max(m_lastEvent, event.rowId);
        m_events.push_back(std::move(event));
    }
    showFacts();
    showCurves();
    showEvents();
    showTexts();
}

void RunView::takeMetrics(const std::vector<store::MetricRow>& rows)
{
    for (const auto& row : rows) {
        m_lastMetric = std::max(m_lastMetric, row.rowId);
        auto& points = m_series[toQString(row.split + "/" + row.name)];
        const double step = static_cast<double>(row.step);
        while (points.size() > 0 && points.x.last() >= step) {
            points.x.removeLast();
            points.y.removeLast();
        }
        points.add(step, row.value);
    }
}

void RunView::showFacts()
{
    const QString status = toQString(store::statusName(m_row.status));
    m_header->setTitle(m_id);
    m_chip->setStatus(status);
    m_lineage->setText(QStringLiteral("%1, %2, %3").arg(toQString(m_row.dataset), toQString(m_row.model), toQString(m_row.method)));
    const double total = static_cast<double>(std::max<std::int64_t>(1, m_row.stepsTotal));
    m_progress->setProgress(static_cast<double>(m_row.stepsDone) / total);
    QList<double> marks;
    for (const auto& event : m_events)
        if (event.kind == "checkpoint")
            marks.append(static_cast<double>(event.step) / total);
    m_progress->setMarks(marks, m_row.bestStep > 0 ? static_cast<double>(m_row.bestStep) / total : -1);

    const bool live = isLive(m_row);
    QList<QPair<QString, QString>> facts;
    facts.append({tr("Step"), tr("%1 of %2 (%3 %)").arg(bridge::grouped(m_row.stepsDone), bridge::grouped(m_row.stepsTotal)).arg(qRound(100 * static_cast<double>(m_row.stepsDone) / total))});
    facts.append({live ? tr("Elapsed") : tr("Took"), bridge::duration(m_row.seconds)});
    if (m_row.status == store::RunStatus::Running && m_row.stepsDone > 0)
        facts.append({tr("about"), tr("%1 left").arg(bridge::duration(m_row.seconds / static_cast<double>(m_row.stepsDone) * static_cast<double>(m_row.stepsTotal - m_row.stepsDone)))});
    if (m_row.tokensPerSecond > 0)
        facts.append({{}, tr("%1 tokens/s").arg(bridge::grouped(qRound64(m_row.tokensPerSecond)))});
    if (m_row.trainLoss)
        facts.append({tr("Loss"), QString::number(*m_row.trainLoss, 'f', 3)});
    if (m_row.evalLoss)
        facts.append({tr("Eval loss"), m_row.bestStep > 0 ? tr("%1, best at step %2").arg(QString::number(*m_row.evalLoss, 'f', 3)).arg(m_row.bestStep) : QString::number(*m_row.evalLoss, 'f', 3)});
    m_progress->setFacts(facts);

    const auto set = [](QPushButton* button, const QString& text, const QString& icon) {
        button->setText(text);
        button->setIcon(icon.isEmpty() ? QIcon() : style::icon(icon, style::IconColour::OnAccent));
    };
    switch (m_row.status) {
    case store::RunStatus::Running: set(m_primary, tr("Pause"), QStringLiteral("pause")); break;
    case store::RunStatus::Paused: set(m_primary, tr("Resume"), QStringLiteral("play")); break;
    case store::RunStatus::Completed: set(m_primary, tr("Compare with the base model"), {}); break;
    default: set(m_primary, tr("Resume"), QStringLiteral("play"));
    }
    m_sample->setText(live ? tr("Sample now") : tr("Export…"));
    m_save->setText(live ? tr("Save checkpoint") : tr("New run from this…"));
    m_stop->setVisible(live);
}

void RunView::showCurves()
{
    const int colour = m_row.colour;
    const auto curve = [&](const QString& key, const QString& name, bool isEval) { return plots::Curve {name, colour, isEval, m_series.value(key)}; };
    QList<plots::Curve> loss {curve(QStringLiteral("train/loss"), tr("train"), false)};
    if (m_series.contains(QStringLiteral("eval/loss")))
        loss.append(curve(QStringLiteral("eval/loss"), tr("eval"), true));
    m_panels[0]->setCurves(loss);
    const auto evals = m_series.value(QStringLiteral("eval/loss"));
    if (m_row.bestStep > 0 && evals.size() > 0) {
        const auto i = evals.x.indexOf(static_cast<double>(m_row.bestStep));
        if (i >= 0)
            m_panels[0]->setBest(evals.x[i], tr("best %1").arg(QString::number(evals.y[i], 'f', 3)));
    }
    for (int i = 1; i < m_panels.size(); ++i) {
        auto one = curve(QStringLiteral("train/") + QLatin1String(kPanels[i].series), tr(kPanels[i].title), false);
        if (i == 4)
            for (double& y : one.points.y)
                y /= 1024.0 * 1024.0 * 1024.0;
        if (one.points.size() > 0) {
            const double last = one.points.y.last();
            m_panels[i]->setLatest(i == 1 ? bridge::scientific(last) : i == 2 ? QString::number(last, 'f', 2) : i == 3 ? bridge::grouped(qRound64(last)) : tr("%1 GiB").arg(QString::number(last, 'f', 1)));
        }
        m_panels[i]->setCurves({one});
    }
    if (m_row.estimateBytes > 0)
        m_panels[4]->setDefinition(tr("forecast %1, peak %2").arg(bridge::gib(static_cast<double>(m_row.estimateBytes)), bridge::gib(static_cast<double>(m_row.peakMemoryBytes))));
}

void RunView::showEvents()
{
    std::vector<const store::RunEvent*> samples;
    int alerts = 0;
    for (const auto& event : m_events) {
        if (event.kind == "sample")
            samples.push_back(&event);
        if (event.kind != "alert")
            continue;
        if (++alerts <= m_shownAlerts || alerts > 2)
            continue;
        const bool isHard = event.data.value("level", "") == "error";
        auto* bar = new widgets::MessageBar(isHard ? widgets::MessageBar::Kind::Danger : widgets::MessageBar::Kind::Warning,
            toQString(event.data.value("title", "")), toQString(event.data.value("evidence", "") + " " + event.data.value("likely", "")));
        m_messages->addWidget(bar);
        connect(bar, &widgets::MessageBar::closed, bar, &QObject::deleteLater);
        m_shownAlerts = alerts;
    }
    if (!m_row.error.empty() && m_shownAlerts == 0 && !isLive(m_row) && m_messages->count() == 0) {
        auto* bar = new widgets::MessageBar(widgets::MessageBar::Kind::Danger, tr("The run failed"), toQString(m_row.error));
        m_messages->addWidget(bar);
        connect(bar, &widgets::MessageBar::closed, bar, &QObject::deleteLater);
    }
    m_samplePanel->setVisible(!samples.empty());
    if (samples.empty())
        return;
    while (auto* item = m_sampleStrip->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const std::string prompt = samples.back()->data.value("prompt", "");
    const auto cell = [this](const QString& head, const QString& text) {
        auto* box = new QWidget;
        auto* inner = widgets::column(2);
        inner->setContentsMargins(10, 6, 10, 6);
        box->setLayout(inner);
        inner->addWidget(widgets::captionLabel(head));
        auto* body = widgets::wrappedLabel(text, widgets::Tone::Text);
        body->setAlignment(Qt::AlignTop);
        body->setToolTip(text);
        body->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
        inner->addWidget(body, 1);
        if (m_sampleStrip->count() > 0)
            m_sampleStrip->addWidget(new widgets::Hairline(Qt::Vertical));
        m_sampleStrip->addWidget(box, 1);
    };
    cell(tr("Prompt"), toQString(prompt));
    std::vector<const store::RunEvent*> mine;
    for (const auto* sample : samples)
        if (sample->data.value("prompt", "") == prompt)
            mine.push_back(sample);
    const std::size_t first = mine.size() > 3 ? mine.size() - 3 : 0;
    for (std::size_t i = first; i < mine.size(); ++i)
        cell(tr("step %1").arg(mine[i]->step), toQString(mine[i]->data.value("text", "")));
    m_samplePanel->setCaption(tr("temperature 0"));
}

void RunView::showTexts()
{
    const int tab = m_tabs->currentIndex();
    if (tab <= 0 || m_id.isEmpty())
        return;
    QString text;
    const std::string folder = m_row.folder;
    if (tab == 1) {
        for (auto it = m_events.rbegin(); it != m_events.rend(); ++it)
            if (it->kind == "sample")
                text += tr("Step %1\n› %2\n%3\n\n").arg(it->step).arg(toQString(it->data.value("prompt", "")), toQString(it->data.value("text", "")));
        if (text.isEmpty())
            text = tr("This run has no sample prompts. Add some under Train › Evaluation and samples.");
    } else if (tab == 2) {
        const auto recipe = readFile(folder + "/recipe.yaml", 4u << 20);
        text = recipe ? toQString(*recipe) : toQString(recipe.error().message);
    } else if (tab == 3) {
        const auto log = readFile(folder + "/log.txt", 64u << 20);
        text = log ? toQString(*log).right(200000) : tr("The log is empty so far.");
    } else {
        text = toQString(folder) + QStringLiteral("\n\n");
        for (const auto& checkpoint : pipeline::checkpointsOf(folder))
            text += tr("checkpoint at step %1: %2\n").arg(checkpoint.step).arg(toQString(checkpoint.weights()));
    }
    static const char* const kKeys[] = {"", "samples", "config", "log", "files"};
    auto* view = m_texts[QLatin1String(kKeys[tab])];
    if (view->toPlainText() != text)
        view->setPlainText(text);
}

void RunView::post(store::RunCommand command, const QString& said)
{
    m_context.workspace.write([id = bridge::toStd(m_id), command](store::Store& store) { return store.postCommand(id, command); });
    m_context.navigator.toast(said);
}

void RunView::resume()
{
    resumeRunHere(m_context, m_id, this);
}

void RunView::confirmStop()
{
    QMessageBox box(QMessageBox::Question, tr("Stop the run"), tr("Stop %1 after this step?").arg(m_id), QMessageBox::NoButton, this);
    box.setInformativeText(tr("A checkpoint is saved first, so the run can be tried out, exported or resumed."));
    auto* stop = box.addButton(tr("Stop the run"), QMessageBox::DestructiveRole);
    box.addButton(tr("Keep training"), QMessageBox::RejectRole);
    box.exec();
    if (box.clickedButton() == stop)
        post(store::RunCommand::Stop, tr("The run stops after this step."));
}

}
