// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/row_filter.h"

#include <QWidget>

namespace attune::pages {

/// Rows that one tab asks another to show: all that satisfy the words' meaning, as a filter chip.
struct RowsWanted {
    QString title;                    ///< of the chip: "cluster 12", "e-mail addresses"
    std::vector<std::int64_t> rows;   ///< positions in the version, in the order to show
};

/// One tab of a dataset's page. It gets the version that is shown and asks the page for everything that reaches
/// beyond the tab. One file each; the table of all tabs is tab_table.cpp.
class DatasetTab : public QWidget
{
    Q_OBJECT
public:
    explicit DatasetTab(shell::Context& context, QWidget* parent = nullptr)
        : QWidget(parent)
        , m_context(context)
    {
    }
    /// Shows another version, or the same one after a change. Null while there is none.
    virtual void setDataset(OpenedPtr opened) = 0;
    /// What is counted of the version, for all tabs; given once, before the first version.
    virtual void setFacts(DatasetFacts& facts) { (void)facts; }
    /// The tab comes to the front: work that nobody would see may wait until then.
    virtual void activate() { }

signals:
    /// How many things want attention; 0 hides the badge.
    void badgeChanged(int count);
    /// Adds steps to the version's and shows the version that comes of it; `done` says in the past tense what
    /// happened ("Dropped 12 rows") for the toast with Undo.
    void stepsAdded(const std::vector<attune::cleaner::Step>& steps, const QString& done);
    /// The same with a whole list in place of the version's steps.
    void stepsReplaced(const std::vector<attune::cleaner::Step>& steps, const QString& done);
    /// The tab has made a new version by itself: the page opens the newest.
    void versionMade();
    void versionWanted(int version);
    void undoWanted();
    /// Shows rows in the Rows tab.
    void rowsWanted(const attune::pages::RowsWanted& wanted);
    /// Shows one row there.
    void rowWanted(qint64 row);
    /// Shows the rows there that satisfy one condition: a facet's value, a range.
    void filterWanted(const attune::pages::ShownTerm& term);
    /// Brings a tab to the front: "rows", "duplicates", "issues" …
    void tabWanted(const QString& id);

protected:
    shell::Context& m_context;
};

}
