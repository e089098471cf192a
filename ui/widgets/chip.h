// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace attune::widgets {

/// A filter in force: its words and an ×. A click, Delete or Space takes it away.
class FilterChip final : public QAbstractButton
{
    Q_OBJECT
public:
    explicit FilterChip(const QString& words, QWidget* parent = nullptr);
    QSize sizeHint() const override;

signals:
    void removed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
};

}
