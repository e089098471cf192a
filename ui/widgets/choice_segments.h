// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/panel.h"

#include <QHash>

namespace attune::widgets {

/// A segmented control of which some words may not be possible now: they are grey, say why where the pointer rests, and
/// neither keys nor the mouse choose them.
class ChoiceSegments final : public SegmentedControl
{
    Q_OBJECT
public:
    explicit ChoiceSegments(const QStringList& words, QWidget* parent = nullptr);
    void setChoices(const QStringList& words);
    /// Why a word cannot be chosen; empty: it can.
    void setReason(int index, const QString& reason);
    bool isPossible(int index) const { return m_reasons.value(index).isEmpty(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int indexAt(const QPoint& at) const;

    QStringList m_choices;
    QHash<int, QString> m_reasons;
};

}
