// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/status_bar.h"

#include "base/file.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QFile>
#include <QPainter>
#include <QStyle>

namespace attune::shell {

using style::tokens;

namespace {

/// Paints parts one after another and keeps the pen's place; mirrored where the window is.
struct Line {
    QPainter& painter;
    int x, height;
    QRect area;
    Qt::LayoutDirection direction;

    QRect place(const QRect& rect) const { return QStyle::visualRect(direction, area, rect); }
    void icon(const char* name, int size = 16)
    {
        painter.drawPixmap(place(QRect(x, (height - size) / 2, size, size)).topLeft(), style::iconPixmap(QLatin1String(name), size, tokens().text2, painter.device()->devicePixelRatioF()));
        x += size + 6;
    }
    void text(const QString& text, bool isValue)
    {
        painter.setFont(isValue ? style::monoCaption() : style::caption());
        painter.setPen(isValue ? tokens().text : tokens().text2);
        const int w = painter.fontMetrics().horizontalAdvance(text);
        painter.drawText(place(QRect(x, 0, w + 2, height)), style::textFlags(text, direction, Qt::AlignHCenter), text);
        x += w + 7;
    }
    void divider()
    {
        x += 6;
        painter.fillRect(place(QRect(x, 7, 1, height - 14)), tokens().border);
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

/// Opening the GPU's driver may take a tenth of a second: the meter is made where it measures.
struct StatusBar::Meter {
    std::optional<pipeline::LoadMeter> load;
    QString processor;
};

StatusBar::StatusBar(Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_meter(std::make_shared<Meter>())
{
    setFixedHeight(style::statusHeight());
    m_timer.setInterval(2000);
    connect(&m_timer, &QTimer::timeout, this, &StatusBar::measure);
}

void StatusBar::setRun(const QString& name, double share, const QString& rest)
{
    m_run = name;
    m_share = share;
    m_rest = rest;
    setAccessibleName(name.isEmpty() ? tr("Nothing running") : tr("%1, %2 %").arg(name).arg(qRound(share * 100)));
    update();
}

/// On a pool thread: a GPU's driver may take milliseconds, /proc never does.
void StatusBar::measure()
{
    if (std::exchange(m_isMeasuring, true))
        return;
    bridge::compute<Measured>(this, [meter = m_meter, path = m_context.workspace.stdPath()] {
        if (!meter->load) {
            meter->load.emplace();
            meter->processor = processorName();
        }
        return Measured {meter->processor, meter->load->sample(), static_cast<double>(freeDiskBytes(path)) / (1024.0 * 1024 * 1024)};
    }, [this](Measured measured) {
        m_isMeasuring = false;
        m_measured = std::move(measured);
        update();
    });
}

void StatusBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().window);
    style::drawHairline(&painter, {0, 0}, {width(), 0}, tokens().border);
    if (m_measured) {
        paintMachine(painter);
        paintDisk(painter);
    }
    paintRun(painter);
    if (!m_timer.isActive()) {
        m_timer.start();
        QTimer::singleShot(0, this, &StatusBar::measure);  // after the first picture of the window
    }
}

void StatusBar::paintMachine(QPainter& painter)
{
    Line left {painter, 12, height(), rect(), layoutDirection()};
    left.icon("gpu");
    const auto& load = m_measured->load;
    const auto& gpu = load.gpu;
    const double used = static_cast<double>(gpu ? gpu->usedBytes : load.ramUsedBytes), total = static_cast<double>(gpu ? gpu->totalBytes : load.ramTotalBytes);
    const QString& processor = m_measured->processor;
    left.text(gpu ? bridge::toQString(gpu->name).remove(QStringLiteral("NVIDIA ")).remove(QStringLiteral("GeForce ")) : processor.isEmpty() ? tr("Processor") : processor, false);
    left.text(QStringLiteral("%1 %").arg(qRound(gpu ? gpu->percent : load.cpuPercent), 3), true);
    left.divider();
    left.text(bridge::gib(used), true);
    left.text(tr("of %1 GiB").arg(bridge::gib(total)), false);
    if (!gpu)
        return;
    left.divider();
    left.text(tr("%1 °C").arg(qRound(gpu->celsius)), true);
    left.divider();
    left.text(tr("%1 W").arg(qRound(gpu->watts)), true);
}

void StatusBar::paintDisk(QPainter& painter)
{
    const QString disk = QString::number(qRound(m_measured->freeDiskGib));
    const int diskWidth = QFontMetrics(style::monoCaption()).horizontalAdvance(disk) + QFontMetrics(style::caption()).horizontalAdvance(tr("GiB free")) + 48;
    Line right {painter, width() - diskWidth, height(), rect(), layoutDirection()};
    right.icon("disk");
    right.text(disk, true);
    right.text(tr("GiB free"), false);
}

void StatusBar::paintRun(QPainter& painter)
{
    const auto& t = tokens();
    if (m_run.isEmpty()) {
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(rect(), style::textFlags(tr("Nothing running"), layoutDirection(), Qt::AlignHCenter), tr("Nothing running"));
        return;
    }
    Line middle {painter, width() / 2 - 170, height(), rect(), layoutDirection()};
    middle.icon("train");
    middle.text(m_run, true);
    style::drawBox(&painter, middle.place(QRect(middle.x, height() / 2 - 3, 120, 6)), t.hover, QColor(), 3);
    style::drawBox(&painter, middle.place(QRect(middle.x, height() / 2 - 3, std::max(4, static_cast<int>(120 * m_share)), 6)), t.accent, QColor(), 3);
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
