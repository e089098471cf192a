// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/chat_pool.h"
#include "pages/tryout/tryout_column.h"
#include "shell/page.h"
#include "widgets/panel.h"

#include <QTimer>

class QCheckBox;
class QLineEdit;
class QPlainTextEdit;
class QStackedWidget;

namespace attune::pages {

class PromptSetView;
class SamplingPanel;

/// The same words to up to three models, side by side: what differs is marked, answers are voted on, blind if one likes.
class TryOutPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit TryOutPage(shell::Context& context);
    /// A run's id, "run#step", ids parted by commas, "file:PATH" of an exported model, "adapter:PATH|BASE".
    void activate(const QString& object) override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    /// Shared with the job thread.
    struct Stream {
        struct Part { QString text; ChatAnswer answer; bool isDone = false; };
        std::mutex mutex;
        QList<Part> parts;  // guarded
    };
    void buildHeader(QBoxLayout* layout);
    QWidget* buildColumns();
    QWidget* buildInput();
    TryOutColumn* addColumn();
    void removeColumn(TryOutColumn* column);
    void loadChoices(const QString& object);
    void chooseFor(const QString& object);
    void setChoices();
    void chooseAdapterFile(TryOutColumn* column);
    void columnsChanged();
    void showWhetherEmpty();

    void send();
    void ask(const QList<int>& columns, quint64 seedStep);
    void showStream();
    void finish(const QList<int>& columns);
    void stop();
    pipeline::GenerateRequest requestFor(int column, qsizetype turn) const;
    void showTurn(qsizetype turn);
    void showState();
    void showNext(int column, qsizetype turn, int position);

    void newConversation();
    void restore(const Conversation& conversation);
    void keep();
    void showMenu();
    void vote(qsizetype turn, int column);
    void loadVotes();
    void showVotes();
    void setBlind(bool isBlind);
    std::string votesKey() const;

    std::shared_ptr<ChatPool> m_pool;
    QList<TryOutColumn*> m_columns;
    QList<ChatChoice> m_choices, m_extra;
    Conversation m_conversation;
    std::shared_ptr<Stream> m_stream;
    QList<int> m_asked;
    QTimer m_timer;
    int m_job = 0, m_nextJob = 0;
    quint64 m_seedStep = 0;
    QHash<QString, int> m_votes;
    bool m_isRevealed = false;

    QLineEdit* m_system = nullptr;
    QCheckBox* m_blind = nullptr;
    widgets::EmptyState* m_nothing = nullptr;
    bool m_isLoaded = false;  ///< what can be asked is known
    QPushButton *m_add = nullptr, *m_set = nullptr, *m_send = nullptr;
    QToolButton* m_more = nullptr;
    QStackedWidget* m_stack = nullptr;
    PromptSetView* m_prompts = nullptr;
    QHBoxLayout* m_columnRow = nullptr;
    QWidget* m_legend = nullptr;
    widgets::Label* m_tally = nullptr;
    QPlainTextEdit* m_input = nullptr;
    SamplingPanel* m_sampling = nullptr;
};

}
