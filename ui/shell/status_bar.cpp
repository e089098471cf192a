// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/status_bar.h"

#include "base/file.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QFile>
#include <QLocale>
#include <QPainter>

namespace attune::shell {

using style::tokens;

namespace {

/// Paints parts one after another and keeps the pen's place.
struct Line {
    QPainter& painter;
    int x, height;

    void icon(const char* name, int size = 16)
    {
        painter.drawPixmap(x, (height - size) / 2, style::iconPixmap(QLatin1String(name), size, tokens().text2, painter.device()->devicePixelRatioF()));
        x += size + 6;
    }
    void text(const QString& text, bool isValue)
    {
        painter.setFont(isValue ? style::monoCaption() : style::caption());
        painter.setPen(isValue ? tokens().text : tokens().text2);
        const int w = painter.fontMetrics().horizontalAdvance(text);
        painter.drawText(QRect(x, 0, w + 2, height), Qt::AlignVCenter | Qt::AlignLeft, text);
        x += w + 7;
    }
    void divider()
    {
        x += 6;
        painter.fillRect(QRect(x, 7, 1, height - 14), tokens().border);
        x += 13;
    }
};

QString processorName()
{
    QFile file(QStringLiteral("/proc/cpuinfo"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(file.read(4096));
    for (const auto& line : text.split(QLatin1Char('\n')))
        if (line.startsWith(QLatin1String("model name")))
            return line.section(QLatin1Char(':'), 1).trimmed().section(QLatin1Char('@'), 0, 0).remove(QStringLiteral("(R)")).remove(QStringLiteral("(TM)")).trimmed();
    return {};
}

}

StatusBar::StatusBar(Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_processor(processorName())
{
    setFixedHeight(style::statusHeight());
    m_timer.setInterval(2000);
    connect(&m_timer, &QTimer::timeout, this, &StatusBar::measure);
    m_timer.start();
    measure();
}

void StatusBar::setRun(const QString& name, double share, const QString& rest)
{
    m_run = name;
    m_share = share;
    m_rest = rest;
    setAccessibleName(name.isEmpty() ? tr("Nothing running") : tr("%1, %2 %").arg(name).arg(qRound(share * 100)));
    update();
}

void StatusBar::measure()
{
    QFile stat(QStringLiteral("/proc/stat"));
    if (stat.open(QIODevice::ReadOnly)) {
        const auto parts = QString::fromUtf8(stat.readLine()).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        quint64 all = 0, idle = 0;
        for (qsizetype i = 1; i < parts.size() && i < 9; ++i) {
            all += parts[i].toULongLong();
            if (i == 4 || i == 5)
                idle += parts[i].toULongLong();
        }
        const quint64 busy = all - idle;
        if (m_all && all > m_all)
            m_load = 100.0 * static_cast<double>(busy - m_busy) / static_cast<double>(all - m_all);
        m_all = all, m_busy = busy;
    }
    QFile memory(QStringLiteral("/proc/meminfo"));
    if (memory.open(QIODevice::ReadOnly)) {
        double total = 0, available = 0;
        for (const auto& line : QString::fromUtf8(memory.readAll()).split(QLatin1Char('\n'))) {
            if (line.startsWith(QLatin1String("MemTotal:")))
                total = line.section(QLatin1Char(' '), -2, -2).toDouble();
            if (line.startsWith(QLatin1String("MemAvailable:")))
                available = line.section(QLatin1Char(' '), -2, -2).toDouble();
        }
        m_totalGib = total / (1024 * 1024);
        m_usedGib = (total - available) / (1024 * 1024);
    }
    m_freeDiskGib = static_cast<double>(freeDiskBytes(m_context.workspace.stdPath())) / (1024.0 * 1024 * 1024);
    update();
}

void StatusBar::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.window);
    style::drawHairline(&painter, {0, 0}, {width(), 0}, t.border);
    const QLocale locale;
    Line left {painter, 12, height()};
    left.icon("gpu");
    left.text(m_processor.isEmpty() ? tr("Processor") : m_processor, false);
    left.text(QStringLiteral("%1 %").arg(qRound(m_load), 3), true);
    left.divider();
    left.text(locale.toString(m_usedGib, 'f', 1), true);
    left.text(tr("of %1 GiB").arg(locale.toString(m_totalGib, 'f', 1)), false);

    const QString disk = QString::number(qRound(m_freeDiskGib));
    const int diskWidth = QFontMetrics(style::monoCaption()).horizontalAdvance(disk) + QFontMetrics(style::caption()).horizontalAdvance(tr("GiB free")) + 48;
    Line right {painter, width() - diskWidth, height()};
    right.icon("disk");
    right.text(disk, true);
    right.text(tr("GiB free"), false);

    if (m_run.isEmpty()) {
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(rect(), Qt::AlignCenter, tr("Nothing running"));
        return;
    }
    Line middle {painter, width() / 2 - 170, height()};
    middle.icon("train");
    middle.text(m_run, true);
    style::drawBox(&painter, QRect(middle.x, height() / 2 - 3, 120, 6), t.hover, QColor(), 3);
    style::drawBox(&painter, QRect(middle.x, height() / 2 - 3, std::max(4, static_cast<int>(120 * m_share)), 6), t.accent, QColor(), 3);
    middle.x += 128;
    middle.text(QStringLiteral("%1 %").arg(static_cast<int>(m_share * 100)), true);
    middle.text(m_rest, false);
}

void StatusBar::mousePressEvent(QMouseEvent*)
{
    if (!m_run.isEmpty())
        m_context.navigator.open(PageId::Runs, m_run);
}

}
