// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_filter.h"

#include <QCoreApplication>
#include <QThreadPool>

#include <algorithm>

namespace attune::pages {

using pipeline::RowTerm;

RowFilter::RowFilter(shell::Context& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
}

RowFilter::~RowFilter()
{
    m_stop.request_stop();
}

void RowFilter::setDataset(const OpenedPtr& opened)
{
    const bool isOther = !opened || !m_opened || opened->row.name != m_opened->row.name;
    m_opened = opened;
    m_isUnreadable = false;
    m_facts.reset();
    m_cache = std::make_shared<pipeline::TermCache>();
    if (isOther) {
        m_terms.clear();
        m_sortBy.clear();
        m_isDescending = false;
    }
    // Lists of positions mean nothing in another version.
    m_terms.erase(std::remove_if(m_terms.begin(), m_terms.end(), [](const ShownTerm& term) { return term.term.kind == RowTerm::Kind::Rows; }), m_terms.end());
    m_answer = {};
    m_answer.isAll = m_terms.isEmpty() && m_sortBy.empty();
    m_answer.isComplete = m_answer.isAll;
    emit termsChanged();
    emit rowsChanged(true);
    ask();
}

void RowFilter::setFacts(pipeline::RowFactsPtr facts, std::int64_t tokenLimit)
{
    if (facts == m_facts && tokenLimit == m_tokenLimit)
        return;
    if (facts != m_facts)
        m_answer.facets.clear();  // they speak of other codes
    m_facts = std::move(facts);
    m_tokenLimit = tokenLimit;
    ask();
}

void RowFilter::setUnreadable()
{
    m_stop.request_stop();
    ++m_request;
    m_isUnreadable = true;
    m_answer = {};
    m_answer.isAll = false;
    m_answer.isComplete = true;
    emit failed({});  // what a search said of it before
    emit rowsChanged(true);
}

void RowFilter::setTerm(const ShownTerm& shown)
{
    const auto it = std::find_if(m_terms.begin(), m_terms.end(), [&](const ShownTerm& t) { return t.term.kind == shown.term.kind && t.term.field == shown.term.field; });
    const bool isEmpty = (shown.term.kind == RowTerm::Kind::Facet && shown.term.values.empty()) || (shown.term.kind == RowTerm::Kind::Text && shown.term.text.empty())
        || (shown.term.kind == RowTerm::Kind::Range && shown.term.low <= 0 && shown.term.high > 1e14);
    if (isEmpty && it == m_terms.end())
        return;
    if (isEmpty)
        m_terms.erase(it);
    else if (it != m_terms.end())
        *it = shown;
    else
        m_terms.append(shown);
    emit termsChanged();
    ask();
}

void RowFilter::addTerm(const ShownTerm& term)
{
    m_terms.append(term);
    emit termsChanged();
    ask();
}

void RowFilter::removeTerm(int index)
{
    if (index < 0 || index >= m_terms.size())
        return;
    m_terms.removeAt(index);
    emit termsChanged();
    ask();
}

void RowFilter::clear()
{
    if (m_terms.isEmpty())
        return;
    m_terms.clear();
    emit termsChanged();
    ask();
}

const RowTerm* RowFilter::termOf(RowTerm::Kind kind, const std::string& field) const
{
    for (const auto& shown : m_terms)
        if (shown.term.kind == kind && shown.term.field == field)
            return &shown.term;
    return nullptr;
}

QStringList RowFilter::searchedTexts() const
{
    QStringList texts;
    for (const auto& shown : m_terms) {
        if (shown.term.kind == RowTerm::Kind::Text)
            texts.append(bridge::toQString(shown.term.text));
        else if (shown.term.kind == RowTerm::Kind::Column && shown.term.filter.op == "contains" && shown.term.filter.value.is_string())
            texts.append(bridge::toQString(shown.term.filter.value.get_ref<const std::string&>()));
    }
    return texts;
}

void RowFilter::sortBy(const std::string& field, bool isDescending)
{
    m_sortBy = field;
    m_isDescending = isDescending;
    ask();
}

std::int64_t RowFilter::placeOf(std::int64_t row) const
{
    if (m_answer.isAll)
        return row < total() ? row : -1;
    const auto& rows = m_answer.rows;
    const auto wanted = static_cast<std::uint32_t>(row);
    const auto it = m_sortBy.empty() && std::is_sorted(rows.begin(), rows.end()) ? std::lower_bound(rows.begin(), rows.end(), wanted) : std::find(rows.begin(), rows.end(), wanted);
    return it != rows.end() && *it == wanted ? it - rows.begin() : -1;
}

std::int64_t RowFilter::placeAfter(std::int64_t row) const
{
    if (m_answer.isAll)
        return std::min(row, total() - 1);
    const auto it = std::find_if(m_answer.rows.begin(), m_answer.rows.end(), [row](std::uint32_t shown) { return shown >= row; });
    return std::min<std::int64_t>(it - m_answer.rows.begin(), static_cast<std::int64_t>(m_answer.rows.size()) - 1);
}

void RowFilter::ask()
{
    m_stop.request_stop();
    m_stop = {};
    const int request = ++m_request;
    m_isPageShown = false;
    if (!m_opened || m_isUnreadable)
        return;
    const bool waits = std::any_of(m_terms.begin(), m_terms.end(), [](const ShownTerm& t) { return t.term.needsFacts(); }) || (!m_sortBy.empty() && m_sortBy != "#" && !m_sortBy.starts_with("column:"));
    if (waits && !m_facts)
        return;  // asked again when the facts come
    pipeline::RowQuery query;
    for (const auto& shown : m_terms)
        query.terms.push_back(shown.term);
    query.sortBy = m_sortBy;
    query.isDescending = m_isDescending;
    query.tokenLimit = m_tokenLimit;
    JobContext job;
    job.stop = m_stop.get_token();
    QThreadPool::globalInstance()->start([self = QPointer<RowFilter>(this), opened = m_opened, facts = m_facts, cache = m_cache, query, job, request] {
        const auto tell = [&](Result<pipeline::RowAnswer> answer) {
            QMetaObject::invokeMethod(qApp, [self, request, answer = std::move(answer)]() mutable {
                if (self)
                    self->take(std::move(answer), request);
            });
        };
        tell(pipeline::runQuery(*opened->data, facts.get(), query, *cache, [&](pipeline::RowAnswer page) { tell(std::move(page)); }, job));
    }, 1);
}

void RowFilter::take(Result<pipeline::RowAnswer> answer, int request)
{
    if (request != m_request)
        return;
    if (!answer) {
        if (answer.error().kind() != ErrorKind::Cancelled)
            emit failed(bridge::toQString(answer.error().message + " " + answer.error().hint));
        return;
    }
    const bool isNew = !m_isPageShown;
    m_isPageShown = true;
    const bool isComplete = answer->isComplete;
    if (!isComplete)
        answer->facets = std::move(m_answer.facets);  // those of the question before, until the new ones are counted
    m_answer = std::move(*answer);
    emit rowsChanged(isNew);
    if (isComplete)
        emit countsChanged();
}

}
