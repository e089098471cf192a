// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/clusters.h"

#include <QDialog>

class QListWidget;

namespace attune::pages {

/// "longest answer"
QString keeperRuleWord(cleaner::KeeperRule rule);

/// Which row of a cluster stays: rules in force from the top, put in order by drag, Alt+arrows or buttons.
class KeeperDialog : public QDialog
{
    Q_OBJECT
public:
    explicit KeeperDialog(const std::vector<cleaner::KeeperRule>& rules, QWidget* parent = nullptr);
    std::vector<cleaner::KeeperRule> rules() const;

private:
    void move(int by);
    QListWidget* m_list = nullptr;
};

}
