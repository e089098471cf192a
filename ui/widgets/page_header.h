// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

namespace attune::widgets {

/// The top of a page: where I am (with a way back), the title, facts, actions at right. 48 px high.
class PageHeader : public QWidget
{
    Q_OBJECT
public:
    explicit PageHeader(const QString& title, QWidget* parent = nullptr);
    void setTitle(const QString& title);
    /// Shows "‹ place / title"; backRequested() comes when one goes back.
    void setPlace(const QString& place);
    /// Widgets right of the title, left of the stretch.
    void addFact(QWidget* widget);
    void addAction(QWidget* widget);
    using QWidget::addAction;
    void setHairline(bool isVisible);

signals:
    void backRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QToolButton* m_back = nullptr;
    QPushButton* m_place = nullptr;
    Label* m_slash = nullptr;
    Label* m_title = nullptr;
    QHBoxLayout* m_row = nullptr;
    int m_facts = 0;
    bool m_hairline = true;
};

}
