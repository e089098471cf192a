// SPDX-License-Identifier: GPL-3.0-or-later
// Menus of the table of runs and what is done with several at once; see runs_list.h.
#include "base/file.h"
#include "bridge/text.h"
#include "pages/run/run_menu.h"
#include "pages/runs/runs_list.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>

#include <set>

namespace attune::pages {

using bridge::toQString;

void RunsList::showColumnMenu()
{
    QMenu menu(this);
    for (int i = 1; i < static_cast<int>(runColumns().size()); ++i) {
        const auto& column = runColumns()[static_cast<std::size_t>(i)];
        auto* action = menu.addAction(QCoreApplication::translate("attune::pages::RunsPage", column.title));
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(i));
        connect(action, &QAction::toggled, this, [this, i](bool on) { m_table->setColumnVisible(i, on); });
    }
    menu.addSeparator();
    menu.addAction(tr("As at first"), this, [this] {
        for (int i = 0; i < static_cast<int>(runColumns().size()); ++i)
            m_table->setColumnVisible(i, runColumns()[static_cast<std::size_t>(i)].isDefault);
    });
    menu.exec(m_columns->mapToGlobal(QPoint(0, m_columns->height())));
    QStringList hidden;
    for (int i = 0; i < static_cast<int>(runColumns().size()); ++i)
        if (m_table->isColumnHidden(i))
            hidden.append(QLatin1String(runColumns()[static_cast<std::size_t>(i)].key));
    m_context.settings.setValue(QStringLiteral("runs/hidden"), hidden);
}

void RunsList::showMenu(const QPoint& at)
{
    const auto runs = selected();
    if (runs.empty())
        return;
    QMenu menu(this);
    if (runs.size() >= 2) {
        menu.addAction(m_compare->text(), this, [this] { emit compareRequested(m_table->selectedIds()); });
        menu.addAction(m_tag->text(), this, &RunsList::tagSelected);
        menu.addAction(m_archive->text(), m_archive, &QPushButton::click);
        menu.exec(at);
        return;
    }
    const QString id = toQString(runs.front().id);
    menu.addAction(tr("Open"), this, [this, id] { emit opened(id); });
    menu.addAction(m_shown.contains(id) ? tr("Take out of the chart") : tr("Show in the chart"), QKeySequence(Qt::Key_Space), this, [this, id] { toggleShown(id); });
    menu.addAction(tr("Tags…"), this, &RunsList::tagSelected);
    menu.addSeparator();
    fillRunMenu(menu, m_context, runs.front(), this);
    menu.exec(at);
}

/// One run's tags are replaced; several runs get what is typed beside what they have.
void RunsList::tagSelected()
{
    const auto runs = selected();
    if (runs.empty())
        return;
    const bool isOne = runs.size() == 1;
    QStringList tags;
    if (isOne)
        for (const auto& tag : runs.front().tags)
            tags.append(toQString(tag));
    bool accepted = false;
    const QString text = QInputDialog::getText(this, tr("Tags"), isOne ? tr("Tags of %1, parted by commas").arg(toQString(runs.front().id)) : tr("Tags to add to %n run(s), parted by commas", nullptr, static_cast<int>(runs.size())),
        QLineEdit::Normal, tags.join(QStringLiteral(", ")), &accepted);
    if (!accepted)
        return;
    std::set<std::string> given;
    for (const auto& tag : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (const QString word = tag.trimmed(); !word.isEmpty())
            given.insert(bridge::toStd(word));
    m_context.workspace.write([runs, given, isOne](store::Store& store) -> Status {
        for (const auto& run : runs) {
            auto all = given;
            if (!isOne)
                all.insert(run.tags.begin(), run.tags.end());
            ATTUNE_RETURN_IF_ERROR(store.annotateRun(run.id, run.notes, {all.begin(), all.end()}, run.isArchived));
        }
        return {};
    });
}

QString RunsList::csv()
{
    QString text;
    {
        const bridge::PlainNumbers plain;
        fill();
        for (const auto& line : m_table->texts())
            text += bridge::csvLine(line.mid(1));  // the dots say nothing in a file
    }
    fill();
    return text;
}

void RunsList::exportCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the table"), QStringLiteral("runs.csv"), tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(bridge::toStd(path), bridge::toStd(csv()));
    m_context.navigator.toast(status ? tr("%1 was written.").arg(path) : toQString(status.error().message));
}

}
