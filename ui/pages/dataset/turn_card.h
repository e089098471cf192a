// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/row_turns.h"
#include "widgets/basics.h"

class QPlainTextEdit;

namespace attune::pages {

/// One turn of a row: role and tokens above, the text with search hits and redaction tags marked. It can be edited in
/// place: Ctrl+Return keeps what was typed, Escape does not.
class TurnCard final : public QWidget
{
    Q_OBJECT
public:
    TurnCard(const pipeline::RowTurn& turn, std::int64_t tokens, const QStringList& searched, QWidget* parent = nullptr);
    const pipeline::RowTurn& turn() const { return m_turn; }
    bool isEditable() const { return m_turn.pointer != "-"; }
    bool isEditing() const { return m_editor != nullptr; }
    void edit();
    /// Emits edited() where the text is another one.
    void finishEditing(bool isKept);

signals:
    void edited(const QString& text);
    void editingFinished();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QString marked() const;
    void fitEditor();

    pipeline::RowTurn m_turn;
    QStringList m_searched;
    widgets::Label* m_text = nullptr;
    QPlainTextEdit* m_editor = nullptr;
    QWidget* m_buttons = nullptr;
    QVBoxLayout* m_column = nullptr;
};

}
