// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"
#include "shell/page.h"
#include "style/icons.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>

namespace attune::pages {

/// A run becomes files: where they are to be used, how precise, and afterwards how close they are.
class ExportPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit ExportPage(shell::Context& context);
    void activate(const QString& object) override;

private:
    void loadRuns(const QString& wanted);
    int target() const;
    const store::RunRow* run() const;
    void showTarget();
    void showName();
    void start();
    void clearResult();
    void showWaiting(const QString& text);
    void showReport(const pipeline::ExportReport& report, const std::string& targetId);

    QComboBox* m_run = nullptr;
    widgets::SegmentedControl* m_checkpoint = nullptr;
    QList<QAbstractButton*> m_targets;
    widgets::Panel *m_types = nullptr, *m_result = nullptr;
    widgets::Table* m_typeTable = nullptr;
    QLineEdit *m_name = nullptr, *m_folder = nullptr;
    widgets::Label *m_suffix = nullptr, *m_note = nullptr;
    QCheckBox* m_verify = nullptr;
    QPushButton* m_export = nullptr;
    QVBoxLayout* m_resultColumn = nullptr;
    std::vector<store::RunRow> m_runs;
    int m_job = 0;
};

}
