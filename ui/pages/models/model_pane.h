// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/latest_job.h"
#include "pages/models/model_lines.h"
#include "shell/page.h"

#include <QHash>

class QPlainTextEdit;
class QStackedWidget;
class QTabBar;
class QGridLayout;

namespace attune::pages {

/// What is known of one model: facts, memory by context and method, a conversation as its chat template writes it, files
/// with their checksums, notes; and what can be done with it.
class ModelPane final : public QWidget
{
    Q_OBJECT
public:
    explicit ModelPane(shell::Context& context, QWidget* parent = nullptr);
    ~ModelPane() override;
    void show(const ModelLine& line);
    QString shownId() const { return m_line.id; }

signals:
    void addRequested(const QString& path);
    void removeRequested(const QString& name);
    void locateRequested(const QString& name);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLayout* buildHead();
    QWidget* buildGone();
    QWidget* buildFacts();
    QWidget* buildTabs();
    void showDetails(const Result<pipeline::ModelDetails>& details);
    void showMemory(const pipeline::ModelDetails& details);
    void showFiles(const std::vector<pipeline::ModelFile>& files);
    void verify();
    void saveNotes();

    shell::Context& m_context;
    ModelLine m_line;
    bridge::LatestJob m_job;
    int m_verifyJob = 0;
    QWidget *m_gone = nullptr, *m_body = nullptr;  ///< what is said where the file is missing; what is known otherwise
    widgets::Label* m_goneText = nullptr;
    widgets::ElidedLabel* m_title = nullptr;
    widgets::ElidedLabel* m_verdict = nullptr;
    QPushButton *m_train = nullptr, *m_chat = nullptr, *m_verify = nullptr, *m_remove = nullptr, *m_add = nullptr;
    QList<widgets::ElidedLabel*> m_facts;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_stack = nullptr;
    QWidget* m_memory = nullptr;
    QGridLayout* m_memoryGrid = nullptr;
    widgets::Label* m_memoryNote = nullptr;
    QPlainTextEdit *m_template = nullptr, *m_notes = nullptr;
    widgets::Table* m_files = nullptr;
};

}
