// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/chart_controls.h"

#include <QTabBar>

class QHBoxLayout;

namespace attune::plots {

/// The tabs of a page with the controls of its charts beside them. Where both do not fit into one line, the tabs move
/// together, then the controls leave their labels out, and at last they stand below the tabs.
class TabLine final : public QWidget
{
    Q_OBJECT
public:
    explicit TabLine(const QString& name, QWidget* parent = nullptr);
    QTabBar* tabs() { return m_tabs; }
    void addControls(ChartControls* controls);
    /// The controls of the tab that is open; null: it has none.
    void showControls(ChartControls* controls);
    /// To be called when tabs have come or gone.
    void arrange();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    bool fits() const;
    void setDense(bool areTabs, bool areControls);
    void setStacked(bool isStacked);

    QTabBar* m_tabs = nullptr;
    QList<ChartControls*> m_all;
    ChartControls* m_shown = nullptr;
    QHBoxLayout *m_line = nullptr, *m_below = nullptr;
    bool m_isStacked = false;
};

}
