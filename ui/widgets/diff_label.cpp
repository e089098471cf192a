// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff_label.h"

#include "style/tokens.h"

#include <QEvent>

#include <utility>

namespace attune::widgets {

DiffLabel::DiffLabel(QWidget* parent)
    : Label({}, parent)
{
    setWordWrap(true);
    setTextFormat(Qt::RichText);
    setProperty("ownSide", true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setAlignment(Qt::AlignTop | Qt::AlignLeft);
    connect(this, &QLabel::linkActivated, this, [this](const QString& link) { emit wordClicked(link.toInt()); });
}

void DiffLabel::setTexts(const QString& base, const QString& text, DiffStyle style)
{
    m_text = text;
    m_style = style;
    m_parts = wordDiff(base, text);
    render();
}

void DiffLabel::setPlain(const QString& text)
{
    m_text = text;
    m_parts = {{DiffPart::Kind::Same, text, {}}};
    m_style = DiffStyle::Changes;
    render();
}

int DiffLabel::differences() const
{
    qsizetype words = 0;
    const auto count = [](const QString& text) { return text.split(QLatin1Char(' '), Qt::SkipEmptyParts).size(); };
    for (const auto& part : m_parts)
        if (part.kind != DiffPart::Kind::Same)
            words += count(part.text) + count(part.former);
    return static_cast<int>(words);
}

void DiffLabel::setWordsClickable(bool areClickable)
{
    m_areClickable = areClickable;
    setTextInteractionFlags(areClickable ? Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse : Qt::TextInteractionFlags(Qt::TextSelectableByMouse));
    render();
}

namespace {

QString escaped(const QString& text)
{
    return text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>"));
}

/// Marks a part; white space behind its last word stays unmarked.
QString marked(const QString& text, const QString& css)
{
    qsizetype end = text.size();
    while (end > 0 && text[end - 1].isSpace())
        --end;
    return QStringLiteral("<span style=\"%1\">%2</span>%3").arg(css, escaped(text.left(end)), escaped(text.mid(end)));
}

/// A part whose words are links to where they stand; `from` is where the part does.
QString linked(const QString& text, const QString& css, qsizetype from)
{
    QString html;
    for (qsizetype at = 0; at < text.size();) {
        const bool isSpace = text[at].isSpace();
        qsizetype end = at + 1;
        while (end < text.size() && text[end].isSpace() == isSpace)
            ++end;
        const QString run = escaped(text.mid(at, end - at));
        html += isSpace ? run : QStringLiteral("<a href=\"%1\" style=\"%2;text-decoration:none\">%3</a>").arg(from + at).arg(css, run);
        at = end;
    }
    return html;
}

/// What the style says of a part that the text has.
QString cssOf(DiffPart::Kind kind, DiffStyle style)
{
    const auto& t = style::tokens();
    const bool isChanges = style == DiffStyle::Changes;
    if (kind == DiffPart::Kind::Same)
        return QStringLiteral("color:%1").arg((isChanges ? t.text : t.text2).name());
    if (style == DiffStyle::Shared)
        return QStringLiteral("color:%1").arg(t.text.name());
    return QStringLiteral("background-color:%1;color:%2").arg((isChanges ? t.addBg : t.trained).name(), (isChanges ? t.addText : t.text).name());
}

/// What the other text had in a part's place, struck out.
QString struckOut(const QString& text)
{
    const auto& t = style::tokens();
    return marked(text, QStringLiteral("background-color:%1;color:%2;text-decoration:line-through").arg(t.delBg.name(), t.delText.name()));
}

}

void DiffLabel::render()
{
    QString html;
    qsizetype position = 0;
    for (const auto& part : m_parts) {
        const bool isRemoved = part.kind == DiffPart::Kind::Removed;
        // One space parts what was from what came in its place, however both end.
        if (m_style == DiffStyle::Changes && isRemoved)
            html += struckOut(part.text);
        else if (m_style == DiffStyle::Changes && !part.former.trimmed().isEmpty())
            html += struckOut(part.former.trimmed()) + QLatin1Char(' ');
        if (isRemoved)
            continue;
        const QString css = cssOf(part.kind, m_style);
        html += m_areClickable ? linked(part.text, css, position) : marked(part.text, css);
        position += part.text.size();
    }
    setText(html);
    setAccessibleName(m_text);
}

void DiffLabel::changeEvent(QEvent* event)
{
    Label::changeEvent(event);
    if ((event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) && !m_parts.isEmpty())
        render();
}

}
