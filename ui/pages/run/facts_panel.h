// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/panel.h"

class QGridLayout;

namespace attune::pages {

/// A panel of label and value, one line each; values can be selected.
class FactsPanel final : public widgets::Panel
{
    Q_OBJECT
public:
    explicit FactsPanel(const QString& title, QWidget* parent = nullptr);
    void setFacts(const QList<QPair<QString, QString>>& facts);

private:
    QGridLayout* m_grid = nullptr;
    QList<QPair<QString, QString>> m_facts;
};

}
