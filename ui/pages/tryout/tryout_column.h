// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/answer_box.h"
#include "shell/page.h"

#include <QScrollArea>

class QComboBox;
class QSlider;
class QLineEdit;

namespace attune::pages {

/// One column of Try out: which model or run, how strong its adapter, and its side of the conversation.
class TryOutColumn final : public QWidget
{
    Q_OBJECT
public:
    explicit TryOutColumn(int index, QWidget* parent = nullptr);
    void setChoices(const QList<ChatChoice>& choices);
    bool choose(const QString& id);
    ChatChoice choice() const;
    double strength() const;
    void setRemovable(bool isRemovable);
    /// The letter that stands for the model in a blind test; empty: its name.
    void setBlind(const QString& letter);

    void clear();
    AnswerBox* addTurn(const QString& user);
    QList<AnswerBox*> answers() const { return m_answers; }
    void setHint(const QString& text);
    void scrollToEnd();

signals:
    void choiceChanged();
    void removeRequested();
    void adapterFileRequested();

private:
    QWidget* buildHead(int index);
    void showChoice();

    QList<ChatChoice> m_choices;
    QComboBox* m_combo = nullptr;
    QToolButton* m_remove = nullptr;
    widgets::Label *m_letter = nullptr, *m_note = nullptr;
    QSlider* m_strength = nullptr;
    QLineEdit* m_value = nullptr;
    QWidget* m_head = nullptr;
    QScrollArea* m_scroll = nullptr;
    QVBoxLayout* m_column = nullptr;
    widgets::Label* m_hint = nullptr;
    QList<AnswerBox*> m_answers;
    bool m_isBlind = false;
};

}
