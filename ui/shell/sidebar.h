// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

#include <QWidget>

namespace attune::shell {

/// The places of the program; folds to icons. Arrow keys move, Return opens.
class Sidebar : public QWidget
{
    Q_OBJECT
public:
    explicit Sidebar(QWidget* parent = nullptr);
    void setCurrent(PageId page);
    void setFolded(bool isFolded);
    bool isFolded() const { return m_isFolded; }
    void setBadge(PageId page, const QString& text, bool isWarning = false);

signals:
    void opened(attune::shell::PageId page);

private:
    class Item;
    QList<Item*> m_items;
    bool m_isFolded = false;

protected:
    void paintEvent(QPaintEvent* event) override;
};

}
