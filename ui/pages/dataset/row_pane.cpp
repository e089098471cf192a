// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_pane.h"

#include "pages/dataset/row_flags.h"
#include "pages/dataset/step_names.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "widgets/text_view.h"

#include <QBoxLayout>
#include <QGridLayout>

#include <algorithm>
#include <utility>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

constexpr int kMostTurns = 60;

/// A button whose key stands in it, small.
QPushButton* keyButton(const QString& text, const QString& key)
{
    auto* made = widgets::button(text + QStringLiteral(" ") + key);
    made->setAccessibleName(text);
    made->setToolTip(QCoreApplication::translate("attune::pages::RowPane", "Key: %1").arg(key));
    return made;
}

}

RowPane::RowPane(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setFixedWidth(style::scaled(style::kDetailWidth));
    auto* column = widgets::column();
    setLayout(column);
    buildHead(column);
    m_stack = new QStackedWidget;
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_cards = widgets::column(style::kSpace2);
    m_cards->setContentsMargins(12, 2, 12, 12);
    m_cards->addStretch(1);
    content->setLayout(m_cards);
    m_chat = new QScrollArea;
    m_chat->setWidget(content);
    m_chat->setWidgetResizable(true);
    m_chat->setFrameShape(QFrame::NoFrame);
    m_chat->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_chat->setAccessibleName(tr("The row as a chat"));
    m_stack->addWidget(m_chat);
    auto* trained = new QWidget;
    auto* trainedColumn = widgets::column();
    trained->setLayout(trainedColumn);
    m_legend = widgets::wrappedLabel({});
    m_legend->setFont(style::caption());
    m_legend->setContentsMargins(12, 0, 12, 4);
    trainedColumn->addWidget(m_legend);
    m_trained = new widgets::TokenView;
    m_trained->setAccessibleName(tr("The row as tokens"));
    trainedColumn->addWidget(m_trained, 1);
    m_stack->addWidget(trained);
    m_source = widgets::textView();
    m_source->setAccessibleName(tr("The row as the source has it"));
    m_source->setFrameShape(QFrame::NoFrame);
    m_stack->addWidget(m_source);
    column->addWidget(m_stack, 1);
    buildFoot(column);
    connect(m_views, &widgets::SegmentedControl::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    showRow(-1, {});
}

void RowPane::buildHead(QVBoxLayout* column)
{
    auto* head = widgets::row(style::kSpace1);
    head->setContentsMargins(12, 4, 8, 0);
    m_title = widgets::headingLabel({});
    m_title->setObjectName(QStringLiteral("row-title"));
    head->addWidget(m_title);
    head->addSpacing(4);
    m_place = new widgets::ElidedLabel;
    m_place->setFont(style::caption());
    m_place->setTone(Tone::Secondary);
    head->addWidget(m_place, 1);
    auto* previous = widgets::iconButton(QStringLiteral("left"), tr("Previous row"));
    auto* next = widgets::iconButton(QStringLiteral("right"), tr("Next row"));
    head->addWidget(previous);
    head->addWidget(next);
    column->addLayout(head);
    connect(previous, &QToolButton::clicked, this, [this] { emit moved(-1); });
    connect(next, &QToolButton::clicked, this, [this] { emit moved(1); });
    auto* views = widgets::row(style::kSpace1);
    views->setContentsMargins(12, 2, 12, 8);
    m_views = new widgets::SegmentedControl({tr("Chat"), tr("As trained"), tr("Source")});
    m_views->setAccessibleName(tr("How the row is shown"));
    m_views->setObjectName(QStringLiteral("row-views"));
    views->addWidget(m_views);
    views->addStretch(1);
    m_edit = keyButton(tr("Edit"), QStringLiteral("F2"));
    m_edit->setObjectName(QStringLiteral("row-edit"));
    m_edit->setFont(style::caption());
    m_edit->setProperty("size", QStringLiteral("small"));
    views->addWidget(m_edit);
    if (m_views->sizeHint().width() + m_edit->sizeHint().width() + 28 > style::scaled(style::kDetailWidth))
        views->setDirection(QBoxLayout::TopToBottom);
    column->addLayout(views);
    connect(m_edit, &QPushButton::clicked, this, &RowPane::edit);
}

void RowPane::buildFoot(QVBoxLayout* column)
{
    column->addWidget(new widgets::Hairline);
    m_foot = new QWidget;
    auto* outer = widgets::column(style::kSpace2);
    outer->setContentsMargins(12, 8, 12, 10);
    m_foot->setLayout(outer);
    auto* facts = new QGridLayout;
    facts->setContentsMargins(0, 0, 0, 0);
    facts->setHorizontalSpacing(12);
    facts->setVerticalSpacing(2);
    facts->setColumnStretch(1, 1);
    const auto add = [&](int line, const QString& name) {
        auto* label = widgets::captionLabel(name);
        label->setMinimumWidth(style::scaled(48));
        facts->addWidget(label, line, 0, Qt::AlignTop);
        auto* value = widgets::wrappedLabel({}, Tone::Text);
        value->setFont(style::caption());
        value->setTextFormat(Qt::RichText);
        facts->addWidget(value, line, 1);
        return value;
    };
    m_tokens = add(0, tr("Tokens"));
    m_tokens->setObjectName(QStringLiteral("row-tokens"));
    m_flags = add(1, tr("Flags"));
    m_flags->setObjectName(QStringLiteral("row-flags"));
    m_split = add(2, tr("Split"));
    outer->addLayout(facts);
    auto* buttons = widgets::row(style::kSpace2);
    m_drop = keyButton(tr("Drop row"), QStringLiteral("D"));
    m_drop->setObjectName(QStringLiteral("row-drop"));
    m_similar = widgets::button(tr("Find similar"));
    m_similar->setObjectName(QStringLiteral("row-similar"));
    m_similar->setToolTip(tr("Rows that share at least half of their five-word runs with this one"));
    buttons->addWidget(m_drop);
    buttons->addWidget(m_similar);
    buttons->addStretch(1);
    outer->addLayout(buttons);
    column->addWidget(m_foot);
    connect(m_drop, &QPushButton::clicked, this, [this] { emit dropWanted(m_row); });
    connect(m_similar, &QPushButton::clicked, this, [this] { emit similarWanted(m_row); });
}

void RowPane::setDataset(const OpenedPtr& opened)
{
    m_opened = opened;
    m_detail.reset();
    m_facts.reset();
    if (!opened)
        showRow(-1, {});
    else if (m_row >= 0)
        read();
}

void RowPane::setFacts(const DatasetFacts& facts)
{
    const bool isOtherModel = facts.model() != m_model;
    m_model = facts.model();
    m_facts = facts.facts();
    m_tokenLimit = facts.tokenLimit();
    if (isOtherModel && m_row >= 0)
        read();
    else if (m_detail)
        fillFacts();
}

void RowPane::showRow(std::int64_t row, const QStringList& searched)
{
    m_row = row;
    m_searched = searched;
    for (QWidget* widget : {static_cast<QWidget*>(m_edit), static_cast<QWidget*>(m_drop), static_cast<QWidget*>(m_similar)})
        widget->setEnabled(row >= 0);
    m_foot->setVisible(row >= 0);
    if (row < 0) {
        m_detail.reset();
        m_title->setText(tr("No row"));
        m_place->setText({});
        fill();
        return;
    }
    read();
}

void RowPane::read()
{
    if (!m_opened)
        return;
    if (m_isReading) {
        m_isStale = true;
        return;
    }
    m_isReading = true;
    m_isStale = false;
    bridge::compute<RowDetailPtr>(this, [opened = m_opened, model = m_model, row = m_row] { return readDetail(*opened, model.get(), row); },
        [this, opened = m_opened](RowDetailPtr detail) {
            m_isReading = false;
            if (m_isStale && m_row >= 0) {
                read();
                return;
            }
            if (opened != m_opened || detail->row != m_row)
                return;
            m_detail = std::move(detail);
            m_isWaiting = isEditing();  // what is being typed stays; shown when it is done
            if (!m_isWaiting)
                fill();
        });
}

void RowPane::fill()
{
    fillChat();
    fillTrained();
    m_source->setPlainText(m_detail && !m_detail->source.is_null() ? toQString(m_detail->source.dump(2, ' ', false, Json::error_handler_t::replace)) : QString());
    if (!m_detail)
        return;
    m_title->setText(tr("Row %1").arg(bridge::grouped(m_detail->number)));
    m_place->setText(m_detail->file.isEmpty() ? QString() : m_detail->line > 0 ? tr("%1, line %2").arg(m_detail->file, bridge::grouped(m_detail->line)) : m_detail->file);
    fillFacts();
}

void RowPane::fillChat()
{
    m_turns.clear();
    while (m_cards->count() > 1) {
        auto* item = m_cards->takeAt(0);
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    if (!m_detail || !m_detail->problem.isEmpty() || m_detail->turns.empty()) {
        const QString text = !m_detail ? tr("Choose a row to see it in full.") : m_detail->problem.isEmpty() ? tr("The row has no text.") : m_detail->problem;
        m_cards->insertWidget(0, widgets::wrappedLabel(text));
        return;
    }
    for (std::size_t i = 0; i < m_detail->turns.size() && i < kMostTurns; ++i) {
        auto* card = new TurnCard(m_detail->turns[i], i < m_detail->turnTokens.size() ? m_detail->turnTokens[i] : -1, m_searched);
        m_cards->insertWidget(m_cards->count() - 1, card);
        m_turns.append(card);
        connect(card, &TurnCard::edited, this, [this, card](const QString& text) {
            const auto value = pipeline::withText(m_detail->values, card->turn(), bridge::toStd(text));
            if (value)
                emit edited(m_row, toQString(card->turn().column), toQString(toLine(*value)));
        });
        connect(card, &TurnCard::editingFinished, this, [this] {
            if (std::exchange(m_isWaiting, false))
                fill();
            emit editingFinished();
        });
    }
    if (m_detail->turns.size() > kMostTurns)
        m_cards->insertWidget(m_cards->count() - 1, widgets::wrappedLabel(tr("and %1 more turns: see Source").arg(m_detail->turns.size() - kMostTurns)));
}

void RowPane::fillTrained()
{
    if (!m_detail || !m_detail->trainedProblem.isEmpty() || m_detail->trained.isEmpty()) {
        m_legend->clear();
        m_trained->setMessage(m_detail ? m_detail->trainedProblem : QString());
        return;
    }
    const auto all = m_detail->trained.size();
    m_legend->setText(!m_detail->trainedNote.isEmpty() && m_detail->trainedCount == 0 ? m_detail->trainedNote
            : tr("%1 of %2 tokens trained (%3 %), underlined; the others are read. Tokenizer and template: %4. %5")
                  .arg(bridge::grouped(m_detail->trainedCount), bridge::grouped(all)).arg(m_detail->trainedCount * 100 / all).arg(m_model ? toQString(m_model->name) : QString(), m_detail->trainedNote));
    m_trained->setTokens(m_detail->trained);
}

QString RowPane::flagText() const
{
    QStringList parts;
    for (const auto& flag : rowFlags(m_facts.get(), m_row, m_tokenLimit))
        if (flag.id != QStringLiteral("redacted") || m_detail->changedBy.empty())
            parts.append(flagLabel(flag.id, m_tokenLimit));
    for (const int step : m_detail->changedBy)
        parts.append(tr("changed by step %1, %2").arg(step).arg(stepName(m_opened->steps[static_cast<std::size_t>(step - 1)].step)));
    return parts.isEmpty() ? QStringLiteral("–") : parts.join(QStringLiteral("<br>"));
}

void RowPane::fillFacts()
{
    const auto number = [](qint64 value) { return QStringLiteral("<span style=\"font-family:'Attune Mono'\">%1</span>").arg(bridge::grouped(value)); };
    if (m_detail->tokens < 0)
        m_tokens->setText(QStringLiteral("–"));
    else if (m_detail->trained.isEmpty())
        m_tokens->setText(number(m_detail->tokens));
    else
        m_tokens->setText(tr("%1; with template %2, of which %3 trained").arg(number(m_detail->tokens), number(m_detail->trained.size()), number(m_detail->trainedCount)));
    m_flags->setText(flagText());
    const auto row = static_cast<std::size_t>(m_row);
    const bool hasSplit = m_facts && row < m_facts->split.size();
    m_split->setText(!hasSplit ? tr("not split") : m_facts->split[row] == 0 ? tr("in no part") : toQString(m_facts->splits[m_facts->split[row]]).toHtmlEscaped());
}

void RowPane::setView(int view)
{
    m_views->setCurrentIndex(view);
    m_stack->setCurrentIndex(view);
}

bool RowPane::isEditing() const
{
    return std::any_of(m_turns.begin(), m_turns.end(), [](const TurnCard* card) { return card->isEditing(); });
}

void RowPane::edit()
{
    if (m_turns.isEmpty() || isEditing())
        return;
    setView(0);
    TurnCard* chosen = nullptr;
    for (auto* card : m_turns)
        if (card->isEditable() && (card->underMouse() || (!chosen && card->turn().isAnswer)))
            chosen = card->underMouse() || !chosen ? card : chosen;
    for (auto* card : m_turns)
        if (!chosen && card->isEditable())
            chosen = card;
    if (!chosen)
        return;
    chosen->edit();
    m_chat->ensureWidgetVisible(chosen);
}

}
