// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/export/destinations.h"
#include "pipeline/checkpoints.h"
#include "pipeline/engine.h"
#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>

namespace attune::pages {

class ResultCard;

/// A run becomes files: where they are to be used, how many bits a weight gets, and afterwards how close they are.
class ExportPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit ExportPage(shell::Context& context);
    /// A run's id, or "run#step".
    void activate(const QString& object) override;
    QString place() const override;

private:
    /// What is known of the chosen run beside its row.
    struct Facts {
        std::vector<pipeline::Checkpoint> checkpoints;
        std::optional<families::ModelSource> base;
        std::optional<Json> last;  ///< the newest export of it
        std::int64_t wanted = 0;   ///< the step that "Stop and use" chose
        double adapterBytes = 0;
    };
    void buildHeader(QBoxLayout* layout);
    QWidget* buildChoices();
    QLayout* buildNames();
    QLayout* buildFoot();
    void loadRuns(const QString& wanted);
    void loadFacts();
    void takeFacts(Facts facts);
    const Destination& destination() const;
    const store::RunRow* run() const;
    const ExportType& type() const;
    std::int64_t step() const;
    QString outPath() const;
    void chooseOther();
    void showSizes();
    void showName();
    void showState();
    QString reasonAgainst() const;

    void start();
    void startNow(const QString& out);
    void finish(const Status& status, const std::shared_ptr<Json>& report);
    void showFailure(const Error& error);
    void placeInLmStudio(const QString& path);
    void copyCommand();

    std::vector<store::RunRow> m_runs;
    Facts m_facts;
    QString m_factsOf, m_shownResult;
    std::int64_t m_wantedStep = 0, m_otherStep = 0;
    bool m_isNameTyped = false;
    int m_job = 0;

    QComboBox* m_run = nullptr;
    widgets::SegmentedControl* m_checkpoint = nullptr;
    QList<DestinationRow*> m_targets;
    widgets::Panel* m_types = nullptr;
    widgets::Table* m_typeTable = nullptr;
    QLineEdit *m_name = nullptr, *m_folder = nullptr;
    widgets::Label *m_suffix = nullptr, *m_note = nullptr;
    QLabel* m_noteIcon = nullptr;
    QCheckBox *m_verify = nullptr, *m_lmStudio = nullptr;
    QPushButton *m_export = nullptr, *m_train = nullptr;
    ResultCard* m_result = nullptr;
};

}
