// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/theme.h"

#include "style/attune_style.h"
#include "style/tokens.h"

#include <QApplication>
#include <QPalette>
#include <QToolTip>
#include <QWidget>

namespace attune::style {
namespace {

Theme g_theme = Theme::System;  // UI thread only

bool systemIsDark()
{
    static const bool isDark = [] {
        const QPalette palette = QApplication::palette();
        return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
    }();
    return isDark;
}

QPalette paletteOf(const Tokens& t)
{
    QPalette p;
    const auto set = [&p](QPalette::ColorRole role, const QColor& colour) { p.setColor(role, colour); };
    set(QPalette::Window, t.window);
    set(QPalette::Base, t.isDark ? t.window : t.surface);
    set(QPalette::AlternateBase, t.isDark ? t.window : t.surface);
    set(QPalette::Button, t.raised);
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText, QPalette::HighlightedText, QPalette::BrightText, QPalette::ToolTipText})
        set(role, t.text);
    set(QPalette::PlaceholderText, t.text2);
    set(QPalette::Highlight, t.selection);
    set(QPalette::Link, t.accent);
    set(QPalette::LinkVisited, t.accent);
    set(QPalette::ToolTipBase, t.raised);
    for (const auto role : {QPalette::Light, QPalette::Midlight, QPalette::Mid, QPalette::Dark, QPalette::Shadow})
        set(role, t.border);
    p.setColor(QPalette::Inactive, QPalette::Highlight, t.accentWeak);
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.textDisabled);
    return p;
}

/// Painters ask for the colours of the moment: all they need is to paint once more.
void repaintAll(QStyle* style)
{
    for (auto* widget : QApplication::allWidgets()) {
        style->polish(widget);
        QEvent event(QEvent::StyleChange);
        QApplication::sendEvent(widget, &event);
        widget->update();
    }
}

}

void applyTheme(Theme theme)
{
    const bool dark = theme == Theme::Dark || (theme == Theme::System && systemIsDark());
    g_theme = theme;
    setTokens(dark ? darkTokens() : lightTokens());
    static AttuneStyle* style = nullptr;
    const bool isFirst = !style;
    if (isFirst) {
        style = new AttuneStyle;
        QApplication::setStyle(style);  // takes ownership
    }
    const QPalette palette = paletteOf(tokens());
    QApplication::setPalette(palette);
    QToolTip::setPalette(palette);
    if (!isFirst)
        repaintAll(style);
}

Theme theme()
{
    return g_theme;
}

Theme themeFromName(const QString& name)
{
    return name == QLatin1String("dark") ? Theme::Dark : name == QLatin1String("light") ? Theme::Light : Theme::System;
}

QString themeName(Theme theme)
{
    return theme == Theme::Dark ? QStringLiteral("dark") : theme == Theme::Light ? QStringLiteral("light") : QStringLiteral("system");
}

}
