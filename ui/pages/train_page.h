// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/first_batch.h"
#include "pipeline/check.h"
#include "pipeline/recipe.h"
#include "plots/curve_panel.h"
#include "shell/page.h"
#include "widgets/memory_bar.h"
#include "widgets/option_field.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/token_view.h"

#include <QLineEdit>
#include <QTimer>

namespace attune::pages {

/// The form of a new run, built from the option table, and at right what the run will do: steps,
/// trained parameters, memory, checks. Everything is computed off the UI thread a moment after the
/// last change.
class TrainPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit TrainPage(shell::Context& context);
    void activate(const QString& object) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildForm();
    QWidget* buildSummary();
    widgets::OptionField* field(const std::string& key);
    void addGroup(QBoxLayout* layout, const QString& name, const std::string& group);
    void edit(const QString& key, const QString& text);
    void showValues();
    void showVisibility();
    void loadChoices();
    void loadRecipe(const QString& path);
    void saveRecipe();
    void schedule();
    void check();
    void showCheck(const Result<pipeline::RecipeCheck>& result);
    void showBatch(const Result<FirstBatch>& batch);
    void showMemory(const planner::MemoryPlan& plan);
    void start();
    void copyCommand();
    void addLine(QBoxLayout* layout, const QString& icon, widgets::Tone tone, const QString& text);

    pipeline::Recipe m_recipe;
    QHash<QString, QString> m_badFields;  ///< key -> what is wrong with what was typed
    QList<widgets::OptionField*> m_fields;
    QList<widgets::CollapsibleGroup*> m_groups;
    QWidget* m_side = nullptr;
    widgets::TokenView* m_tokens = nullptr;
    widgets::Panel* m_batchPanel = nullptr;
    QLineEdit* m_name = nullptr;
    widgets::Label *m_facts[5] {}, *m_memoryHead = nullptr, *m_verdict = nullptr;
    widgets::MemoryBar* m_memory = nullptr;
    QVBoxLayout *m_checks = nullptr, *m_savings = nullptr;
    plots::CurvePanel* m_rate = nullptr;
    QPushButton* m_start = nullptr;
    widgets::Label* m_blocked = nullptr;
    QTimer m_timer;
    int m_generation = 0;
    bool m_hasChoices = false;
    QList<QPair<QString, QString>> m_models, m_datasets;  ///< what can be chosen, as it was last shown
};

}
