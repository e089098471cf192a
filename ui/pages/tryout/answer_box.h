// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/conversation.h"
#include "widgets/diff_label.h"

namespace attune::pages {

/// One answer: its text with what differs marked, how long and how fast, copy, again, and the vote for it.
class AnswerBox final : public QWidget
{
    Q_OBJECT
public:
    explicit AnswerBox(QWidget* parent = nullptr);
    void setStream(const QString& text);
    void setAnswer(const ChatAnswer& answer);
    /// other: the answer that this one is compared with; empty: no marks.
    void setOther(const QString& other, widgets::DiffStyle style);
    void setVote(bool isPossible, bool isBetter);
    void setLast(bool isLast);
    QString text() const { return m_answer.text; }

signals:
    void voted();
    void againRequested();
    void wordClicked(int position);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ChatAnswer m_answer;
    bool m_isBetter = false;
    QWidget* m_noAnswer = nullptr;  ///< the mark of an error
    widgets::DiffLabel* m_text = nullptr;
    widgets::Label* m_facts = nullptr;
    QToolButton *m_copy = nullptr, *m_again = nullptr;
    QPushButton* m_better = nullptr;
};

}
