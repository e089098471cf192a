// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"
#include "shell/page.h"
#include "widgets/bubbles.h"

#include <QComboBox>
#include <QSlider>

#include <mutex>

namespace attune::pages {

/// A model or run that can be asked.
struct TryOutChoice {
    QString id, detail;
    int colour = -1;    ///< palette index of a run, -1 for a base model
    QString base;       ///< of a run
};

/// One side of the comparison: which model, how strong its adapter, the conversation with it. Loads
/// the model on a job thread with the first message and streams answers.
class TryOutColumn : public QWidget
{
    Q_OBJECT
public:
    TryOutColumn(shell::Context& context, bool isBase, QWidget* parent = nullptr);
    void setChoices(const QList<TryOutChoice>& choices);
    void choose(const QString& id);
    QString choice() const;
    void send(const QString& text, const QString& system, pipeline::GenerateRequest request);
    void stop();
    void clear();
    bool isIdle() const { return m_job == 0; }

signals:
    void idleChanged();

private:
    /// Shared with the job thread.
    struct Stream {
        std::mutex mutex;
        std::string text;  // guarded by mutex
        pipeline::GenerateReport report;
    };
    void addBubble(const QString& role, const QString& text, bool isUser);
    void showStream();

    shell::Context& m_context;
    QComboBox* m_combo = nullptr;
    QSlider* m_strength = nullptr;
    widgets::Label *m_strengthValue = nullptr, *m_note = nullptr;
    QWidget* m_strengthRow = nullptr;
    QScrollArea* m_scroll = nullptr;
    QVBoxLayout* m_column = nullptr;
    widgets::Label* m_hint = nullptr;
    widgets::Bubble* m_answer = nullptr;
    std::vector<importer::Message> m_messages;
    std::shared_ptr<std::unique_ptr<pipeline::ChatSession>> m_session;
    QString m_loaded;
    std::shared_ptr<Stream> m_stream;
    QTimer m_timer;
    int m_job = 0;
    QList<TryOutChoice> m_choices;
};

}
