// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/run/run_tab.h"
#include "pages/run/sample_strip.h"
#include "plots/chart_controls.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QScrollArea>

namespace attune::pages {

using bridge::toQString;
using plots::CurvePanel;

namespace {

constexpr double kGib = 1.0 / (1024.0 * 1024.0 * 1024.0);

/// Names of evaluation metrics that have a panel of their own when a run measures them, the telling ones first.
constexpr const char* kEvalPanels[] = {"reward_margin", "reward_accuracy", "accuracy", "f1_macro", "f1", "exact_match", "mcc", "pearson", "spearman", "rouge", "bleu", "chrf", "mse", "mae"};

QString metricName(const QString& name)
{
    QString words = name;
    return words.replace(QLatin1Char('_'), QLatin1Char(' '));
}

}

/// The curves: loss large, facts and speed around it, what the run's own metrics say, samples below.
class ChartsTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ChartsTab)
public:
    explicit ChartsTab(shell::Context& context)
        : RunTab(context)
        , m_controls(new plots::ChartControls(context.settings, QStringLiteral("run"), plots::XAxis::Step, this))
    {
        auto* outer = widgets::column();
        setLayout(outer);
        auto* page = new widgets::PlaneWidget(widgets::Plane::Surface);
        m_grid = new QGridLayout(page);
        m_grid->setContentsMargins(16, 8, 16, 8);
        m_grid->setSpacing(style::kSpace2);
        auto* scroll = new QScrollArea;
        scroll->setWidget(page);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        outer->addWidget(scroll);
        makePanels();
        place();
        connect(m_controls, &plots::ChartControls::changed, this, [this](const plots::ChartView& view) {
            const bool isOther = std::exchange(m_axis, view.axis) != view.axis;
            if (isOther)
                m_group.clear();
            m_group.apply(view);
            if (isOther && m_data)
                showCurves(*m_data);
        });
        m_axis = m_controls->view().axis;
        m_group.apply(m_controls->view());
    }

    plots::ChartControls* controls() override { return m_controls; }

    void clear() override
    {
        m_group.clear();
        m_strip->clear();
        m_data = nullptr;
        for (auto* panel : m_group.panels()) {
            panel->setCurves({});
            panel->setBest({}, {});
            panel->setMarkers({});
            panel->setLatest({});
            panel->setThreshold({}, {});
        }
    }

    void show(const RunData& runData) override
    {
        m_data = &runData;
        showCurves(runData);
        m_strip->show(runData);
    }

private:
    CurvePanel* panel(const QString& title, const QString& definition, bool isFact = false, bool hasLog = false)
    {
        auto* made = new CurvePanel(title, definition);
        made->setEmptyText(tr("The first step has not finished yet."));
        made->setMinimumHeight(style::scaled(104));
        m_group.add(made, isFact, hasLog);
        connect(made, &CurvePanel::fullSizeRequested, this, [this, made] {
            m_large = m_large == made ? nullptr : made;
            place();
        });
        return made;
    }

    void makePanels()
    {
        m_loss = panel(tr("loss"), tr("mean over trained tokens"), false, true);
        m_loss->setLegendVisible(true);
        m_rate = panel(tr("learning rate"), {}, true);
        m_norm = panel(tr("gradient norm"), {});
        m_speed = panel(tr("tokens/s"), {});
        m_own = panel(tr("processor"), {});
        m_memory = panel(tr("memory"), {}, true);
        m_strip = new SampleStrip;
        m_strip->hide();
        m_speed->setYFromZero(true);
        m_own->setYFromZero(true);
        m_memory->setYFromZero(true);
        m_memory->setFilled(true);
    }

    /// One chart alone, or all in their places.
    void place()
    {
        while (auto* item = m_grid->takeAt(0))
            delete item;
        for (int i = 0; i < 8; ++i)
            m_grid->setRowStretch(i, 0);
        if (m_large)
            m_grid->addWidget(m_large, 0, 0, 1, 6), m_grid->setRowStretch(0, 1);
        else
            placeAll();
        for (auto* one : m_group.panels()) {
            const auto metric = m_metrics.indexOf(one);
            one->setVisible(one->parentWidget() && (m_large ? one == m_large : metric < m_metricKeys.size()));
            one->setFullSize(one == m_large);
            one->setFullSizeVisible(one == m_loss || one == m_large);
        }
        m_strip->setVisible(m_strip->parentWidget() && !m_large && m_data && !m_data->eventsOf("sample").empty());
        if (m_large)
            m_large->setFocus();
    }

    void placeAll()
    {
        m_grid->addWidget(m_loss, 0, 0, 2, 4);
        m_grid->addWidget(m_rate, 0, 4, 1, 2);
        m_grid->addWidget(m_norm, 1, 4, 1, 2);
        m_grid->addWidget(m_speed, 2, 0, 1, 2);
        m_grid->addWidget(m_own, 2, 2, 1, 2);
        m_grid->addWidget(m_memory, 2, 4, 1, 2);
        const int metrics = static_cast<int>(m_metricKeys.size());
        for (int i = 0; i < metrics; ++i)
            m_grid->addWidget(m_metrics[i], 3 + i / 3, 2 * (i % 3), 1, 2);
        const int rows = 3 + (metrics + 2) / 3;
        m_grid->addWidget(m_strip, rows, 0, 1, 6);
        for (int i = 0; i < 6; ++i)
            m_grid->setColumnStretch(i, 1);
        for (int i = 0; i < rows; ++i)
            m_grid->setRowStretch(i, i < 2 ? 5 : 4);
    }

    plots::Curve curve(const RunData& runData, const QString& key, const QString& name, bool isEval = false, double scale = 1.0) const
    {
        return {name, runData.row.colour, isEval, runData.series(key).points(m_axis, scale)};
    }

    void showCurves(const RunData& runData)
    {
        const auto train = QStringLiteral("train/loss");
        for (auto* one : m_group.panels())
            one->setReadOutNote([series = runData.series(train), axis = m_axis](double x) {
                const double seconds = axis == plots::XAxis::Time ? -1 : series.secondsAt(x, axis);
                return seconds < 0 ? QString() : bridge::duration(seconds);
            });
        showLoss(runData);
        showFacts(runData);
        showOwn(runData);
        showMetrics(runData);
    }

    void showLoss(const RunData& runData)
    {
        QList<plots::Curve> curves {curve(runData, QStringLiteral("train/loss"), tr("train"))};
        const auto& evals = runData.series(QStringLiteral("eval/loss"));
        if (evals.size() > 0)
            curves.append(curve(runData, QStringLiteral("eval/loss"), tr("eval"), true));
        m_loss->setCurves(curves);
        const bool isEvaluated = runData.row.summary.value("eval_rows", std::int64_t(0)) > 0;
        m_loss->setDefinition(evals.size() > 0 || !runData.recipe ? tr("mean over trained tokens")
                : isEvaluated && runData.isLive()                 ? tr("mean over trained tokens; not evaluated yet")
                                                                  : tr("mean over trained tokens; no evaluation in this run"));
        const auto best = runData.row.bestStep > 0 ? evals.placeOf(runData.row.bestStep, m_axis) : std::nullopt;
        if (best) {
            const auto points = evals.points(m_axis);
            m_loss->setBest(best, tr("best %1").arg(bridge::decimal(points.y[points.x.indexOf(*best)], 3)));
        }
        QList<plots::Marker> markers;
        for (const auto* alert : runData.eventsOf("alert"))
            if (const auto x = runData.series(QStringLiteral("train/loss")).placeOf(std::max<std::int64_t>(1, alert->step), m_axis); x && alert->step > 0)
                markers.append({*x, tr("step %1: %2").arg(alert->step).arg(toQString(alert->data.value("title", "")))});
        m_loss->setMarkers(markers);
    }

    void showFacts(const RunData& runData)
    {
        const auto show = [&](CurvePanel* panel, const char* key, double scale, const std::function<QString(double)>& latest) {
            const QString name = QStringLiteral("train/") + QLatin1String(key);
            panel->setCurves({curve(runData, name, panel->title(), false, scale)});
            if (runData.has(name))
                panel->setLatest(latest(runData.series(name).last() * scale));
        };
        show(m_rate, "learning_rate", 1, [](double v) { return bridge::scientific(v); });
        show(m_norm, "grad_norm", 1, [](double v) { return bridge::decimal(v, 2); });
        show(m_speed, "tokens_per_second", 1, [](double v) { return bridge::grouped(qRound64(v)); });
        show(m_memory, "memory_bytes", kGib, [](double v) { return tr("%1 GiB").arg(bridge::decimal(v, 1)); });
        if (runData.recipe) {
            const double limit = runData.recipe->number("training.max_grad_norm");
            m_norm->setDefinition(limit > 0 ? tr("clipped at %1").arg(bridge::decimal(limit, 1)) : tr("not clipped"));
            m_norm->setThreshold(limit > 0 ? std::optional(limit) : std::nullopt, {});
        }
        const auto& row = runData.row;
        if (row.estimateBytes > 0 && row.peakMemoryBytes == 0)
            m_memory->setDefinition(tr("forecast %1 GiB").arg(bridge::gib(static_cast<double>(row.estimateBytes))));
        else if (row.estimateBytes > 0)
            m_memory->setDefinition(tr("forecast %1, peak %2 GiB").arg(bridge::gib(static_cast<double>(row.estimateBytes)), bridge::gib(static_cast<double>(row.peakMemoryBytes))));
        if (const double usable = row.summary.value("available_bytes", 0.0) * kGib; usable > 0)
            m_memory->setThreshold(usable, tr("usable %1 GiB").arg(bridge::decimal(usable, 1)), true);
    }

    /// What computes: the GPU where there is one, else the processor.
    void showOwn(const RunData& runData)
    {
        const bool hasGpu = runData.has(QStringLiteral("sys/gpu_percent"));
        const QString key = hasGpu ? QStringLiteral("sys/gpu_percent") : QStringLiteral("sys/cpu_percent");
        m_own->setCurves({curve(runData, key, hasGpu ? tr("GPU") : tr("processor"))});
        m_own->setTitle(hasGpu ? tr("GPU") : tr("processor"));
        m_own->setEmptyText(runData.has(QStringLiteral("train/loss")) ? tr("Not measured in this run.") : tr("The first step has not finished yet."));
        if (runData.has(key))
            m_own->setLatest(tr("%1 %").arg(qRound(runData.series(key).last())));
        if (hasGpu)
            m_own->setDefinition(tr("%1 °C, %2 W").arg(qRound(runData.series(QStringLiteral("sys/gpu_celsius")).last())).arg(qRound(runData.series(QStringLiteral("sys/gpu_watts")).last())));
        else
            m_own->setDefinition(runData.has(key) ? tr("all programs") : QString());
    }

    /// A panel for each metric that this run's evaluations have beside the loss.
    void showMetrics(const RunData& runData)
    {
        QStringList keys;
        for (const auto* name : kEvalPanels)
            if (runData.has(QStringLiteral("eval/") + QLatin1String(name)))
                keys.append(QLatin1String(name));
        for (const auto& key : runData.seriesKeys())
            if (const QString name = key.mid(5); key.startsWith(QLatin1String("eval/")) && name != QLatin1String("loss") && !keys.contains(name))
                keys.append(name);
        keys = keys.mid(0, 6);
        if (keys != m_metricKeys) {
            m_metricKeys = keys;
            while (m_metrics.size() < keys.size())
                m_metrics.append(panel({}, {}, true));
            m_group.apply(m_controls->view());
            place();
        }
        for (qsizetype i = 0; i < keys.size(); ++i) {
            const QString key = QStringLiteral("eval/") + keys[i];
            m_metrics[i]->setTitle(metricName(keys[i]));
            m_metrics[i]->setDefinition(tr("evaluation"));
            m_metrics[i]->setCurves({curve(runData, key, metricName(keys[i]), true)});
            m_metrics[i]->setLatest(bridge::decimal(runData.series(key).last(), 3));
        }
    }

    QGridLayout* m_grid = nullptr;
    plots::ChartControls* m_controls;
    plots::ChartGroup m_group;
    plots::XAxis m_axis = plots::XAxis::Step;
    CurvePanel *m_loss = nullptr, *m_rate = nullptr, *m_norm = nullptr, *m_speed = nullptr, *m_own = nullptr, *m_memory = nullptr, *m_large = nullptr;
    QList<CurvePanel*> m_metrics;
    QStringList m_metricKeys;
    SampleStrip* m_strip = nullptr;
    const RunData* m_data = nullptr;  ///< of the page, which outlives its tabs
};

RunTab* makeChartsTab(shell::Context& context)
{
    return new ChartsTab(context);
}

}
