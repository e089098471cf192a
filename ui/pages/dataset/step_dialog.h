// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"
#include "pages/dataset/step_form.h"
#include "pipeline/step_preview.h"

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>
#include <QTextBrowser>
#include <QTimer>

namespace attune::pages {

/// Chooses a cleaning rule and its options, and shows what the step would do before it is done: rows and tokens
/// before and after, the rows that would change with their differences.
class StepDialog final : public QDialog
{
    Q_OBJECT
public:
    /// step: the number of the step to edit, or -1 for a new one behind the last.
    StepDialog(shell::Context& context, const OpenedPtr& opened, const DatasetFacts& facts, int step, QWidget* parent = nullptr);
    ~StepDialog() override;
    /// What was chosen, once it was accepted.
    cleaner::Step step() const;
    StepForm* form() const { return m_form; }
    QListWidget* rules() const { return m_rules; }
    /// Whether the preview in sight belongs to the options in force.
    bool isPreviewed() const { return !m_isWaiting; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildRules();
    QWidget* buildStep();
    void filterRules(const QString& text);
    void chooseRule();
    void askPreview();
    void preview();
    void showPreview(const Result<pipeline::StepPreview>& answer);
    QString counts(const pipeline::StepPreview& preview) const;
    QString samples(const pipeline::StepPreview& preview) const;

    shell::Context& m_context;
    OpenedPtr m_opened;
    int m_step;
    TextModelPtr m_model;
    pipeline::RowFactsPtr m_facts;         ///< only where the step stands behind the last
    importer::DatasetPtr m_before;         ///< the rows that the step finds; made once
    std::vector<importer::Column> m_columns;
    const cleaner::Rule* m_rule = nullptr;
    QLineEdit* m_search = nullptr;
    QListWidget* m_rules = nullptr;
    widgets::Label *m_title = nullptr, *m_help = nullptr, *m_counts = nullptr;
    StepForm* m_form = nullptr;
    QTextBrowser* m_samples = nullptr;
    QPushButton* m_accept = nullptr;
    QTimer m_pause;
    std::stop_source m_stop;
    int m_request = 0;
    bool m_isWaiting = true;
};

}
