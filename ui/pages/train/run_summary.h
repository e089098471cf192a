// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/train/check_list.h"
#include "pages/train/form_words.h"
#include "pages/train/recipe_draft.h"
#include "pipeline/trial_step.h"
#include "plots/rate_plot.h"
#include "widgets/memory_bar.h"

#include <QWidget>

#include <optional>

class QGridLayout;
class QLineEdit;

namespace attune::pages {

/// What is known about the run that the form describes.
struct RunOutlook {
    Result<pipeline::RecipeCheck> check = Error {};
    std::optional<pipeline::TrialStep> trial;  ///< measured on this machine for these settings
    double freeDiskBytes = 0;
};

/// The right part of the Train page: name, data, steps, trained parameters, time, disk, memory, what was checked, the
/// learning rate, and the button that starts. What the run will do scrolls in a low window; the buttons never do.
class RunSummary final : public QWidget
{
    Q_OBJECT
public:
    RunSummary(RecipeDraft& draft, QWidget* parent = nullptr);

    void showDraft();
    void showWorking();
    void showOutlook(const RunOutlook& outlook);
    /// Lines about the data that come later than the check.
    void setDataLines(const QList<CheckList::Line>& lines);
    /// Why a run cannot start, in words; empty: it can.
    /// action: what a button beside the reason says that helps; empty for none.
    void setBlocked(const QString& reason, const QString& action = {});
    bool isBlocked() const { return !m_blockedText.isEmpty(); }
    /// While a step is measured: what is being done; empty: nothing.
    void setTesting(const QString& phase);
    CheckList* checks() const { return m_checks; }

signals:
    void unblockRequested();
    void startRequested();
    void testRequested();
    void copyRequested();
    void linePressed(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QLayout* buildHead();
    QLayout* buildMemory();
    QLayout* buildFoot();
    void showMemory(const planner::MemoryPlan& plan);
    void showNoMemory();
    void clearSavings();
    void showSavings(const planner::MemoryPlan& plan);
    void applySaving(const QString& key, const Json& value);
    void showRate(const pipeline::RecipeCheck& check);
    void showLines();

    RecipeDraft& m_draft;
    QLineEdit* m_name = nullptr;
    widgets::Label* m_facts[6] {};
    widgets::Label *m_memoryHead = nullptr, *m_verdict = nullptr, *m_rateCaption = nullptr, *m_differs = nullptr, *m_blocked = nullptr;
    QLabel* m_verdictIcon = nullptr;
    widgets::MemoryBar* m_memory = nullptr;
    QGridLayout* m_savings = nullptr;
    CheckList* m_checks = nullptr;
    plots::RatePlot* m_rate = nullptr;
    QPushButton *m_unblock = nullptr, *m_test = nullptr, *m_start = nullptr;
    QList<CheckList::Line> m_lines, m_dataLines;
    QString m_blockedText;
    std::optional<planner::MemoryPlan> m_plan;  ///< painted again when the theme changes
};

}
