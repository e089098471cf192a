// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/theme.h"

#include "style/attune_style.h"
#include "style/tokens.h"

#include <QApplication>
#include <QPalette>
#include <QStyleFactory>
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

/// Style sheet only for what has no logic; buttons and fields are painted by AttuneStyle.
QString styleSheetOf(const Tokens& t)
{
    QString sheet = QStringLiteral(
        "QToolTip { background: @raised@; color: @text@; border: 1px solid @borderStrong@; padding: 4px 6px; }"
        "QMenuBar { background: @window@; color: @text@; border-bottom: 1px solid @border@; padding: 0 7px; }"
        "QMenuBar::item { padding: 6px 8px; background: transparent; border-radius: 4px; }"
        "QMenuBar::item:selected { background: @hover@; }"
        "QMenu { background: @raised@; border: 1px solid @borderStrong@; padding: 4px 0; }"
        "QMenu::item { padding: 5px 28px 5px 12px; }"
        "QMenu::item:selected { background: @selection@; color: @text@; }"
        "QMenu::item:disabled { color: @textDisabled@; }"
        "QMenu::separator { height: 1px; background: @border@; margin: 4px 0; }"
        "QMenu::icon { padding-left: 8px; }"
        "QStatusBar::item { border: none; }");
    const QList<QPair<const char*, QColor>> names {{"@raised@", t.raised}, {"@text@", t.text}, {"@borderStrong@", t.borderStrong},
        {"@window@", t.window}, {"@border@", t.border}, {"@hover@", t.hover}, {"@selection@", t.selection}, {"@textDisabled@", t.textDisabled}};
    for (const auto& [name, colour] : names)
        sheet.replace(QLatin1String(name), colour.name());
    return sheet;
}

}

void applyTheme(Theme theme)
{
    const bool dark = theme == Theme::Dark || (theme == Theme::System && systemIsDark());
    g_theme = theme;
    setTokens(dark ? darkTokens() : lightTokens());
    static AttuneStyle* style = nullptr;
    if (!style) {
        style = new AttuneStyle;
        QApplication::setStyle(style);  // takes ownership
    }
    QApplication::setPalette(paletteOf(tokens()));
    qApp->setStyleSheet(styleSheetOf(tokens()));
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
