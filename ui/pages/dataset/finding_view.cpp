// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/finding_view.h"

#include "bridge/text.h"
#include "style/control_paint.h"
#include "style/focus_repaint.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextCursor>
#include <QTimer>

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr qsizetype kMostShown = 6000, kBefore = 1500;

/// UTF-16 position of a code point.
qsizetype positionOf(const QString& text, std::int64_t codePoint)
{
    qsizetype at = 0;
    for (std::int64_t seen = 0; at < text.size() && seen < codePoint; ++seen)
        at += text[at].isHighSurrogate() ? 2 : 1;
    return std::min(at, text.size());
}

QString nameOf(const Json& message)
{
    for (const char* key : {"role", "from"})
        if (const auto it = message.find(key); it != message.end() && it->is_string())
            return toQString(it->get_ref<const std::string&>());
    return {};
}

}

FindingView::FindingView(QWidget* parent)
    : QTextBrowser(parent)
{
    setObjectName(QStringLiteral("finding"));
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setAccessibleName(tr("The row"));
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(14);
    style::repaintWithFocus(this);
}

void FindingView::paintEvent(QPaintEvent* event)
{
    QTextBrowser::paintEvent(event);
    QPainter painter(viewport());
    if (hasFocus() && style::isKeyboardFocus(this))
        style::drawFocusRing(&painter, viewport()->rect(), style::kSmallRadius);
}

void FindingView::showFinding(const importer::DatasetPtr& rows, const cleaner::Finding& finding, const QString& label)
{
    m_data = rows;
    m_finding = finding;
    m_label = label;
    m_message.clear();
    render();
}

void FindingView::say(const QString& text)
{
    m_data.reset();
    m_message = text;
    render();
}

void FindingView::changeEvent(QEvent* event)
{
    QTextBrowser::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && (m_data || !m_message.isEmpty()))
        render();
}

void FindingView::part(const QString& name, const QString& whole, bool isHere)
{
    const auto& t = style::tokens();
    auto cursor = textCursor();
    cursor.movePosition(QTextCursor::End);
    QTextBlockFormat block;
    block.setLineHeight(135, QTextBlockFormat::ProportionalHeight);
    block.setTopMargin(document()->isEmpty() ? 0 : 12);
    document()->isEmpty() ? cursor.setBlockFormat(block) : cursor.insertBlock(block);
    QTextCharFormat caption, plain, tag, mark;
    caption.setFont(style::caption());
    caption.setForeground(t.text2);
    plain.setFont(style::body());
    plain.setForeground(t.text);
    cursor.insertText(name, caption);
    block.setTopMargin(2);
    cursor.insertBlock(block);
    if (!isHere) {
        cursor.insertText(whole.left(kMostShown) + (whole.size() > kMostShown ? QStringLiteral(" …") : QString()), plain);
        return;
    }
    tag.setFont(style::caption(style::Weight::SemiBold));
    tag.setForeground(t.special);
    tag.setBackground(t.specialBg);
    mark = plain;
    mark.setBackground(t.match);
    const qsizetype begin = positionOf(whole, m_finding.start), end = positionOf(whole, m_finding.end);
    const qsizetype from = begin > kMostShown ? begin - kBefore : 0;
    cursor.insertText((from > 0 ? QStringLiteral("… ") : QString()) + whole.mid(from, begin - from), plain);
    const int place = cursor.position();
    cursor.insertText(QStringLiteral("\u00a0%1\u00a0").arg(m_label), tag);
    cursor.insertText(whole.mid(begin, std::min(end - begin, kMostShown)), mark);
    cursor.insertText(whole.mid(end, kMostShown) + (whole.size() - end > kMostShown ? QStringLiteral(" …") : QString()), plain);
    QTimer::singleShot(0, this, [this, place] {
        auto shown = textCursor();
        shown.setPosition(std::min(place, document()->characterCount() - 1));
        verticalScrollBar()->setValue(std::max(0, static_cast<int>(cursorRect(shown).top()) + verticalScrollBar()->value() - viewport()->height() / 3));
    });
}

void FindingView::render()
{
    clear();
    if (!m_data) {
        setTextColor(style::tokens().text2);
        setCurrentFont(style::body());
        setPlainText(m_message);
        return;
    }
    const auto values = m_data->values(m_finding.row);
    if (!values) {
        say(toQString(values.error().message));
        return;
    }
    for (const auto& column : m_data->columns()) {
        const bool isColumn = column.name == m_finding.column;
        const auto it = values->find(column.name);
        if (it == values->end() || (column.role == importer::ColumnRole::Ignore && !isColumn))
            continue;
        const QString name = toQString(column.name);
        if (!it->is_array()) {
            part(name, toQString(it->is_string() ? it->get_ref<const std::string&>() : toLine(*it)), isColumn && m_finding.path.empty());
            continue;
        }
        for (std::size_t i = 0; i < it->size(); ++i) {
            const Json& message = (*it)[i];
            if (!message.is_object())
                continue;
            for (const auto& [key, value] : message.items()) {
                const bool isHere = isColumn && m_finding.path == "/" + std::to_string(i) + "/" + key;
                if (value.is_string() && (key == "content" || key == "value" || isHere))
                    part(nameOf(message), toQString(value.get_ref<const std::string&>()), isHere);
            }
        }
    }
}

}
