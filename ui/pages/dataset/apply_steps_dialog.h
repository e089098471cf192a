// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "shell/page.h"

#include <QDialog>

class QLabel;
class QListWidget;
class QPushButton;

namespace attune::pages {

/// "Drop duplicates, near, similarity ≥ 0.85": a step in one line.
QString stepWords(const cleaner::Step& step);

/// Steps of another dataset, or of a file, to be applied to this one; says before whether they fit its columns.
class ApplyStepsDialog : public QDialog
{
    Q_OBJECT
public:
    ApplyStepsDialog(shell::Context& context, OpenedPtr opened, QWidget* parent = nullptr);
    const std::vector<cleaner::Step>& steps() const { return m_steps; }
    /// For tests and for who has the file already: as if it had been chosen.
    void addFile(const QString& path);

private:
    struct Source {
        QString name, facts;
        std::vector<cleaner::Step> steps;
        Error problem;
        bool isBroken = false;
    };
    void fill(const std::vector<Source>& sources);
    void showSource(int index);
    void chooseFile();

    shell::Context& m_context;
    OpenedPtr m_opened;
    std::vector<Source> m_sources;
    std::vector<cleaner::Step> m_steps;
    QListWidget *m_list = nullptr, *m_preview = nullptr;
    QPushButton* m_apply = nullptr;
    QLabel* m_message = nullptr;
};

}
