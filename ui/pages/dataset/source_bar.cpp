// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/source_bar.h"

#include "bridge/text.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;

SourceBar::SourceBar(DatasetFacts& facts, QWidget* parent)
    : QWidget(parent)
    , m_facts(facts)
{
    auto* layout = widgets::column();
    layout->setContentsMargins(16, 8, 16, 8);
    setLayout(layout);
    hide();
    connect(&facts, &DatasetFacts::problemChanged, this, &SourceBar::showProblem);
}

void SourceBar::setDataset(const OpenedPtr& opened)
{
    clear();
    m_opened = opened;
}

void SourceBar::clear()
{
    if (m_bar)
        m_bar->deleteLater();
    m_bar = nullptr;
    hide();
}

void SourceBar::showProblem()
{
    clear();
    if (!m_facts.problem() || !m_opened)
        return;
    const Error& error = *m_facts.problem();
    const bool isGone = !sources(false).isEmpty(), isOurs = error.code == ErrorCode::SourceChanged || error.code == ErrorCode::FileCorrupt;
    const QString advice = isGone ? tr("Put it back, or say where it is now: its rows become a new version.")
        : isOurs                  ? tr("Put the old file back, or import it again: its rows become a new version.")
                                  : toQString(error.hint);
    m_bar = new widgets::MessageBar(widgets::MessageBar::Kind::Danger, tr("The rows cannot be read."), toQString(error.message) + QLatin1Char(' ') + advice);
    auto* again = m_bar->addButton(isGone ? tr("Locate file…") : tr("Import again…"));
    again->setObjectName(QStringLiteral("import-again"));
    connect(again, &QPushButton::clicked, this, &SourceBar::importAgain);
    connect(m_bar, &widgets::MessageBar::closed, this, &SourceBar::clear);
    layout()->addWidget(m_bar);
    show();
}

/// Those that are there, or those that are not; a copy in the workspace needs no source.
QStringList SourceBar::sources(bool isThere) const
{
    QStringList paths;
    for (const auto& source : m_opened->header.sources)
        if (const QString path = toQString(source.path); (QFileInfo::exists(path) || (!isThere && !source.body.empty())) == isThere)
            paths.append(path);
    return paths;
}

void SourceBar::importAgain()
{
    QStringList paths = sources(true);
    if (const QStringList gone = sources(false); !gone.isEmpty()) {
        const auto found = QFileDialog::getOpenFileNames(this, tr("Locate %1").arg(QFileInfo(gone.first()).fileName()), QFileInfo(gone.first()).absolutePath());
        if (found.isEmpty())
            return;
        paths += found;
    }
    emit importWanted(paths);
}

}
