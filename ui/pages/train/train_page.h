// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/latest_job.h"
#include "pages/train/first_batch_panel.h"
#include "pages/train/form_view.h"
#include "pages/train/recipe_draft.h"
#include "pages/train/run_summary.h"
#include "shell/page.h"
#include "widgets/page_header.h"

#include <QTimer>

#include <optional>

class QLineEdit;

namespace attune::pages {

/// The form of a new run, and at right what the run will do. What is derived is worked out on other threads a moment after
/// the last change; each change asks the work before it to stop.
class TrainPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit TrainPage(shell::Context& context);
    void activate(const QString& object) override;
    /// "start", "save-recipe"
    void perform(const QString& command) override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    widgets::PageHeader* buildHeader();
    void connectParts();
    void loadChoices();
    void propose();
    void restoreDraft(const Json& draft);
    void nameModel();
    void keepDraft();
    void setAndShow(const QString& key, const QString& value);
    void showDraft(bool isTyped);
    void showPresets();
    void check();
    void showOutlook(RunOutlook outlook);
    void forgetOutlook();
    void checkData();
    void start();
    void testStep();
    void loadRecipe(const QString& path);
    void saveRecipe();
    void chooseModel();
    void pressLine(const QString& id);
    QString blockedReason() const;
    /// Where what is missing can be put right, what of it is shown there, and what the button says; no button: nowhere.
    struct Place {
        shell::PageId page = shell::PageId::Train;
        QString object = {}, action = {};
    };
    Place placeToGo() const;
    void showBlocked();

    RecipeDraft m_draft;
    widgets::RichCombo* m_presets = nullptr;
    QLineEdit* m_find = nullptr;
    FirstBatchPanel* m_batch = nullptr;
    FormView* m_form = nullptr;
    RunSummary* m_summary = nullptr;
    pipeline::FormChoices m_choices;
    QString m_checkProblem;  ///< why the run that the form describes cannot start
    std::optional<ErrorCode> m_checkCode;
    QTimer m_timer;
    bridge::LatestJob m_choiceJob, m_checkJob, m_batchJob, m_dataJob;
    int m_trialJob = 0;
    bool m_hasProposed = false;
    std::string m_checkedData;
    std::string m_keptDraft;       ///< what the workspace has of the form
    bool m_isTouched = false;      ///< the form shows what someone chose: no older draft takes its place
    QList<widgets::RichItem> m_models, m_datasets;
    QHash<QString, QString> m_namesByPath;  ///< of the registered models
    bool m_isFromRun = false;      ///< the form began with a run's recipe, which holds the path of its model
};

}
