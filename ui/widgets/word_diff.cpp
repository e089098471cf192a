// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/word_diff.h"

#include "style/tokens.h"

#include <QEvent>

#include <vector>

namespace attune::widgets {

namespace {

constexpr qsizetype kMostWords = 1500;  // the table is square: 2 MB here

/// Words with the white space behind them.
QStringList wordsOf(const QString& text)
{
    QStringList words;
    qsizetype begin = 0;
    for (qsizetype i = 1; i <= text.size(); ++i)
        if (i == text.size() || (text[i - 1].isSpace() && !text[i].isSpace())) {
            words.append(text.mid(begin, i - begin));
            begin = i;
        }
    if (words.size() > kMostWords) {
        const QString rest = words.mid(kMostWords - 1).join(QString());
        words = words.mid(0, kMostWords - 1);
        words.append(rest);
    }
    return words;
}

void append(QList<DiffPart>& parts, DiffPart::Kind kind, const QString& text)
{
    if (!parts.isEmpty() && parts.last().kind == kind)
        parts.last().text += text;
    else
        parts.append({kind, text});
}

}

QList<DiffPart> wordDiff(const QString& from, const QString& to)
{
    const QStringList a = from.isEmpty() ? QStringList() : wordsOf(from), b = to.isEmpty() ? QStringList() : wordsOf(to);
    const auto same = [&](qsizetype i, qsizetype j) { return a[i].trimmed() == b[j].trimmed(); };
    // common[i][j]: how many words the tails from i and j share, in order.
    std::vector<std::vector<std::uint16_t>> common(static_cast<std::size_t>(a.size()) + 1, std::vector<std::uint16_t>(static_cast<std::size_t>(b.size()) + 1, 0));
    const auto at = [&](qsizetype i, qsizetype j) -> std::uint16_t& { return common[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]; };
    for (qsizetype i = a.size() - 1; i >= 0; --i)
        for (qsizetype j = b.size() - 1; j >= 0; --j)
            at(i, j) = same(i, j) ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1) : std::max(at(i + 1, j), at(i, j + 1));
    QList<DiffPart> parts;
    qsizetype i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && same(i, j)) {
            append(parts, DiffPart::Kind::Same, b[j]);
            ++i, ++j;
        } else if (i < a.size() && (j == b.size() || at(i + 1, j) >= at(i, j + 1))) {
            append(parts, DiffPart::Kind::Removed, a[i++]);
        } else {
            append(parts, DiffPart::Kind::Added, b[j++]);
        }
    }
    return parts;
}

DiffLabel::DiffLabel(QWidget* parent)
    : Label({}, parent)
{
    setWordWrap(true);
    setTextFormat(Qt::RichText);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setAlignment(Qt::AlignTop | Qt::AlignLeft);
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
    m_parts = {{DiffPart::Kind::Same, text}};
    m_style = DiffStyle::Changes;
    render();
}

int DiffLabel::differences() const
{
    int words = 0;
    for (const auto& part : m_parts)
        if (part.kind != DiffPart::Kind::Same)
            words += static_cast<int>(part.text.split(QLatin1Char(' '), Qt::SkipEmptyParts).size());
    return words;
}

void DiffLabel::setWordsClickable(bool areClickable)
{
    if (std::exchange(m_areClickable, areClickable) != areClickable && areClickable) {
        setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse);
        connect(this, &QLabel::linkActivated, this, [this](const QString& link) { emit wordClicked(link.toInt()); });
    }
    render();
}

namespace {

/// Marks a part; white space behind its last word stays unmarked. Each word may be a link to where it stands.
QString marked(const QString& text, const QString& css, bool isLinked, qsizetype from)
{
    const auto escaped = [](const QString& s) { return s.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")); };
    qsizetype end = text.size();
    while (end > 0 && text[end - 1].isSpace())
        --end;
    QString inner;
    if (!isLinked) {
        inner = escaped(text.left(end));
    } else {
        for (const auto& word : wordsOf(text.left(end))) {
            inner += QStringLiteral("<a href=\"%1\" style=\"%2;text-decoration:none\">%3</a>").arg(from).arg(css, escaped(word));
            from += word.size();
        }
    }
    return QStringLiteral("<span style=\"%1\">%2</span>%3").arg(css, inner, escaped(text.mid(end)));
}

}

void DiffLabel::render()
{
    const auto& t = style::tokens();
    const bool isChanges = m_style == DiffStyle::Changes;
    QString html;
    qsizetype position = 0;
    for (const auto& part : m_parts) {
        const bool isRemoved = part.kind == DiffPart::Kind::Removed;
        QString css;
        if (part.kind == DiffPart::Kind::Same)
            css = QStringLiteral("color:%1").arg((isChanges ? t.text : t.text2).name());
        else if (isRemoved)
            css = QStringLiteral("background-color:%1;color:%2;text-decoration:line-through").arg(t.delBg.name(), t.delText.name());
        else if (m_style == DiffStyle::Shared)
            css = QStringLiteral("color:%1").arg(t.text.name());
        else
            css = QStringLiteral("background-color:%1;color:%2").arg((isChanges ? t.addBg : t.trained).name(), (isChanges ? t.addText : t.text).name());
        if (!isRemoved || isChanges)
            html += marked(part.text, css, m_areClickable && !isRemoved, position);
        if (!isRemoved)
            position += part.text.size();
    }
    setText(html);
    setAccessibleName(m_text);
}

void DiffLabel::changeEvent(QEvent* event)
{
    Label::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange && !m_parts.isEmpty())
        render();
}

}
