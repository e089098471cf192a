// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/home/what_fits.h"
#include "pipeline/doctor.h"
#include "shell/page.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QStackedWidget>

namespace attune::pages {

class RunCard;

/// The first page. At first: the sample, one's own files, what this computer can do. Later: where one was.
class HomePage final : public shell::Page
{
    Q_OBJECT
public:
    explicit HomePage(shell::Context& context);
    /// "check:" looks at the computer anew.
    void activate(const QString& object) override;

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Facts { std::vector<store::RunRow> runs; std::vector<store::ModelRow> models; std::vector<store::DatasetRow> datasets; };
    QWidget* card(const QString& icon, const QString& title, const QString& text, const QString& fine, QHBoxLayout*& buttons, bool dashed);
    QWidget* buildSample();
    QWidget* buildOwn();
    QWidget* buildContinue();
    QWidget* buildComputer();
    QWidget* buildFits();
    QWidget* buildModels();
    QWidget* buildRuns();
    void openTheSample();
    void check();
    void showWait();
    void showChecks(const std::vector<pipeline::HealthCheck>& checks);
    void showFits(const WhatFits& fits);
    void refresh();
    void take(const Facts& facts);
    void showModels(const std::vector<store::ModelRow>& models);
    void showRuns(const std::vector<store::RunRow>& runs);

    widgets::Label *m_title = nullptr, *m_sub = nullptr;
    QStackedWidget* m_left = nullptr;  ///< the sample, or where one was
    QPushButton *m_sample = nullptr, *m_files = nullptr;
    RunCard* m_continue = nullptr;
    widgets::Table *m_computer = nullptr, *m_fits = nullptr, *m_models = nullptr, *m_runs = nullptr;
    widgets::Panel *m_fitsPanel = nullptr, *m_modelsPanel = nullptr, *m_runsPanel = nullptr;
    QStackedWidget* m_modelsStack = nullptr;
    bool m_checksAsked = false;
    std::vector<pipeline::HealthCheck> m_checks;  ///< the last ones
    QString m_runsText;  ///< "5 runs": one count for all places
    double m_available = 0;
};

}
