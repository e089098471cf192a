// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/facet_column.h"

#include "pages/dataset/grid_columns.h"
#include "pages/dataset/row_flags.h"
#include "style/metrics.h"

#include <QBoxLayout>

#include <algorithm>

namespace attune::pages {

using bridge::toQString;
using pipeline::RowTerm;

FacetColumn::FacetColumn(RowFilter& filter, QWidget* parent)
    : QScrollArea(parent)
    , m_filter(filter)
{
    setFixedWidth(style::scaled(style::kFacetsWidth));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setAccessibleName(tr("Facets"));
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_column = widgets::column();
    content->setLayout(m_column);
    m_wait = widgets::wrappedLabel({});
    m_wait->setContentsMargins(12, 10, 12, 10);
    m_column->addWidget(m_wait);
    m_column->addStretch(1);
    setWidget(content);
    setWidgetResizable(true);
    connect(&m_filter, &RowFilter::countsChanged, this, &FacetColumn::showCounts);
    connect(&m_filter, &RowFilter::termsChanged, this, &FacetColumn::showTerms);
}

void FacetColumn::setProgress(bool isCounting, int percent)
{
    m_wait->setVisible(!m_facts);
    m_wait->setText(isCounting ? tr("Counting tokens, languages and flags: %1 %").arg(percent) : tr("The rows could not be counted."));
}

void FacetColumn::setFacts(const DatasetFacts& facts)
{
    const bool isNew = facts.facts() != m_facts;
    m_facts = facts.facts();
    m_tokenLimit = facts.tokenLimit();
    setProgress(facts.isCounting(), facts.percent());
    if (!m_facts)
        return;
    if (isNew)
        build();
    if (auto* tokens = findChild<RangeFacet*>(QStringLiteral("facet-tokens"))) {
        const auto over = std::count_if(m_facts->tokens.begin(), m_facts->tokens.end(), [this](auto n) { return n > m_tokenLimit; });
        tokens->setLimit(m_tokenLimit, tr("limit %1, %2 over").arg(bridge::grouped(m_tokenLimit), bridge::grouped(over)));
    }
    showCounts();
    showTerms();
}

void FacetColumn::build()
{
    auto fields = pipeline::facetFields(*m_facts);
    fields.push_back(m_facts->hasTokens ? "tokens" : "");
    fields.push_back(m_facts->isConversation ? "turns" : "");
    if (fields != m_built) {
        qDeleteAll(m_lists);
        qDeleteAll(m_ranges);
        m_lists.clear();
        m_ranges.clear();
        m_built = fields;
        listOf(QStringLiteral("language"), tr("Language"));
        for (const auto& category : m_facts->categories)
            listOf(QStringLiteral("column:") + toQString(category.name), toQString(category.name));
        if (m_facts->hasTokens)
            rangeOf(QStringLiteral("tokens"), tr("Tokens"));
        if (m_facts->isConversation)
            rangeOf(QStringLiteral("turns"), tr("Turns"));
        listOf(QStringLiteral("flag"), tr("Flags"));
        if (m_facts->splits.size() > 1)
            listOf(QStringLiteral("split"), tr("Split"));
    }
    const auto fill = [](RangeFacet* range, const auto& numbers, int bars) {
        if (numbers.empty())
            return;
        const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
        range->setBars(barsOf(numbers, bars), static_cast<double>(*low), static_cast<double>(*high));
    };
    for (auto* range : m_ranges) {
        if (range->field() == QStringLiteral("tokens"))
            fill(range, m_facts->tokens, 20);
        else
            fill(range, m_facts->turns, 14);
    }
}

FacetList* FacetColumn::listOf(const QString& field, const QString& title)
{
    auto* list = new FacetList(field, title);
    m_column->insertWidget(m_column->count() - 1, list);
    m_lists.append(list);
    connect(list, &FacetList::checkedChanged, this, [this, list, title](const QStringList& values) {
        ShownTerm shown;
        shown.term.kind = RowTerm::Kind::Facet;
        shown.term.field = bridge::toStd(list->field());
        QStringList labels;
        for (const auto& item : list->items())
            if (values.contains(item.value)) {
                shown.term.values.push_back(bridge::toStd(item.value));
                labels.append(item.label);
            }
        shown.title = list->field() == QStringLiteral("flag") ? labels.join(tr(" or ")) : tr("%1: %2").arg(title.toLower(), labels.join(tr(" or ")));
        m_filter.setTerm(shown);
    });
    return list;
}

RangeFacet* FacetColumn::rangeOf(const QString& field, const QString& title)
{
    auto* range = new RangeFacet(field, title);
    m_column->insertWidget(m_column->count() - 1, range);
    m_ranges.append(range);
    connect(range, &RangeFacet::limitClicked, this, &FacetColumn::limitWanted);
    connect(range, &RangeFacet::rangeChanged, this, [this, range, title](double low, double high) {
        ShownTerm shown;
        shown.term.kind = RowTerm::Kind::Range;
        shown.term.field = bridge::toStd(range->field());
        shown.term.low = low;
        shown.term.high = high;
        shown.title = rangeWords(title.toLower(), low, high);
        m_filter.setTerm(shown);
    });
    return range;
}

QList<FacetItem> FacetColumn::itemsOf(const pipeline::FacetCounts& counts) const
{
    QList<FacetItem> items;
    const auto& values = pipeline::facetValues(*m_facts, counts.field);
    const bool isLanguage = counts.field == "language", isSplit = counts.field == "split";
    for (std::size_t code = 1; code < values.size() && code < counts.counts.size(); ++code)
        items.append({toQString(values[code]), toQString(values[code]), counts.counts[code]});
    if (!values.empty() && !counts.counts.empty() && counts.counts[0] > 0)
        items.append({QString(), isLanguage ? tr("not clear") : isSplit ? tr("in no part") : tr("empty"), counts.counts[0]});
    return items;
}

QList<FacetItem> FacetColumn::flagItems(const pipeline::FacetCounts& counts) const
{
    const auto* term = m_filter.termOf(RowTerm::Kind::Facet, "flag");
    QList<FacetItem> items;
    for (const auto& id : flagIds()) {
        const int bit = flagBit(id);
        const auto count = bit >= 0 ? counts.counts[static_cast<std::size_t>(bit)] : 0;
        const bool isOn = term && std::find(term->values.begin(), term->values.end(), bridge::toStd(id)) != term->values.end();
        if (count > 0 || isOn)
            items.append({id, flagLabel(id, m_tokenLimit), count});
    }
    return items;
}

void FacetColumn::showCounts()
{
    for (const auto& counts : m_filter.facets())
        for (auto* list : m_lists)
            if (list->field() == toQString(counts.field) && m_facts) {
                list->setItems(counts.field == "flag" ? flagItems(counts) : itemsOf(counts));
                list->setVisible(!list->items().isEmpty());
            }
}

void FacetColumn::showTerms()
{
    for (auto* list : m_lists) {
        QStringList values;
        if (const auto* term = m_filter.termOf(RowTerm::Kind::Facet, bridge::toStd(list->field())))
            for (const auto& value : term->values)
                values.append(toQString(value));
        list->setChecked(values);
    }
    for (auto* range : m_ranges) {
        if (const auto* term = m_filter.termOf(RowTerm::Kind::Range, bridge::toStd(range->field())))
            range->setRange(term->low, term->high);
        else
            range->clearRange();
    }
}

}
