// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace attune::widgets {

/// A rule in force with its place in the order: "1 no flags".
class RuleChip : public QWidget
{
    Q_OBJECT
public:
    RuleChip(int number, const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_number, m_text;
};

}
