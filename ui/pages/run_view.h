// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/curve_panel.h"
#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/progress_header.h"

#include <QCheckBox>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTabBar>

namespace attune::pages {

/// One run: what it does now or did, its curves, samples, settings and files. Follows rows that any
/// process writes; its buttons post commands that the run's owner reads.
class RunView : public QWidget
{
    Q_OBJECT
public:
    explicit RunView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QString& run);
    const QString& run() const { return m_id; }

signals:
    void backRequested();

private:
    struct Data {
        store::RunRow row;
        std::vector<store::MetricRow> metrics;
        std::vector<store::RunEvent> events;
    };
    void buildHeader(QBoxLayout* layout);
    QWidget* buildCharts();
    void buildTabs(QBoxLayout* layout);
    void refresh();
    void take(Data data);
    void takeMetrics(const std::vector<store::MetricRow>& rows);
    void showFacts();
    void showCurves();
    void showEvents();
    void showTexts();
    void post(store::RunCommand command, const QString& said);
    void resume();
    void confirmStop();

    shell::Context& m_context;
    QString m_id;
    store::RunRow m_row;
    std::int64_t m_lastMetric = 0, m_lastEvent = 0;
    bool m_isAsking = false, m_askAgain = false;
    QHash<QString, plots::Points> m_series;  ///< "train/loss" …, x = step
    QHash<QString, plots::Points> m_byTokens;
    std::vector<store::RunEvent> m_events;

    widgets::PageHeader* m_header = nullptr;
    widgets::StatusChip* m_chip = nullptr;
    widgets::ElidedLabel* m_lineage = nullptr;
    QPushButton *m_primary = nullptr, *m_sample = nullptr, *m_save = nullptr, *m_stop = nullptr;
    widgets::ProgressHeader* m_progress = nullptr;
    QVBoxLayout* m_messages = nullptr;
    QTabBar* m_tabs = nullptr;
    QWidget* m_chartControls = nullptr;
    QStackedWidget* m_stack = nullptr;
    QList<plots::CurvePanel*> m_panels;
    widgets::Panel* m_samplePanel = nullptr;
    QHBoxLayout* m_sampleStrip = nullptr;
    QHash<QString, QPlainTextEdit*> m_texts;
    int m_shownAlerts = 0;
};

}
