// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/field_row.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QApplication>
#include <QBoxLayout>
#include <QPainter>
#include <QToolTip>

#include <tuple>

namespace attune::widgets {

namespace {

constexpr int kWideForm = 620, kWideZone = 344, kNarrowLabel = 112, kNarrowHint = 140, kRow = 32, kIconRoom = 21;
constexpr int kTail = 66;  // help, dot and reset behind the controls

/// The accent dot of a changed value; keeps its place when hidden.
class Dot final : public QWidget
{
public:
    Dot()
    {
        setFixedSize(10, 10);
        setToolTip(FieldRow::tr("Changed from the preset"));
    }
    bool isOn = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (!isOn)
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(style::tokens().accent);
        painter.drawEllipse(QRectF(1.5, 1.5, 7, 7));
    }
};

QColor colourOf(Tone tone)
{
    const auto& t = style::tokens();
    return tone == Tone::Danger ? t.danger : tone == Tone::Warning ? t.warning : tone == Tone::Success ? t.success : t.text2;
}

}

HintLabel::HintLabel(QWidget* parent)
    : QLabel(parent)
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

void HintLabel::setHint(const QString& text, Tone tone, const QString& iconName)
{
    if (text == this->text() && tone == m_tone && iconName == m_icon)
        return;
    setText(text);
    m_tone = tone;
    m_icon = iconName;
    setAccessibleName(text);
    update();
}

void HintLabel::paintEvent(QPaintEvent*)
{
    const QString all = text();
    if (all.isEmpty())
        return;
    QPainter painter(this);
    QRect room = rect();
    if (!m_icon.isEmpty()) {
        const bool isMirrored = layoutDirection() == Qt::RightToLeft;
        const int y = std::min(height(), QFontMetrics(style::caption()).lineSpacing() * 2) / 2 - 8;
        painter.drawPixmap(isMirrored ? width() - 16 : 0, y, style::iconPixmap(m_icon, 16, colourOf(m_tone), devicePixelRatioF()));
        room.adjust(isMirrored ? 0 : kIconRoom, 0, isMirrored ? -kIconRoom : 0, 0);
    }
    painter.setFont(style::caption());
    painter.setPen(colourOf(m_tone));
    painter.drawText(room, style::textFlags(all, layoutDirection()) | Qt::TextWordWrap, all);
}

int HintLabel::heightFor(const QString& text, bool hasIcon, int width)
{
    const QRect room(0, 0, std::max(1, width - (hasIcon ? kIconRoom : 0)), 10000);
    const QRect words = QFontMetrics(style::caption()).boundingRect(room, Qt::TextWordWrap, text);
    // A word that is wider than the room would be cut.
    return words.width() > room.width() ? 10000 : words.height();
}

FieldRow::FieldRow(const QString& label, QWidget* parent)
    : QWidget(parent)
{
    m_rowHeight = style::scaled(kRow);
    setFixedHeight(m_rowHeight);
    auto* layout = row(0);
    setLayout(layout);
    m_label = bodyLabel(label);
    layout->addWidget(m_label);
    m_zone = new QWidget;
    auto* zone = row(style::kSpace1);
    m_zone->setLayout(zone);
    m_controlRow = row(style::kSpace1);
    zone->addLayout(m_controlRow);
    m_help = iconButton(QStringLiteral("info"), tr("About %1").arg(label));
    m_help->setProperty("size", QStringLiteral("small"));
    m_help->setFixedSize(style::scaled(20), style::scaled(24));
    m_help->setFocusPolicy(Qt::NoFocus);
    m_help->hide();
    zone->addWidget(m_help);
    m_dot = new Dot;
    zone->addWidget(m_dot);
    m_reset = iconButton(QStringLiteral("reset"), tr("Back to the preset's value"));
    m_reset->setProperty("size", QStringLiteral("small"));
    m_reset->setFixedSize(style::scaled(24), style::scaled(24));
    m_reset->setFocusPolicy(Qt::NoFocus);
    auto policy = m_reset->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(policy);
    m_reset->hide();
    zone->addWidget(m_reset);
    zone->addStretch(1);
    layout->addWidget(m_zone);
    m_hint = new HintLabel;
    layout->addWidget(m_hint, 1);
    m_below = new HintLabel(this);
    m_below->hide();
    connect(m_reset, &QToolButton::clicked, this, &FieldRow::resetClicked);
    connect(m_help, &QToolButton::clicked, this, [this] { QToolTip::showText(m_help->mapToGlobal(QPoint(0, m_help->height())), m_help->toolTip(), m_help); });
    fit();
}

void FieldRow::addControl(QWidget* control, int width)
{
    m_controls.append({control, width});
    m_controlRow->addWidget(control);
    if (m_controls.size() == 1)
        m_label->setBuddy(control->focusProxy() ? control->focusProxy() : control);
    m_rowHeight = std::max(m_rowHeight, control->minimumHeight() + 4);
    setFixedHeight(m_rowHeight + m_belowHeight);
    fit();
}

void FieldRow::setControlWidth(int width)
{
    m_controls.first().width = width;
    fit();
}

void FieldRow::addJoint(const QString& text)
{
    if (!text.isEmpty())
        m_controlRow->addWidget(bodyLabel(text, Tone::Secondary));
}

void FieldRow::setBuddy(QWidget* control)
{
    m_label->setBuddy(control);
}

void FieldRow::setLabelText(const QString& text)
{
    m_label->setText(text);
}

QString FieldRow::labelText() const
{
    return m_label->text().remove(QLatin1Char('&'));
}

void FieldRow::setHelp(const QString& html)
{
    m_help->setToolTip(html);
    m_help->setVisible(!html.isEmpty());
}

void FieldRow::setChanged(bool isChanged)
{
    m_isChanged = isChanged;
    static_cast<Dot*>(m_dot)->isOn = isChanged;
    m_dot->update();
    m_reset->setVisible(isChanged);
}

void FieldRow::setHint(const QString& hint, const QString& iconName)
{
    m_hintText = hint;
    m_hintIcon = iconName;
    say();
}

void FieldRow::setError(const QString& message, const QString& brief)
{
    m_error = message;
    m_briefError = brief;
    say();
}

void FieldRow::setBlocked(const QString& reason)
{
    if (reason == m_blocked)
        return;
    m_blocked = reason;
    for (const auto& control : m_controls) {
        control.widget->setEnabled(reason.isEmpty());
        control.widget->setToolTip(reason);
    }
    m_label->setTone(reason.isEmpty() ? Tone::Text : Tone::Secondary);
    say();
}

void FieldRow::say()
{
    if (!m_error.isEmpty())
        std::tie(m_words, m_tone, m_icon) = std::tuple(m_error, Tone::Danger, QStringLiteral("error"));
    else if (!m_blocked.isEmpty())
        std::tie(m_words, m_tone, m_icon) = std::tuple(m_blocked, Tone::Secondary, QString());
    else
        std::tie(m_words, m_tone, m_icon) = std::tuple(m_hintText, m_hintIcon == QLatin1String("warning") ? Tone::Warning : Tone::Secondary, m_hintIcon);
    placeHint();
}

/// Beside the controls where two lines are enough, else under them.
void FieldRow::placeHint()
{
    const int column = width() - m_label->width() - m_zone->width();
    const int under = width() - m_label->width();
    const bool hasIcon = !m_icon.isEmpty();
    const auto isTooLong = [&](const QString& text) { return column > 0 && HintLabel::heightFor(text, hasIcon, column) > 2 * QFontMetrics(style::caption()).lineSpacing() + 1; };
    const bool isBrief = !m_error.isEmpty() && !m_briefError.isEmpty() && isTooLong(m_words) && !isTooLong(m_briefError);
    const bool isBelow = !isBrief && isTooLong(m_words);
    m_hint->setHint(isBelow ? QString() : isBrief ? m_briefError : m_words, m_tone, isBelow ? QString() : m_icon);
    m_hint->setToolTip(isBrief ? m_words : QString());
    m_below->setHint(isBelow ? m_words : QString(), m_tone, m_icon);
    m_below->setVisible(isBelow);
    const int needed = isBelow ? HintLabel::heightFor(m_words, hasIcon, under) + style::kSpace1 : 0;
    // Somebody types here: the room stays, so that what stands below does not move under the hand.
    const bool isInUse = under == m_belowWidth && isAncestorOf(QApplication::focusWidget());
    m_belowWidth = under;
    m_belowHeight = isInUse ? std::max(m_belowHeight, needed) : needed;
    layout()->setContentsMargins(0, 0, 0, m_belowHeight);
    m_below->setGeometry(layoutDirection() == Qt::RightToLeft ? 0 : m_label->width(), m_rowHeight - 2, under, m_belowHeight);
    setFixedHeight(m_rowHeight + m_belowHeight);
}

void FieldRow::setHighlighted(bool isHighlighted)
{
    m_isHighlighted = isHighlighted;
    update();
}

void FieldRow::fit()
{
    if (m_controls.isEmpty())
        return;
    const bool isWide = width() >= style::scaled(kWideForm);
    const int label = style::scaled(isWide ? style::kLabelWidth : kNarrowLabel);
    int fixed = 0, wanted = 0;
    for (const auto& control : m_controls)
        (control.width > 0 ? wanted : fixed) += control.width > 0 ? style::scaled(control.width) : control.widget->sizeHint().width();
    // What has one width only, as segments, is not cut: the hint gives way.
    const int least = fixed > 0 && wanted == 0 ? fixed + style::scaled(kTail) : 160;
    const int zone = isWide ? std::max(wanted == 0 ? least : 0, style::scaled(kWideZone)) : std::max(least, width() - label - style::scaled(kNarrowHint));
    m_label->setFixedWidth(label);
    // A long name goes into two small lines rather than under the field.
    const bool isLong = QFontMetrics(style::body()).horizontalAdvance(labelText()) > label - style::kSpace1;
    m_label->setFont(isLong ? style::caption() : style::body());
    m_label->setWordWrap(isLong);
    m_zone->setFixedWidth(zone);
    const int room = zone - style::scaled(kTail) - fixed - static_cast<int>(m_controls.size() - 1) * style::kSpace1;
    for (const auto& control : m_controls)
        if (control.width > 0)
            control.widget->setFixedWidth(std::max(20, wanted <= room ? style::scaled(control.width) : style::scaled(control.width) * room / wanted));
    placeHint();
}

void FieldRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

void FieldRow::paintEvent(QPaintEvent*)
{
    if (!m_isHighlighted)
        return;
    QPainter painter(this);
    const int width = m_label->fontMetrics().horizontalAdvance(labelText()) + 8;
    style::drawBox(&painter, QRect(-4, m_rowHeight / 2 - 10, width, 20).intersected(rect()), style::tokens().match, QColor(), style::kSmallRadius);
}

}
