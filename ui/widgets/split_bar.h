// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

namespace attune::widgets {

/// How rows are divided: parts of a bar, and below it their names with row counts.
class SplitBar : public QWidget
{
    Q_OBJECT
public:
    struct Part {
        QString name;
        qint64 rows = 0;
    };
    explicit SplitBar(QWidget* parent = nullptr);
    /// isExact: counted; else the counts say "about".
    void setParts(const QList<Part>& parts, bool isExact);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Part> m_parts;
    bool m_isExact = false;
};

}
