// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/keeper_dialog.h"

#include "widgets/basics.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QListWidget>
#include <QPushButton>

#include <algorithm>

namespace attune::pages {

using cleaner::KeeperRule;

QString keeperRuleWord(KeeperRule rule)
{
    switch (rule) {
    case KeeperRule::NoFlags: return KeeperDialog::tr("no flags");
    case KeeperRule::LongestAnswer: return KeeperDialog::tr("longest answer");
    case KeeperRule::Longest: return KeeperDialog::tr("longest row");
    case KeeperRule::MostTurns: return KeeperDialog::tr("most turns");
    case KeeperRule::First: return KeeperDialog::tr("first");
    case KeeperRule::Last: return KeeperDialog::tr("last");
    }
    return {};
}

KeeperDialog::KeeperDialog(const std::vector<KeeperRule>& rules, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Which row of a cluster stays"));
    auto* layout = widgets::column(8, 16);
    setLayout(layout);
    layout->addWidget(widgets::wrappedLabel(tr("Rules count from the top: the first that tells two rows apart decides. “No flags” prefers rows without personal data and without poor answers.")));
    auto* middle = widgets::row(8);
    m_list = new QListWidget;
    m_list->setAccessibleName(tr("Rules"));
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setMinimumSize(320, 190);
    auto all = rules;
    for (const KeeperRule rule : cleaner::allKeeperRules())
        if (std::find(all.begin(), all.end(), rule) == all.end())
            all.push_back(rule);
    for (const KeeperRule rule : all) {
        auto* item = new QListWidgetItem(keeperRuleWord(rule), m_list);
        item->setData(Qt::UserRole, static_cast<int>(rule));
        item->setCheckState(std::find(rules.begin(), rules.end(), rule) != rules.end() ? Qt::Checked : Qt::Unchecked);
    }
    m_list->setCurrentRow(0);
    middle->addWidget(m_list, 1);
    auto* side = widgets::column(4);
    auto* up = widgets::iconButton(QStringLiteral("up"), tr("Move up"));
    auto* down = widgets::iconButton(QStringLiteral("down"), tr("Move down"));
    up->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Up));
    down->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Down));
    side->addWidget(up);
    side->addWidget(down);
    side->addStretch(1);
    middle->addLayout(side);
    layout->addLayout(middle, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    auto* use = buttons->addButton(tr("Use these rules"), QDialogButtonBox::AcceptRole);
    use->setProperty("role", QStringLiteral("primary"));
    use->setDefault(true);
    layout->addWidget(buttons);
    connect(up, &QToolButton::clicked, this, [this] { move(-1); });
    connect(down, &QToolButton::clicked, this, [this] { move(1); });
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

std::vector<KeeperRule> KeeperDialog::rules() const
{
    std::vector<KeeperRule> rules;
    for (int i = 0; i < m_list->count(); ++i)
        if (m_list->item(i)->checkState() == Qt::Checked)
            rules.push_back(static_cast<KeeperRule>(m_list->item(i)->data(Qt::UserRole).toInt()));
    if (rules.empty())
        rules.push_back(KeeperRule::First);
    return rules;
}

void KeeperDialog::move(int by)
{
    const int row = m_list->currentRow(), to = row + by;
    if (row < 0 || to < 0 || to >= m_list->count())
        return;
    m_list->insertItem(to, m_list->takeItem(row));
    m_list->setCurrentRow(to);
}

}
