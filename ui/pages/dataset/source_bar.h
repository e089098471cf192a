// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"

#include <QPointer>
#include <QWidget>

namespace attune::widgets {
class MessageBar;
}

namespace attune::pages {

/// Says once, above all tabs, that the rows of a version cannot be read, and leads to importing its files again.
/// Takes no room while they can.
class SourceBar final : public QWidget
{
    Q_OBJECT
public:
    explicit SourceBar(DatasetFacts& facts, QWidget* parent = nullptr);
    /// Null while there is none.
    void setDataset(const OpenedPtr& opened);

signals:
    /// The files that are to take the place of the dataset's.
    void importWanted(const QStringList& paths);

private:
    void showProblem();
    void clear();
    QStringList sources(bool isThere) const;
    void importAgain();

    DatasetFacts& m_facts;
    OpenedPtr m_opened;
    QPointer<widgets::MessageBar> m_bar;
};

}
