// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/text.h"
#include "pages/export/result_card.h"
#include "plots/series.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>

namespace attune::pages {

/// The strip at the top: a status in colour and words.
class ResultCard::Head final : public QWidget
{
public:
    Head() { setFixedHeight(style::scaled(44)); }
    QString icon, title, note;
    int kind = 0;  ///< 0 plain, 1 success, 2 danger

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        painter.fillRect(rect(), kind == 1 ? t.successWeak : kind == 2 ? t.dangerWeak : t.raised);
        style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), t.border);
        const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
        const auto start = QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft) | Qt::AlignVCenter;
        const auto end = QStyle::visualAlignment(layoutDirection(), Qt::AlignRight) | Qt::AlignVCenter;
        painter.drawPixmap(visual(QRect(14, height() / 2 - 8, 16, 16)).topLeft(), style::iconPixmap(icon, 16, kind == 1 ? t.success : kind == 2 ? t.danger : t.text2, devicePixelRatioF()));
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        const int w = painter.fontMetrics().horizontalAdvance(note);
        painter.drawText(visual(QRect(width() - w - 16, 0, w + 2, height())), static_cast<int>(end), note);
        painter.setFont(style::body(style::Weight::SemiBold));
        painter.setPen(t.text);
        painter.drawText(visual(QRect(38, 0, width() - w - 60, height())), static_cast<int>(start), painter.fontMetrics().elidedText(title, Qt::ElideRight, width() - w - 60));
    }
};

/// A measure against its limit: label, value, words, and a bar with a mark.
class ResultCard::Measure final : public QWidget
{
public:
    Measure(const QString& name, const QString& value, const QString& limit, double share, double mark, bool isGood)
        : m_name(name), m_value(value), m_limit(limit), m_share(share), m_mark(mark), m_isGood(isGood)
    {
        setFixedHeight(style::scaled(50));
        setAccessibleName(QStringLiteral("%1 %2 %3").arg(name, value, limit));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
        const auto start = static_cast<int>(QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft) | Qt::AlignVCenter);
        style::drawHairline(&painter, {0, 0}, {width(), 0}, t.border);
        painter.setFont(style::body());
        painter.setPen(t.text);
        painter.drawText(visual(QRect(0, 8, width(), 20)), start, m_name);
        painter.setFont(style::caption());
        const int limit = painter.fontMetrics().horizontalAdvance(m_limit) + 1;
        painter.setPen(t.text2);
        painter.drawText(visual(QRect(width() - limit, 8, limit, 20)), start, m_limit);
        painter.setFont(style::mono(style::Weight::SemiBold));
        painter.setPen(m_isGood ? t.text : t.danger);
        const int value = painter.fontMetrics().horizontalAdvance(m_value) + 6;
        painter.drawText(visual(QRect(width() - limit - value, 8, value, 20)), start, m_value);
        const QRect groove(0, 34, width(), 6);
        style::drawBox(&painter, groove, t.hover, QColor(), 3);
        style::drawBox(&painter, visual(QRect(0, 34, std::max(3, static_cast<int>(width() * std::clamp(m_share, 0.0, 1.0))), 6)), m_isGood ? t.success : t.danger, QColor(), 3);
        painter.fillRect(visual(QRect(static_cast<int>((width() - 2) * m_mark), 31, 2, 12)), t.text);
    }

private:
    QString m_name, m_value, m_limit;
    double m_share, m_mark;
    bool m_isGood;
};

/// How far apart the answers are, by position: most are near 0.
class ResultCard::Histogram final : public QWidget
{
public:
    Histogram(QList<qint64> counts, double end)
        : m_counts(std::move(counts)), m_end(end)
    {
        setFixedHeight(style::scaled(78));
        setAccessibleName(ResultCard::tr("Divergence by position"));
        setAccessibleDescription(ResultCard::tr("%1 of %2 positions are in the lowest of %3 parts").arg(m_counts.value(0)).arg(std::accumulate(m_counts.begin(), m_counts.end(), qint64(0))).arg(m_counts.size()));
        setLayoutDirection(Qt::LeftToRight);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        const int floor = height() - 20;
        qint64 most = 1;
        for (const auto count : m_counts)
            most = std::max(most, count);
        const double w = static_cast<double>(width()) / static_cast<double>(m_counts.size());
        for (qsizetype i = 0; i < m_counts.size(); ++i) {
            const int h = m_counts[i] > 0 ? std::max(1, static_cast<int>(static_cast<double>(m_counts[i]) / static_cast<double>(most) * floor)) : 0;
            painter.fillRect(QRectF(static_cast<double>(i) * w, floor - h, std::max(1.0, w - 1), h), t.histogram);
        }
        painter.fillRect(QRect(0, floor, width(), 1), t.borderStrong);
        painter.setFont(style::monoCaption());
        painter.setPen(t.text2);
        for (int i = 0; i <= 4; ++i) {
            const QString text = i == 0 ? QStringLiteral("0") : bridge::significant(m_end * i / 4, 3);
            const QRect box(i == 4 ? width() - 60 : i == 0 ? 0 : width() * i / 4 - 30, floor + 3, 60, 16);
            painter.drawText(box, (i == 0 ? Qt::AlignLeft : i == 4 ? Qt::AlignRight : Qt::AlignHCenter) | Qt::AlignVCenter, text);
        }
    }

private:
    QList<qint64> m_counts;
    double m_end;
};

/// A counted bar and what is being done.
class ResultCard::ProgressLine final : public QWidget
{
public:
    ProgressLine() { setFixedHeight(style::scaled(40)); }
    QString what;
    double share = -1;

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        painter.setFont(style::body());
        painter.setPen(t.text);
        painter.drawText(QRect(0, 0, width(), 22), static_cast<int>(QStyle::visualAlignment(layoutDirection(), Qt::AlignLeft)) | Qt::AlignVCenter, painter.fontMetrics().elidedText(what, Qt::ElideRight, width()));
        style::drawBox(&painter, QRect(0, 28, width(), 6), t.hover, QColor(), 3);
        if (share > 0)
            style::drawBox(&painter, QStyle::visualRect(layoutDirection(), rect(), QRect(0, 28, std::max(4, static_cast<int>(width() * std::min(1.0, share))), 6)), t.accent, QColor(), 3);
    }
};

}
