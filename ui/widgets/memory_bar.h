// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

namespace attune::widgets {

/// A memory forecast as a bar of parts with a mark at what is usable, and its legend in two columns.
class MemoryBar : public QWidget
{
    Q_OBJECT
public:
    struct Part {
        QString name;
        double bytes = 0;
        int colour = 0;  ///< 0…3: mem1…mem4; 4: hatched reserve
    };
    explicit MemoryBar(QWidget* parent = nullptr);
    void setParts(const QList<Part>& parts, double usableBytes);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Part> m_parts;
    double m_usable = 0;
};

}
