// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/turn_card.h"

#include "bridge/text.h"
#include "cleaner/pii.h"
#include "cleaner/scanner.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPlainTextEdit>
#include <QRegularExpression>

namespace attune::pages {

using bridge::toQString;

namespace {

// A pathological row must not freeze the window; its file still holds all of it.
constexpr qsizetype kShownCharacters = 12'000;

/// "[EMAIL]", "[EMAIL_4F0C2A91]" …: what redaction puts into texts.
const QRegularExpression& tagPattern()
{
    static const QRegularExpression pattern = [] {
        QStringList names;
        for (const auto* detector : cleaner::pii::detectors()) {
            const QString tag = toQString(detector->tag);
            names.append(QRegularExpression::escape(tag.mid(1, tag.size() - 2)));
        }
        names.append(QStringLiteral("NAME"));
        return QRegularExpression(QStringLiteral("\\[(?:%1)(?:_[0-9A-F]+)?\\]").arg(names.join(QLatin1Char('|'))));
    }();
    return pattern;
}

QString roleWord(const std::string& role)
{
    QString word = toQString(role);
    word.replace(0, 1, word.left(1).toUpper());
    return word;
}

}

TurnCard::TurnCard(const pipeline::RowTurn& turn, std::int64_t tokens, const QStringList& searched, QWidget* parent)
    : QWidget(parent)
    , m_turn(turn)
    , m_searched(searched)
{
    setObjectName(QStringLiteral("turn-") + toQString(turn.role));
    m_column = widgets::column(4);
    m_column->setContentsMargins(11, 7, 11, 9);
    setLayout(m_column);
    auto* head = widgets::row();
    head->addWidget(widgets::captionLabel(roleWord(turn.role)));
    head->addStretch(1);
    if (tokens >= 0) {
        auto* count = widgets::captionLabel(tr("%1 tokens").arg(bridge::grouped(tokens)));
        count->setFont(style::monoCaption());
        head->addWidget(count);
    }
    m_column->addLayout(head);
    m_text = widgets::wrappedLabel({}, widgets::Tone::Text);
    m_text->setTextFormat(Qt::RichText);
    m_text->setText(marked());
    m_text->setProperty("ownSide", true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setCursor(Qt::IBeamCursor);
    m_column->addWidget(m_text);
}

QString TurnCard::marked() const
{
    const auto& t = style::tokens();
    QString text = toQString(m_turn.text);
    const bool isCut = text.size() > kShownCharacters;
    text.truncate(kShownCharacters);
    if (text.trimmed().isEmpty())
        return QStringLiteral("<span style='color:%1'>%2</span>").arg(t.text2.name(), tr("empty"));
    struct Mark {
        qsizetype at, length;
        QString style;
    };
    QList<Mark> marks;
    for (auto it = tagPattern().globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        marks.append({match.capturedStart(), match.capturedLength(), QStringLiteral("background-color:%1;color:%2;font-family:'Attune Mono'").arg(t.specialBg.name(), t.special.name())});
    }
    for (const auto& searched : m_searched)
        for (qsizetype at = text.indexOf(searched, 0, Qt::CaseInsensitive); at >= 0 && !searched.isEmpty(); at = text.indexOf(searched, at + searched.size(), Qt::CaseInsensitive))
            marks.append({at, searched.size(), QStringLiteral("background-color:%1").arg(t.match.name())});
    std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
    QString html;
    qsizetype done = 0;
    for (const auto& mark : marks) {
        if (mark.at < done)
            continue;
        html += text.mid(done, mark.at - done).toHtmlEscaped() + QStringLiteral("<span style=\"%1\">%2</span>").arg(mark.style, text.mid(mark.at, mark.length).toHtmlEscaped());
        done = mark.at + mark.length;
    }
    html += text.mid(done).toHtmlEscaped();
    html.replace(QLatin1Char('\n'), QLatin1String("<br>"));
    return QStringLiteral("<div style='line-height:135%;white-space:pre-wrap'>%1%2</div>").arg(html, isCut ? QStringLiteral(" …") : QString());
}

void TurnCard::edit()
{
    if (m_editor || !isEditable())
        return;
    m_text->hide();
    m_editor = new QPlainTextEdit(toQString(m_turn.text));
    m_editor->setObjectName(QStringLiteral("turn-editor"));
    m_editor->setAccessibleName(tr("Text of the turn"));
    m_editor->setFont(style::body());
    m_editor->installEventFilter(this);
    m_column->addWidget(m_editor);
    m_buttons = new QWidget;
    auto* line = widgets::row(style::kSpace1);
    m_buttons->setLayout(line);
    auto* save = widgets::smallButton(tr("Save"));
    save->setToolTip(tr("Ctrl+Return"));
    auto* cancel = widgets::smallButton(tr("Cancel"), widgets::ButtonRole::Ghost);
    cancel->setToolTip(tr("Escape"));
    line->addWidget(save);
    line->addWidget(cancel);
    line->addStretch(1);
    m_column->addWidget(m_buttons);
    connect(save, &QPushButton::clicked, this, [this] { finishEditing(true); });
    connect(cancel, &QPushButton::clicked, this, [this] { finishEditing(false); });
    connect(m_editor, &QPlainTextEdit::textChanged, this, &TurnCard::fitEditor);
    fitEditor();
    m_editor->setFocus(Qt::OtherFocusReason);
    m_editor->moveCursor(QTextCursor::End);
}

void TurnCard::fitEditor()
{
    const int lines = std::clamp(static_cast<int>(m_editor->document()->size().height()) + 1, 4, 14);
    m_editor->setFixedHeight(lines * m_editor->fontMetrics().lineSpacing() + 12);
}

void TurnCard::finishEditing(bool isKept)
{
    if (!m_editor)
        return;
    const QString text = m_editor->toPlainText();
    m_editor->removeEventFilter(this);
    m_editor->deleteLater();
    m_buttons->deleteLater();
    m_editor = nullptr;
    m_buttons = nullptr;
    m_text->show();
    if (isKept && text != toQString(m_turn.text)) {
        m_turn.text = bridge::toStd(text);
        m_text->setText(marked());
        emit edited(text);
    }
    emit editingFinished();
}

bool TurnCard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_editor && (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isReturn = (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && key->modifiers() & Qt::ControlModifier;
        const bool isUndo = key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo);
        if (event->type() == QEvent::ShortcutOverride && (isReturn || isUndo || key->key() == Qt::Key_Escape)) {
            event->accept();  // the editor's own, not the page's
            return true;
        }
        if (event->type() == QEvent::KeyPress && (isReturn || key->key() == Qt::Key_Escape)) {
            finishEditing(isReturn);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void TurnCard::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::PaletteChange)
        m_text->setText(marked());
}

void TurnCard::mouseDoubleClickEvent(QMouseEvent*)
{
    edit();
}

void TurnCard::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), m_turn.isAnswer ? t.surface : t.raised, t.border, style::kPanelRadius);
}

}
