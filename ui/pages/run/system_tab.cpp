// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/run/facts_panel.h"
#include "pages/run/run_tab.h"
#include "plots/chart_group.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QGridLayout>

namespace attune::pages {

using bridge::toQString;
using plots::CurvePanel;

namespace {

constexpr double kGib = 1.0 / (1024.0 * 1024.0 * 1024.0);

struct SystemPanel {
    const char* title;
    const char* series;
    const char* unit;
    double scale;
};
constexpr SystemPanel kPanels[] = {{QT_TRANSLATE_NOOP("attune::pages::SystemTab", "processor"), "sys/cpu_percent", "%", 1},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "memory in use, all programs"), "sys/ram_bytes", "GiB", kGib},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "memory of the run"), "train/memory_bytes", "GiB", kGib},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "GPU"), "sys/gpu_percent", "%", 1},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "GPU memory"), "sys/gpu_bytes", "GiB", kGib},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "GPU temperature"), "sys/gpu_celsius", "°C", 1},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "GPU power"), "sys/gpu_watts", "W", 1},
    {QT_TRANSLATE_NOOP("attune::pages::SystemTab", "free disk"), "sys/disk_bytes", "GiB", kGib}};

}

/// What the run did to the computer, over its time; only what was measured has a chart.
class SystemTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::SystemTab)
public:
    explicit SystemTab(shell::Context& context)
        : RunTab(context)
    {
        auto* body = widgets::row(style::kSpace2);
        body->setContentsMargins(16, 8, 16, 12);
        setLayout(body);
        m_facts = new FactsPanel(tr("This run used"));
        m_facts->setFixedWidth(style::scaled(288));
        body->addWidget(m_facts);
        auto* charts = new QWidget;
        m_grid = new QGridLayout(charts);
        m_grid->setContentsMargins(0, 0, 0, 0);
        m_grid->setSpacing(style::kSpace2);
        body->addWidget(charts, 1);
        for (const auto& kind : kPanels) {
            auto* panel = new CurvePanel(tr(kind.title), {}, charts);
            panel->setYFromZero(true);
            panel->hide();
            m_group.add(panel, true);
        }
        plots::ChartView view;
        view.axis = plots::XAxis::Time;
        m_group.apply(view);
    }

    void clear() override { m_group.clear(); }

    void show(const RunData& runData) override
    {
        const auto& row = runData.row;
        QList<QPair<QString, QString>> facts {{tr("Device"), toQString(row.summary.value("device", "")).isEmpty() ? tr("not known") : toQString(row.summary.value("device", ""))}};
        facts.append({tr("Peak memory"), tr("%1 GiB").arg(bridge::gib(static_cast<double>(row.peakMemoryBytes), 2))});
        if (row.estimateBytes > 0 && row.peakMemoryBytes > 0) {
            const double share = 100.0 * (static_cast<double>(row.estimateBytes) / static_cast<double>(row.peakMemoryBytes) - 1);
            facts.append({tr("Forecast"), tr("%1 GiB (%2 %)").arg(bridge::gib(static_cast<double>(row.estimateBytes), 2), (share < 0 ? QString() : QStringLiteral("+")) + bridge::decimal(share, 1))});
        }
        facts.append({tr("Speed"), tr("%1 tokens/s").arg(bridge::grouped(qRound64(row.tokensPerSecond)))});
        facts.append({tr("Time"), bridge::duration(row.seconds)});
        facts.append({tr("Tokens"), bridge::grouped(row.tokens)});
        if (const auto parameters = row.summary.value("trainable_parameters", 0.0); parameters > 0)
            facts.append({tr("Trained parameters"), bridge::parameters(parameters)});
        if (const auto joules = energy(runData); joules > 0)
            facts.append({tr("GPU energy"), tr("about %1 Wh").arg(bridge::decimal(joules / 3600, 1))});
        m_facts->setFacts(facts);
        showCharts(runData);
    }

private:
    static double energy(const RunData& runData)
    {
        const auto& watts = runData.series(QStringLiteral("sys/gpu_watts"));
        double joules = 0;
        for (qsizetype i = 1; i < watts.size(); ++i)
            joules += watts.values()[i] * (watts.seconds()[i] - watts.seconds()[i - 1]);
        return joules;
    }

    void showCharts(const RunData& runData)
    {
        int shown = 0;
        for (int i = 0; i < m_group.panels().size(); ++i) {
            auto* panel = m_group.panels()[i];
            const auto& kind = kPanels[i];
            const auto& series = runData.series(QLatin1String(kind.series));
            panel->setVisible(series.size() > 0);
            if (series.size() == 0)
                continue;
            panel->setDefinition(QString::fromUtf8(kind.unit));
            panel->setCurves({{tr(kind.title), runData.row.colour, false, series.points(plots::XAxis::Time, kind.scale)}});
            panel->setLatest(QStringLiteral("%1 %2").arg(bridge::decimal(series.last() * kind.scale, kind.scale == 1 ? 0 : 1), QString::fromUtf8(kind.unit)));
            m_grid->addWidget(panel, shown / 2, shown % 2);
            ++shown;
        }
    }

    FactsPanel* m_facts = nullptr;
    QGridLayout* m_grid = nullptr;
    plots::ChartGroup m_group;
};

RunTab* makeSystemTab(shell::Context& context)
{
    return new SystemTab(context);
}

}
