// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/icons.h"

#include "style/tokens.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <optional>

namespace attune::style {
namespace {

QColor colourOf(IconColour colour)
{
    const Tokens& t = tokens();
    switch (colour) {
    case IconColour::Text2: return t.text2;
    case IconColour::Text: return t.text;
    case IconColour::Accent: return t.accent;
    case IconColour::OnAccent: return t.onAccent;
    case IconColour::Success: return t.success;
    case IconColour::Warning: return t.warning;
    case IconColour::Danger: return t.danger;
    case IconColour::Info: return t.info;
    }
    return t.text2;
}

/// Renders the SVG with currentColor replaced, at paint time, so that themes switch live.
class TokenIconEngine final : public QIconEngine
{
public:
    TokenIconEngine(QString name, std::optional<IconColour> colour) : m_name(std::move(name)), m_colour(colour) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        const int size = std::min(rect.width(), rect.height());
        const QPixmap pixmap = iconPixmap(m_name, size, colourFor(mode), painter->device()->devicePixelRatioF());
        painter->drawPixmap(rect.x() + (rect.width() - size) / 2, rect.y() + (rect.height() - size) / 2, pixmap);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return iconPixmap(m_name, std::min(size.width(), size.height()), colourFor(mode), 1.0);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override
    {
        QPixmap result = iconPixmap(m_name, static_cast<int>(std::min(size.width(), size.height()) / scale + 0.5), colourFor(mode), scale);
        return result;
    }
    QIconEngine* clone() const override { return new TokenIconEngine(*this); }

private:
    QColor colourFor(QIcon::Mode mode) const
    {
        if (mode == QIcon::Disabled)
            return tokens().textDisabled;
        if (m_colour)
            return colourOf(*m_colour);
        return mode == QIcon::Selected ? tokens().accent : mode == QIcon::Active ? tokens().text : tokens().text2;
    }

    QString m_name;
    std::optional<IconColour> m_colour;
};

}

namespace {

/// What points along the line of reading points the other way where one reads from the right.
bool isMirrored(const QString& name)
{
    static const QStringList kPointing {QStringLiteral("left"), QStringLiteral("right"), QStringLiteral("undo"), QStringLiteral("send"), QStringLiteral("external"), QStringLiteral("sidebar")};
    return QGuiApplication::isRightToLeft() && kPointing.contains(name);
}

}

QIcon icon(const QString& name)
{
    return QIcon(new TokenIconEngine(name, std::nullopt));
}

QIcon icon(const QString& name, IconColour colour)
{
    return QIcon(new TokenIconEngine(name, colour));
}

QPixmap iconPixmap(const QString& name, int size, const QColor& colour, qreal devicePixelRatio)
{
    const bool mirrors = isMirrored(name);
    const QString key = QStringLiteral("attune-icon/%1/%2/%3/%4/%5").arg(name).arg(size).arg(colour.rgba()).arg(devicePixelRatio).arg(mirrors);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    const int pixels = std::max(1, qRound(size * devicePixelRatio));
    pixmap = QPixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (file.open(QIODevice::ReadOnly)) {
        QByteArray svg = file.readAll();
        svg.replace("currentColor", colour.name().toLatin1());
        if (size >= 20)
            svg.replace("stroke-width=\"1.5\"", size >= 24 ? "stroke-width=\"1.0\"" : "stroke-width=\"1.25\"");
        QSvgRenderer renderer(svg);
        QPainter painter(&pixmap);
        if (mirrors) {
            painter.translate(pixels, 0);
            painter.scale(-1, 1);
        }
        renderer.render(&painter, QRectF(0, 0, pixels, pixels));
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

}
