// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basics.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QEvent>
#include <QLineEdit>
#include <QPainter>

namespace attune::widgets {

using style::tokens;

Label::Label(const QString& text, QWidget* parent)
    : QLabel(text, parent)
{
    setTextFormat(Qt::PlainText);
    setFont(style::body());
}

void Label::setTone(Tone tone)
{
    m_tone = tone;
    recolour();
}

void Label::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::StyleChange)
        recolour();
}

/// QLabel takes the side from the letters: a Latin name would stand at the left of a page that is mirrored. Only texts of rows
/// and answers bring their side along ("ownSide").
bool Label::event(QEvent* event)
{
    if (event->type() == QEvent::Polish && !property("ownSide").toBool() && layoutDirection() == Qt::RightToLeft && (alignment() & (Qt::AlignHorizontal_Mask | Qt::AlignAbsolute)) == Qt::AlignLeft)
        setAlignment((alignment() & Qt::AlignVertical_Mask) | Qt::AlignRight | Qt::AlignAbsolute);
    return QLabel::event(event);
}

void Label::recolour()
{
    const auto& t = tokens();
    const QColor colour = m_tone == Tone::Secondary ? t.text2
        : m_tone == Tone::Success                   ? t.success
        : m_tone == Tone::Warning                   ? t.warning
        : m_tone == Tone::Danger                    ? t.danger
        : m_tone == Tone::Accent                    ? t.accent
                                                    : t.text;
    QPalette p = palette();
    if (p.color(QPalette::WindowText) == colour)
        return;
    p.setColor(QPalette::WindowText, colour);
    p.setColor(QPalette::Text, colour);
    setPalette(p);
}

namespace {

Label* made(const QString& text, const QFont& font, Tone tone)
{
    auto* label = new Label(text);
    label->setFont(font);
    label->setTone(tone);
    return label;
}

}

Label* bodyLabel(const QString& text, Tone tone) { return made(text, style::body(), tone); }
Label* headingLabel(const QString& text) { return made(text, style::body(style::Weight::SemiBold), Tone::Text); }
Label* captionLabel(const QString& text) { return made(text, style::caption(), Tone::Secondary); }
Label* titleLabel(const QString& text) { return made(text, style::title(), Tone::Text); }
Label* monoLabel(const QString& text, Tone tone) { return made(text, style::mono(), tone); }

Label* wrappedLabel(const QString& text, Tone tone)
{
    auto* label = made(text, style::body(), tone);
    label->setWordWrap(true);
    return label;
}

CaptionLabel::CaptionLabel(const QString& text, QWidget* parent)
    : Label(text, parent)
{
    setFont(style::caption());
    setTone(Tone::Secondary);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
}

QSize CaptionLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(text()) + 1, fontMetrics().lineSpacing()};
}

/// The least width at which two lines hold all words; the line that it stands in is high enough for them.
QSize CaptionLabel::minimumSizeHint() const
{
    constexpr int kStep = 8;
    const QSize whole = sizeHint();
    int width = whole.width() / 2;
    while (width < whole.width()) {
        const QRect words = fontMetrics().boundingRect(QRect(0, 0, width, 10000), Qt::TextWordWrap, text());
        if (words.height() <= 2 * whole.height() && words.width() <= width)
            break;
        width += kStep;
    }
    return {std::min(width, whole.width()), whole.height()};
}

void CaptionLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::WindowText));
    style::drawCaption(&painter, rect(), text(), layoutDirection());
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent)
    : Label(text, parent)
{
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {24, Label::minimumSizeHint().height()};
}

void ElidedLabel::setText(const QString& text)
{
    Label::setText(text);
    update();
}

void ElidedLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::WindowText));
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width());
    if (shown != text())
        setToolTip(text());
    else if (!toolTip().isEmpty())
        setToolTip({});
    // A letter or two and three dots say less than nothing.
    if (shown == text() || shown.size() > 4)
        painter.drawText(rect(), style::textFlags(shown, layoutDirection(), alignment() & Qt::AlignHorizontal_Mask), shown);
}

QPushButton* button(const QString& text, ButtonRole role, const QString& iconName)
{
    auto* made = new QPushButton(text);
    const char* name = role == ButtonRole::Primary ? "primary" : role == ButtonRole::Danger ? "danger" : role == ButtonRole::Ghost ? "ghost" : "";
    made->setProperty("role", QLatin1String(name));
    made->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    if (!iconName.isEmpty())
        made->setIcon(role == ButtonRole::Primary ? style::icon(iconName, style::IconColour::OnAccent)
                : role == ButtonRole::Danger      ? style::icon(iconName, style::IconColour::Danger)
                                                  : style::icon(iconName));
    return made;
}

QPushButton* smallButton(const QString& text, ButtonRole role)
{
    auto* made = button(text, role);
    made->setProperty("size", QStringLiteral("small"));
    made->setFont(style::caption());
    return made;
}

QToolButton* iconButton(const QString& iconName, const QString& name)
{
    auto* made = new QToolButton;
    made->setIcon(style::icon(iconName));
    made->setToolTip(name);
    made->setAccessibleName(name);
    made->setProperty("role", QStringLiteral("ghost"));
    made->setAutoRaise(true);
    return made;
}

void fitToPlaceholder(QLineEdit* edit, int width)
{
    constexpr int kIcons = 56;  // search at one end, clear at the other
    edit->setFixedWidth(std::max(width, edit->fontMetrics().horizontalAdvance(edit->placeholderText()) + kIcons));
}

QVBoxLayout* column(int spacing, int margin)
{
    auto* layout = new QVBoxLayout;
    layout->setSpacing(spacing);
    layout->setContentsMargins(margin, margin, margin, margin);
    return layout;
}

QHBoxLayout* row(int spacing, int margin)
{
    auto* layout = new QHBoxLayout;
    layout->setSpacing(spacing);
    layout->setContentsMargins(margin, margin, margin, margin);
    return layout;
}

Hairline::Hairline(Qt::Orientation orientation, QWidget* parent)
    : QWidget(parent)
    , m_orientation(orientation)
{
    if (orientation == Qt::Horizontal)
        setFixedHeight(1);
    else
        setFixedWidth(1);
}

void Hairline::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), tokens().border);
}

PlaneWidget::PlaneWidget(Plane plane, QWidget* parent)
    : QWidget(parent)
    , m_plane(plane)
{
}

void PlaneWidget::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QPainter(this).fillRect(rect(), m_plane == Plane::Window ? t.window : m_plane == Plane::Raised ? t.raised : t.surface);
}

}
