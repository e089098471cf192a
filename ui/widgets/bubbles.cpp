// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bubbles.h"

#include "bridge/text.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::widgets {

using bridge::toQString;

namespace {
// A pathological row must not freeze the window; its file still holds all of it.
constexpr std::size_t kShownBytes = 20000;
}

Bubble::Bubble(const QString& role, const QString& text, bool isUser, QWidget* parent)
    : QWidget(parent)
    , m_isUser(isUser)
{
    m_column = column(4);
    m_column->setContentsMargins(10, 8, 10, 8);
    setLayout(m_column);
    m_fact = captionLabel({});
    if (!role.isEmpty()) {
        auto* head = row();
        head->addWidget(captionLabel(role));
        head->addStretch(1);
        head->addWidget(m_fact);
        m_column->addLayout(head);
    } else {
        m_fact->setParent(this);
        m_fact->hide();
    }
    m_text = wrappedLabel(text, Tone::Text);
    m_text->setProperty("ownSide", true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_column->addWidget(m_text);
}

void Bubble::setText(const QString& text) { m_text->setText(text); }
QString Bubble::text() const { return m_text->text(); }
void Bubble::setFact(const QString& fact) { m_fact->setText(fact); }

void Bubble::addFooter(QWidget* widget)
{
    if (!m_footer) {
        m_footer = row();
        m_footer->addStretch(1);
        m_column->addLayout(m_footer);
    }
    m_footer->addWidget(widget);
}

void Bubble::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), m_isUser ? t.raised : t.surface, t.border, style::kPanelRadius);
}

RecordView::RecordView(QWidget* parent)
    : QScrollArea(parent)
{
    auto* content = new PlaneWidget(Plane::Surface);
    m_column = column(style::kSpace2);
    m_column->setContentsMargins(12, 10, 12, 12);
    content->setLayout(m_column);
    m_column->addStretch(1);
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void RecordView::clear()
{
    while (m_column->count() > 1) {
        auto* item = m_column->takeAt(0);
        delete item->widget();
        delete item;
    }
}

void RecordView::add(const QString& role, const std::string& text, bool isUser)
{
    if (text.empty())
        return;
    const bool isLong = text.size() > kShownBytes;
    auto* bubble = new Bubble(role, toQString(std::string_view(text).substr(0, kShownBytes)) + (isLong ? QStringLiteral(" …") : QString()), isUser);
    bubble->setFact(tr("%1 characters").arg(bridge::grouped(toQString(text).size())));
    m_column->insertWidget(m_column->count() - 1, bubble);
}

void RecordView::setRecord(const importer::Record& record)
{
    using Kind = importer::Record::Kind;
    clear();
    if (record.kind == Kind::Conversation || record.kind == Kind::PromptCompletion) {
        for (const auto& message : record.conversation()) {
            QString role = toQString(message.role);
            role.replace(0, 1, role.left(1).toUpper());
            add(role, message.content, message.role != "assistant");
        }
    } else if (record.kind == Kind::Preference) {
        add(tr("Prompt"), record.prompt, true);
        add(tr("Chosen"), record.chosen, false);
        add(tr("Rejected"), record.rejected, false);
    } else {
        add(tr("Text"), record.text.empty() ? record.prompt : record.text, true);
        add(tr("Label"), record.label, false);
    }
    if (m_column->count() == 1)
        setMessage(tr("This row gives nothing to train on: the columns with a role are empty."));
}

void RecordView::setMessage(const QString& text)
{
    clear();
    m_column->insertWidget(0, wrappedLabel(text));
}

}
