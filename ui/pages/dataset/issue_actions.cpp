// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/issue_actions.h"

#include "bridge/text.h"
#include "cleaner/row_key.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QCoreApplication>
#include <QInputDialog>
#include <QMenu>

namespace attune::pages {

using bridge::toQString;
using pipeline::IssueAction;

QString issueLabel(const std::string& kind)
{
    const auto* known = pipeline::findIssueKind(kind);
    return known ? bridge::translated(known->label) : toQString(kind);
}

std::string rowContent(const importer::Dataset& data, std::int64_t row)
{
    importer::Row cells;
    return data.read(row, cells) ? cleaner::rowHash(cells).hex() : std::string();
}

IssueActions::IssueActions(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = widgets::column(8);
    layout->setContentsMargins(14, 10, 14, 12);
    setLayout(layout);
    const auto made = [](QHBoxLayout* row, const QString& text, const char* name) {
        auto* button = widgets::button(text);
        button->setObjectName(QLatin1String(name));
        row->addWidget(button);
        return button;
    };
    auto* one = widgets::row(8);
    auto* caption = widgets::captionLabel(tr("This one"));
    caption->setMinimumWidth(style::scaled(64));
    one->addWidget(caption);
    m_tag = made(one, {}, "issue-tag");
    m_pseudonym = made(one, tr("Use a pseudonym"), "issue-pseudonym");
    m_repair = made(one, tr("Repair"), "issue-repair");
    m_drop = made(one, tr("Drop row"), "issue-drop");
    m_accept = made(one, {}, "issue-accept");
    one->addStretch(1);
    layout->addLayout(one);
    auto* all = widgets::row(8);
    m_all = widgets::captionLabel({});
    m_all->setMinimumWidth(style::scaled(64));
    all->addWidget(m_all);
    m_replaceAll = made(all, tr("Replace all…"), "issue-replace-all");
    m_repairAll = made(all, tr("Repair all"), "issue-repair-all");
    m_dropAll = made(all, tr("Drop all"), "issue-drop-all");
    m_pattern = made(all, tr("Ignore pattern…"), "issue-pattern");
    all->addStretch(1);
    layout->addLayout(all);
    m_pseudonym->setToolTip(tr("The same value always gets the same name, such as [EMAIL_4F0C2A91]; nothing leads back"));
    connect(m_tag, &QPushButton::clicked, this, [this] { emit oneWanted(IssueAction::Tag); });
    connect(m_pseudonym, &QPushButton::clicked, this, [this] { emit oneWanted(IssueAction::Pseudonym); });
    connect(m_repair, &QPushButton::clicked, this, [this] { emit oneWanted(IssueAction::Repair); });
    connect(m_drop, &QPushButton::clicked, this, [this] { emit oneWanted(IssueAction::Drop); });
    connect(m_accept, &QPushButton::clicked, this, &IssueActions::acceptWanted);
    connect(m_replaceAll, &QPushButton::clicked, this, &IssueActions::replaceAll);
    connect(m_repairAll, &QPushButton::clicked, this, [this] { emit allWanted(IssueAction::Repair); });
    connect(m_dropAll, &QPushButton::clicked, this, [this] { emit allWanted(IssueAction::Drop); });
    connect(m_pattern, &QPushButton::clicked, this, &IssueActions::askPattern);
    setKind({}, 0);
}

void IssueActions::setKind(const std::string& kind, std::int64_t rows)
{
    m_kind = kind;
    const auto* known = pipeline::findIssueKind(kind);
    setVisible(known != nullptr);
    if (!known)
        return;
    const bool isDamaged = kind == "mojibake";
    for (QWidget* widget : {m_tag, m_pseudonym, m_replaceAll, m_pattern})
        widget->setVisible(known->isPersonal);
    m_repair->setVisible(isDamaged);
    m_repairAll->setVisible(isDamaged);
    m_tag->setText(tr("Replace with %1").arg(toQString(known->tag)));
    // The kind's name would not fit beside the others in a narrow window.
    m_accept->setText(known->isPersonal ? tr("Not an issue") : tr("This row is fine"));
    m_accept->setToolTip(known->isPersonal ? tr("Not: %1. This value is passed over from now on, in all versions").arg(issueLabel(kind).toLower()) : tr("The row is no longer listed under this kind"));
    m_all->setText(tr("All %1").arg(bridge::grouped(rows)));
    m_dropAll->setToolTip(tr("Adds one step that drops %n row(s)", nullptr, static_cast<int>(rows)));
}

void IssueActions::replaceAll()
{
    const auto* known = pipeline::findIssueKind(m_kind);
    if (!known)
        return;
    QMenu menu(this);
    const QString tag = toQString(known->tag);
    auto* withTag = menu.addAction(tr("With the tag %1").arg(tag));
    menu.addAction(tr("With pseudonyms such as %1").arg(tag.left(tag.size() - 1) + QStringLiteral("_4F0C2A91]")));
    if (const auto* chosen = menu.exec(m_replaceAll->mapToGlobal(QPoint(0, m_replaceAll->height()))))
        emit allWanted(chosen == withTag ? IssueAction::Tag : IssueAction::Pseudonym);
}

void IssueActions::askPattern()
{
    bool isAccepted = false;
    const QString pattern = QInputDialog::getText(this, tr("Ignore a pattern"), tr("Values in which this regular expression is found are passed over, for example @example\\.org$"), QLineEdit::Normal, {}, &isAccepted);
    if (isAccepted && !pattern.isEmpty())
        emit patternWanted(pattern);
}

}
