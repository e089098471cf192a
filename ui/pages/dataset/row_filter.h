// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"
#include "pipeline/row_query.h"

namespace attune::pages {

/// A term of the filter with the words of its chip.
struct ShownTerm {
    pipeline::RowTerm term;
    QString title;
};

/// Which rows are shown, and in what order: the chain of filter terms, the sorting, the answer. Asks in the background;
/// a new question cancels the one before.
class RowFilter final : public QObject
{
    Q_OBJECT
public:
    RowFilter(shell::Context& context, QObject* parent = nullptr);
    ~RowFilter() override;
    void setDataset(const OpenedPtr& opened);
    void setFacts(pipeline::RowFactsPtr facts, std::int64_t tokenLimit);

    const QList<ShownTerm>& terms() const { return m_terms; }
    /// Replaces the term of the same kind and field, or adds one; one without values, or an empty text, is taken away.
    void setTerm(const ShownTerm& term);
    void addTerm(const ShownTerm& term);
    void removeTerm(int index);
    void clear();
    /// Of a facet or range; null where nothing filters by it.
    const pipeline::RowTerm* termOf(pipeline::RowTerm::Kind kind, const std::string& field) const;
    /// What is looked for in texts, all of it: for highlighting.
    QStringList searchedTexts() const;
    void sortBy(const std::string& field, bool isDescending);
    const std::string& sortField() const { return m_sortBy; }
    bool isDescending() const { return m_isDescending; }

    /// No row can be read: none is shown until another version comes.
    void setUnreadable();
    bool isUnreadable() const { return m_isUnreadable; }

    std::int64_t total() const { return m_opened ? m_opened->data->rows() : 0; }
    std::int64_t count() const { return m_answer.isAll ? total() : static_cast<std::int64_t>(m_answer.rows.size()); }
    /// Position in the version of the i-th row shown.
    std::int64_t rowAt(std::int64_t i) const { return m_answer.isAll ? i : m_answer.rows[static_cast<std::size_t>(i)]; }
    /// Where a row is shown; -1 if it is not.
    std::int64_t placeOf(std::int64_t row) const;
    /// Where the first row behind it is shown, or the last one; for rows that are left out. Needs at least one row.
    std::int64_t placeAfter(std::int64_t row) const;
    bool isComplete() const { return m_answer.isComplete; }
    const std::vector<pipeline::FacetCounts>& facets() const { return m_answer.facets; }

signals:
    void termsChanged();
    /// Other rows are shown than before; isNew: the answer to another question, not more of the same.
    void rowsChanged(bool isNew);
    void countsChanged();
    void failed(const QString& message);

private:
    void ask();
    void take(Result<pipeline::RowAnswer> answer, int request);

    shell::Context& m_context;
    OpenedPtr m_opened;
    pipeline::RowFactsPtr m_facts;
    std::int64_t m_tokenLimit = 0;
    QList<ShownTerm> m_terms;
    std::string m_sortBy;
    bool m_isDescending = false, m_isPageShown = false, m_isUnreadable = false;
    pipeline::RowAnswer m_answer;
    std::shared_ptr<pipeline::TermCache> m_cache;
    std::stop_source m_stop;
    int m_request = 0;
};

}
