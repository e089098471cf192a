// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/step_names.h"

#include <QWidget>

namespace attune::pages {

/// A step (or a run of row edits) as a chip: switch, number, name, effect. Space switches, Return edits, Alt with the
/// left and right keys moves, Delete removes; it can be dragged.
class StepChip final : public QWidget
{
    Q_OBJECT
public:
    explicit StepChip(const StepGroup& group, QWidget* parent = nullptr);
    const StepGroup& group() const { return m_group; }
    QSize sizeHint() const override;
    QRect boxRect() const;

signals:
    void toggled();
    void editWanted();
    void moveWanted(int by);
    void removeWanted();
    /// Let go so many pixels from where it was taken.
    void dragged(int dx);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QString number() const;
    bool canEdit() const { return m_group.count == 1; }

    StepGroup m_group;
    int m_pressedX = 0, m_home = 0;
    bool m_isDragging = false, m_isPressed = false;
};

}
