// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/facet_list.h"
#include "pages/dataset/range_facet.h"
#include "pages/dataset/row_filter.h"
#include "widgets/basics.h"

#include <QScrollArea>

namespace attune::pages {

/// The facets at the left of the rows: language, columns of few values, tokens, turns, flags, split. It shows the
/// filter's counts and changes its terms.
class FacetColumn final : public QScrollArea
{
    Q_OBJECT
public:
    FacetColumn(RowFilter& filter, QWidget* parent = nullptr);
    void setFacts(const DatasetFacts& facts);
    void setProgress(bool isCounting, int percent);

signals:
    void limitWanted();

private:
    FacetList* listOf(const QString& field, const QString& title);
    RangeFacet* rangeOf(const QString& field, const QString& title);
    void build();
    void showCounts();
    void showTerms();
    QList<FacetItem> itemsOf(const pipeline::FacetCounts& counts) const;
    QList<FacetItem> flagItems(const pipeline::FacetCounts& counts) const;

    RowFilter& m_filter;
    pipeline::RowFactsPtr m_facts;
    std::int64_t m_tokenLimit = 0;
    widgets::Label* m_wait = nullptr;
    QVBoxLayout* m_column = nullptr;
    QList<FacetList*> m_lists;
    QList<RangeFacet*> m_ranges;
    std::vector<std::string> m_built;  ///< fields that widgets stand for
};

}
