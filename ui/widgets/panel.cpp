// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/panel.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>

namespace attune::widgets {

using style::tokens;

namespace {
constexpr int kSegmentPadding = 18, kLeastSegmentPadding = 4;
}

Panel::Panel(const QString& title, QWidget* parent)
    : QWidget(parent)
{
    auto* outer = column();
    outer->setContentsMargins(1, 1, 1, style::kPanelRadius / 2);  // what lies in it stays clear of the round corners
    setLayout(outer);
    m_header = new QWidget;
    m_header->setFixedHeight(style::panelHeaderHeight());
    m_headerRow = row(style::kSpace2);
    m_headerRow->setContentsMargins(12, 0, 8, 0);
    m_header->setLayout(m_headerRow);
    m_title = headingLabel(title);
    m_caption = new CaptionLabel;
    m_headerRow->addWidget(m_title);
    m_headerRow->addWidget(m_caption);
    m_headerRow->addStretch(1);
    outer->addWidget(m_header);
    m_body = column();
    outer->addLayout(m_body, 1);
    m_header->setVisible(!title.isEmpty());
}

void Panel::setTitle(const QString& title)
{
    m_title->setText(title);
    m_header->setVisible(!title.isEmpty());
}

void Panel::setCaption(const QString& caption)
{
    m_caption->setText(caption);
}

void Panel::addAction(QWidget* widget)
{
    m_headerRow->addWidget(widget);
}

void Panel::setDashed(bool isDashed)
{
    m_isDashed = isDashed;
    update();
}

void Panel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const auto& t = tokens();
    if (!m_isDashed) {
        style::drawBox(&painter, rect(), t.surface, t.border, style::kPanelRadius);
    } else {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(t.borderStrong, 1, Qt::DashLine));
        painter.setBrush(t.surface);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), style::kPanelRadius, style::kPanelRadius);
    }
    if (m_header->isVisible())
        style::drawHairline(&painter, {1, m_header->geometry().bottom()}, {width() - 2, m_header->geometry().bottom()}, t.border);
}

void drawLineAbove(QPainter* painter, const QWidget& row)
{
    if (row.y() > style::panelHeaderHeight() + style::kSpace1)
        style::drawHairline(painter, {1, 0}, {row.width() - 2, 0}, tokens().border);
}

EmptyState::EmptyState(const QString& iconName, const QString& sentence, QWidget* parent)
    : QWidget(parent)
    , m_icon(iconName)
{
    auto* outer = column(style::kSpace3, style::kSpace6);
    setLayout(outer);
    outer->addStretch(1);
    outer->addSpacing(36);
    m_sentence = wrappedLabel(sentence);
    m_sentence->setAlignment(Qt::AlignHCenter);
    m_sentence->setMaximumWidth(460);
    m_sentence->setMinimumWidth(280);
    // Not aligned in the column: its height would then be that of the whole width, and the second line be cut.
    auto* middle = row(0);
    middle->addStretch(1);
    middle->addWidget(m_sentence, 100);
    middle->addStretch(1);
    outer->addLayout(middle);
    m_buttons = row();
    m_buttons->addStretch(1);
    m_buttons->addStretch(1);
    outer->addLayout(m_buttons);
    outer->addStretch(1);
}

QPushButton* EmptyState::setPrimary(const QString& text)
{
    auto* made = button(text, ButtonRole::Primary);
    m_buttons->insertWidget(m_buttons->count() - 1, made);
    return made;
}

QPushButton* EmptyState::setLink(const QString& text)
{
    auto* made = button(text, ButtonRole::Ghost);
    m_buttons->insertWidget(m_buttons->count() - 1, made);
    return made;
}

void EmptyState::setSentence(const QString& sentence)
{
    m_sentence->setText(sentence);
}

void EmptyState::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QPixmap pixmap = style::iconPixmap(m_icon, 24, tokens().text2, devicePixelRatioF());
    painter.drawPixmap(width() / 2 - 12, m_sentence->y() - 36, pixmap);
}

MessageBar::MessageBar(Kind kind, const QString& title, const QString& evidence, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
{
    setMinimumHeight(38);
    m_row = row(style::kSpace2);
    m_row->setContentsMargins(6, 4, 6, 4);
    setLayout(m_row);
    m_row->addSpacing(32);  // the icon
    auto* name = bodyLabel(title);
    name->setFont(style::body(style::Weight::SemiBold));
    m_row->addWidget(name);
    m_row->addWidget(wrappedLabel(evidence), 1);  // in a narrow window it takes a second line
    auto* close = iconButton(QStringLiteral("close"), tr("Close this message"));
    m_row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &MessageBar::closed);
    setAccessibleName(title);
}

QPushButton* MessageBar::addButton(const QString& text)
{
    auto* made = smallButton(text);
    m_row->insertWidget(m_row->count() - 1, made);
    return made;
}

void MessageBar::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    const QColor weak = m_kind == Kind::Info ? t.infoWeak : m_kind == Kind::Warning ? t.warningWeak : m_kind == Kind::Danger ? t.dangerWeak : t.successWeak;
    const QColor strong = m_kind == Kind::Info ? t.info : m_kind == Kind::Warning ? t.warning : m_kind == Kind::Danger ? t.danger : t.success;
    const auto icon = m_kind == Kind::Info ? "info" : m_kind == Kind::Warning ? "warning" : m_kind == Kind::Danger ? "error" : "success";
    QColor line = strong;
    line.setAlphaF(0.45F);
    QPainter painter(this);
    style::drawBox(&painter, rect(), weak, line, style::kRadius);
    painter.drawPixmap(QStyle::visualRect(layoutDirection(), rect(), QRect(12, height() / 2 - 8, 16, 16)).topLeft(), style::iconPixmap(QLatin1String(icon), 16, strong, devicePixelRatioF()));
}

StatusChip::StatusChip(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QString StatusChip::word(const QString& status)
{
    static const QHash<QString, QString> words {{QStringLiteral("running"), tr("Training")}, {QStringLiteral("paused"), tr("Paused")},
        {QStringLiteral("completed"), tr("Done")}, {QStringLiteral("stopped"), tr("Stopped")}, {QStringLiteral("failed"), tr("Failed")},
        {QStringLiteral("interrupted"), tr("Interrupted")}, {QStringLiteral("queued"), tr("Waiting")}};
    return words.value(status, status);
}

void StatusChip::setStatus(const QString& status)
{
    m_status = status;
    setAccessibleName(word(status));
    updateGeometry();
    update();
}

QSize StatusChip::sizeHint() const
{
    return {QFontMetrics(style::caption(style::Weight::Medium)).horizontalAdvance(word(m_status)) + 30, 22};
}

void StatusChip::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QColor ground = t.raised, ink = t.text2;
    if (m_status == QLatin1String("running"))
        ground = t.accentWeak, ink = t.accent;
    else if (m_status == QLatin1String("completed"))
        ground = t.successWeak, ink = t.success;
    else if (m_status == QLatin1String("failed"))
        ground = t.dangerWeak, ink = t.danger;
    else if (m_status == QLatin1String("paused") || m_status == QLatin1String("interrupted"))
        ground = t.warningWeak, ink = t.warning;
    QPainter painter(this);
    style::drawBox(&painter, rect(), ground, QColor(), style::kRadius);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(layoutDirection() == Qt::RightToLeft ? width() - 12 : 12, height() / 2.0), 3.5, 3.5);
    painter.setPen(ink);
    painter.setFont(style::caption(style::Weight::Medium));
    painter.drawText(QStyle::visualRect(layoutDirection(), rect(), rect().adjusted(21, 0, 0, 0)), style::textFlags(word(m_status), layoutDirection()), word(m_status));
}

SegmentedControl::SegmentedControl(const QStringList& words, QWidget* parent)
    : QWidget(parent)
    , m_words(words)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setFixedHeight(style::controlHeight());
}

void SegmentedControl::setWords(const QStringList& words)
{
    m_words = words;
    m_current = std::min<int>(m_current, static_cast<int>(words.size()) - 1);
    updateGeometry();
    update();
}

void SegmentedControl::setCurrentIndex(int index)
{
    if (index == m_current || index < 0 || index >= m_words.size())
        return;
    m_current = index;
    update();
    emit currentChanged(index);
}

int SegmentedControl::wordWidth(int index) const
{
    return QFontMetrics(style::body(style::Weight::SemiBold)).horizontalAdvance(m_words[index]);
}

int SegmentedControl::widthWith(int padding) const
{
    int total = 2;
    for (int i = 0; i < m_words.size(); ++i)
        total += wordWidth(i) + padding;
    return total;
}

QSize SegmentedControl::sizeHint() const
{
    return {widthWith(kSegmentPadding), style::controlHeight()};
}

QSize SegmentedControl::minimumSizeHint() const
{
    return {widthWith(kLeastSegmentPadding), style::controlHeight()};
}

QRect SegmentedControl::partOf(int index) const
{
    const int count = std::max<int>(1, static_cast<int>(m_words.size()));
    const int padding = std::clamp((width() - widthWith(0)) / count, kLeastSegmentPadding, kSegmentPadding);
    int x = 1;
    for (int i = 0; i < index; ++i)
        x += wordWidth(i) + padding;
    return QStyle::visualRect(layoutDirection(), rect(), {x, 1, wordWidth(index) + padding, height() - 2});
}

void SegmentedControl::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.isDark ? t.window : t.surface, QColor(), style::kRadius);
    const bool isMirrored = layoutDirection() == Qt::RightToLeft;
    for (int i = 0; i < m_words.size(); ++i) {
        const QRect part = partOf(i);
        if (i == m_current)
            style::drawBox(&painter, part, t.selection, QColor(), style::kRadius - 1);
        painter.setFont(style::body(i == m_current ? style::Weight::SemiBold : style::Weight::Regular));
        painter.setPen(isEnabled() ? t.text : t.textDisabled);
        painter.drawText(part, Qt::AlignCenter, m_words[i]);
        if (i > 0)
            style::drawHairline(&painter, isMirrored ? part.topRight() : part.topLeft(), isMirrored ? part.bottomRight() : part.bottomLeft(), t.border);
    }
    style::drawBox(&painter, rect(), QColor(), hasFocus() ? t.accent : t.borderStrong, style::kRadius, hasFocus() ? 2.0 : 1.0);
}

void SegmentedControl::mousePressEvent(QMouseEvent* event)
{
    for (int i = 0; i < m_words.size(); ++i)
        if (partOf(i).adjusted(0, -1, 0, 1).contains(event->position().toPoint()))
            return setCurrentIndex(i);
}

void SegmentedControl::keyPressEvent(QKeyEvent* event)
{
    const int forward = layoutDirection() == Qt::RightToLeft ? -1 : 1;
    if (event->key() == Qt::Key_Left)
        setCurrentIndex(m_current - forward);
    else if (event->key() == Qt::Key_Right)
        setCurrentIndex(m_current + forward);
    else
        QWidget::keyPressEvent(event);
}

}
