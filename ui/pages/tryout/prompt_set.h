// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/chat_pool.h"
#include "shell/page.h"
#include "widgets/table.h"

class QComboBox;
class QSpinBox;

namespace attune::pages {

/// A set of prompts, from a dataset or a file, put to every column: a table of answers, one row in full below with what
/// differs, and how often each model gave the reference answer.
class PromptSetView final : public QWidget
{
    Q_OBJECT
public:
    PromptSetView(shell::Context& context, std::shared_ptr<ChatPool> pool, QWidget* parent = nullptr);
    void open(const QList<ChatChoice>& choices, const QList<double>& strengths, const QString& system, const pipeline::GenerateRequest& request);

signals:
    void closed();

private:
    struct Prompt { std::vector<importer::Message> messages; QString shown, reference; QStringList answers; };
    struct Progress { std::mutex mutex; QList<Prompt> prompts; };  // guarded
    QWidget* buildBar();
    void loadSources();
    void start();
    void takeAnswers();
    void fill();
    void showRow();
    void exportCsv();
    static Result<QList<Prompt>> read(const std::string& workspace, const std::string& source, int count, const JobContext& job);

    shell::Context& m_context;
    std::shared_ptr<ChatPool> m_pool;
    std::shared_ptr<Progress> m_progress;
    QList<ChatChoice> m_choices;
    QList<double> m_strengths;
    QString m_system;
    pipeline::GenerateRequest m_request;
    QList<Prompt> m_prompts;
    QTimer m_timer;
    int m_job = 0;

    QComboBox* m_source = nullptr;
    QSpinBox* m_count = nullptr;
    QPushButton *m_run = nullptr, *m_csv = nullptr;
    widgets::Label* m_note = nullptr;
    QVBoxLayout* m_tablePlace = nullptr;
    widgets::Table* m_table = nullptr;
    QHBoxLayout* m_detail = nullptr;
};

}
