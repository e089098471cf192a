// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/facet_list.h"

namespace attune::pages {

/// Values with their shares as bars: languages, classes. A click asks for a value's rows; what finds no room is
/// summed up in the last line.
class BarList final : public QWidget
{
    Q_OBJECT
public:
    explicit BarList(const QString& name, QWidget* parent = nullptr);
    void setItems(const QList<FacetItem>& items);
    QRect lineRect(int line) const;
    QSize sizeHint() const override;

signals:
    void valueClicked(const QString& value, const QString& label);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    int shown() const;
    QList<FacetItem> m_items;
    qint64 m_total = 0, m_most = 0;
    int m_hover = -1;
};

}
