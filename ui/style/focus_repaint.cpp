// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/focus_repaint.h"

#include <QAbstractScrollArea>
#include <QEvent>

namespace attune::style {
namespace {

class FocusRepaint final : public QObject
{
public:
    explicit FocusRepaint(QAbstractScrollArea* area)
        : QObject(area)
        , m_area(area)
    {
        area->installEventFilter(this);
    }
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
            m_area->viewport()->update();
        return false;
    }

private:
    QAbstractScrollArea* m_area;
};

}

void repaintWithFocus(QAbstractScrollArea* area)
{
    new FocusRepaint(area);  // the area owns it
}

}
