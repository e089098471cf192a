// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/curve_panel.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <qcustomplot.h>

#include <QBoxLayout>
#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QSvgGenerator>

#include <cmath>

namespace attune::plots {

using style::tokens;

namespace {

/// Few ticks, written as people read them.
class Ticker final : public QCPAxisTicker
{
public:
    Ticker() { setTickCount(5); }

protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return tickText(tick, m_step); }
    double getTickStep(const QCPRange& range) override { return m_step = QCPAxisTicker::getTickStep(range); }

private:
    double m_step = 0;
};

constexpr int kHeader = 32;

}

/// Crosshair and read-out above the plot; lets the mouse through.
class CurvePanel::Overlay final : public QWidget
{
public:
    Overlay(CurvePanel* panel, QWidget* parent)
        : QWidget(parent)
        , m_panel(panel)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        m_panel->paintOverlay(painter);
    }

private:
    CurvePanel* m_panel;
};

CurvePanel::CurvePanel(const QString& title, const QString& definition, QWidget* parent)
    : QWidget(parent)
    , m_title(title)
    , m_definition(definition)
    , m_axisName(tr("step"))
    , m_plot(new QCustomPlot(this))
{
    setAccessibleName(title);
    setFocusPolicy(Qt::ClickFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, kHeader, 6, 4);
    layout->addWidget(m_plot);
    m_overlay = new Overlay(this, m_plot);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    m_plot->setAntialiasedElements(QCP::aeNone);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
    m_plot->axisRect()->setMargins(QMargins(0, 4, 8, 0));
    m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new Ticker));
    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new Ticker));
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &CurvePanel::rebuild);
    connect(m_plot->xAxis, QOverload<const QCPRange&>::of(&QCPAxis::rangeChanged), this, [this] { m_overlay->update(); });
    connect(m_plot, &QCustomPlot::mouseWheel, this, [this] { m_isZoomed = true; schedule(); });
    // Dragged, not just clicked: a live chart goes on following its run.
    connect(m_plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { m_isZoomed = m_isZoomed || event->buttons().testFlag(Qt::LeftButton); });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &CurvePanel::resetZoom);
    applyTheme();
}

CurvePanel::~CurvePanel() = default;

void CurvePanel::setCurves(const QList<Curve>& curves)
{
    m_curves = curves;
    schedule();
}

void CurvePanel::setSmoothing(double weight) { m_weight = weight; schedule(); }
void CurvePanel::setRawVisible(bool isVisible) { m_rawVisible = isVisible; schedule(); }
void CurvePanel::setAxisName(const QString& name) { m_axisName = name; schedule(); }
void CurvePanel::setFilled(bool isFilled) { m_filled = isFilled; schedule(); }
void CurvePanel::setYFromZero(bool isFromZero) { m_fromZero = isFromZero; schedule(); }
void CurvePanel::setLegendVisible(bool isVisible) { m_legend = isVisible; update(); }
void CurvePanel::setLatest(const QString& text) { m_latest = text; update(); }
void CurvePanel::setDefinition(const QString& text) { m_definition = text; update(); }
void CurvePanel::setEmptyText(const QString& text) { m_empty = text; m_overlay->update(); }

void CurvePanel::setLogarithmic(bool isLogarithmic)
{
    m_logarithmic = isLogarithmic;
    m_plot->yAxis->setScaleType(isLogarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (isLogarithmic)
        m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog));
    else
        m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new Ticker));
    schedule();
}

void CurvePanel::setThreshold(std::optional<double> y, const QString& words)
{
    m_threshold = y;
    m_thresholdWords = words;
    m_overlay->update();
}

void CurvePanel::setBest(std::optional<double> x, const QString& words)
{
    m_best = x;
    m_bestWords = words;
    m_overlay->update();
}

void CurvePanel::resetZoom()
{
    m_isZoomed = false;
    rebuild();
}

void CurvePanel::setCrosshair(std::optional<double> x)
{
    if (m_cross == x)
        return;
    m_cross = x;
    m_overlay->update();
}

void CurvePanel::schedule()
{
    if (m_timer.isActive())
        return;
    const qint64 since = m_last.isValid() ? m_last.elapsed() : 1000;
    m_timer.start(since >= 500 ? 0 : static_cast<int>(500 - since));
}

void CurvePanel::fitRange()
{
    if (m_isZoomed)
        return;
    double x0 = 0, x1 = 1;
    QVector<double> ys;
    for (const auto& curve : m_curves) {
        if (curve.points.size() > 0)
            x1 = std::max(x1, curve.points.x.last());
        ys += curve.points.y;
    }
    m_plot->xAxis->setRange(x0, x1 > x0 ? x1 + 0.01 * (x1 - x0) : x0 + 1);
    auto [low, high] = robustRange(ys, m_logarithmic);
    if (m_fromZero && !m_logarithmic)
        low = 0, high = std::max(high, m_threshold ? *m_threshold * 1.08 : high);
    m_plot->yAxis->setRange(low, high);
}

void CurvePanel::rebuild()
{
    m_last.restart();
    fitRange();
    m_plot->clearGraphs();
    bool any = false;
    for (const auto& curve : m_curves)
        any = any || curve.points.size() > 0;
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis})
        axis->setVisible(any);
    const auto& t = tokens();
    const auto range = m_plot->xAxis->range();
    const int buckets = std::max(50, m_plot->axisRect()->width() / 2);
    for (const auto& curve : m_curves) {
        const QColor colour = t.run(curve.colour);
        const auto add = [&](const Points& points, const QPen& pen) {
            auto* graph = m_plot->addGraph();
            graph->setPen(pen);
            graph->setData(points.x, points.y, true);
            return graph;
        };
        if (curve.isEval) {
            auto* graph = add(curve.points, QPen(colour, 2, Qt::CustomDashLine));
            QPen pen(colour, 1.6);
            pen.setDashPattern({5, 3});
            graph->setPen(pen);
            graph->setAntialiased(true);
            graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, 1.4), QBrush(t.surface), 5));
            continue;
        }
        const bool smooths = m_weight > 0 && curve.points.size() > 2;
        if (m_rawVisible || !smooths) {
            QColor faint = colour;
            faint.setAlpha(smooths ? 70 : 255);
            auto* graph = add(envelope(curve.points, range.lower, range.upper, buckets), QPen(faint, smooths ? 1 : 1.6));
            graph->setAntialiased(!smooths);
            if (m_filled) {
                QColor ground = colour;
                ground.setAlpha(70);
                graph->setBrush(ground);
            }
        }
        if (smooths) {
            Points line {curve.points.x, smoothed(curve.points.y, m_weight)};
            auto* graph = add(envelope(line, range.lower, range.upper, buckets / 2), QPen(colour, 2));
            graph->setAntialiased(true);
        }
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    m_overlay->update();
}

void CurvePanel::applyTheme()
{
    const auto& t = tokens();
    m_plot->setBackground(t.surface);
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(t.borderStrong, 1));
        axis->setTickPen(QPen(t.borderStrong, 1));
        axis->setSubTicks(false);
        axis->setNumberFormat(QStringLiteral("g"));  // labels are ours: no powers of ten drawn from them
        axis->setTickLength(0, 4);
        axis->setTickLabelFont(style::monoCaption());
        axis->setTickLabelColor(t.text2);
        axis->grid()->setPen(QPen(t.border, 1));
        axis->grid()->setZeroLinePen(QPen(t.border, 1));
    }
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->xAxis->setTickLabelPadding(3);
    m_plot->yAxis->setTickLabelPadding(4);
    rebuild();
}

void CurvePanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::PaletteChange)
        applyTheme();
}

void CurvePanel::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.surface, t.border, style::kPanelRadius);
    painter.setFont(style::body(style::Weight::Medium));
    painter.setPen(t.text);
    painter.drawText(QRect(10, 0, width(), kHeader), Qt::AlignVCenter, m_title);
    int x = 10 + painter.fontMetrics().horizontalAdvance(m_title) + 8;
    int right = width() - 12;
    if (m_legend) {
        painter.setFont(style::body());
        for (auto it = m_curves.crbegin(); it != m_curves.crend(); ++it) {
            const int w = painter.fontMetrics().horizontalAdvance(it->name);
            painter.setPen(t.text);
            painter.drawText(QRect(right - w, 0, w + 2, kHeader), Qt::AlignVCenter, it->name);
            QPen pen(t.run(it->colour), 2);
            if (it->isEval)
                pen.setDashPattern({2.5, 1.5});
            painter.setPen(pen);
            painter.drawLine(right - w - 25, kHeader / 2, right - w - 7, kHeader / 2);
            if (it->isEval) {
                painter.setRenderHint(QPainter::Antialiasing);
                painter.setPen(QPen(t.run(it->colour), 1.4));
                painter.setBrush(t.surface);
                painter.drawEllipse(QPointF(right - w - 16, kHeader / 2.0), 2.6, 2.6);
                painter.setRenderHint(QPainter::Antialiasing, false);
            }
            right -= w + 40;
        }
    } else if (!m_latest.isEmpty()) {
        painter.setFont(style::mono());
        painter.drawText(QRect(0, 0, right, kHeader), Qt::AlignVCenter | Qt::AlignRight, m_latest);
        right -= painter.fontMetrics().horizontalAdvance(m_latest) + 8;
    }
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    painter.drawText(QRect(x, 1, right - x, kHeader), Qt::AlignVCenter, painter.fontMetrics().elidedText(m_definition, Qt::ElideRight, std::max(0, right - x)));
}

void CurvePanel::paintOverlay(QPainter& painter)
{
    const auto& t = tokens();
    const QRect area = m_plot->axisRect()->rect();
    bool any = false;
    for (const auto& curve : m_curves)
        any = any || curve.points.size() > 0;
    if (!any) {
        painter.setFont(style::body());
        painter.setPen(t.text2);
        painter.drawText(area.adjusted(12, 0, -12, 0), Qt::AlignCenter | Qt::TextWordWrap, m_empty);
        return;
    }
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    const int nameWidth = painter.fontMetrics().horizontalAdvance(m_axisName);
    const QRect nameRect(area.right() + 8 - nameWidth, m_plot->height() - 18, nameWidth, 17);
    painter.fillRect(nameRect.adjusted(-6, 0, 0, 0), t.surface);  // in front of a tick that stands there
    painter.drawText(nameRect, Qt::AlignRight | Qt::AlignVCenter, m_axisName);
    if (m_threshold && m_plot->yAxis->range().contains(*m_threshold)) {
        const int y = static_cast<int>(m_plot->yAxis->coordToPixel(*m_threshold));
        QPen pen(t.text2, 1);
        pen.setDashPattern({4, 3});
        painter.setPen(pen);
        painter.drawLine(area.left(), y, area.right(), y);
        painter.setPen(t.text2);
        painter.drawText(QRect(area.left(), y + 1, area.width() - 4, 16), Qt::AlignRight, m_thresholdWords);
    }
    if (m_best && m_plot->xAxis->range().contains(*m_best)) {
        const int x = static_cast<int>(m_plot->xAxis->coordToPixel(*m_best));
        painter.setPen(t.text);
        const int w = painter.fontMetrics().horizontalAdvance(m_bestWords) + 2;
        painter.drawText(QRect(std::clamp(x - w / 2, area.left(), area.right() - w), area.top() + 6, w, 14), Qt::AlignCenter, m_bestWords);
        painter.setPen(QPen(t.text2, 1));
        painter.drawLine(x, area.top() + 22, x, area.top() + 34);
    }
    if (!m_cross || !m_plot->xAxis->range().contains(*m_cross))
        return;
    const int x = static_cast<int>(m_plot->xAxis->coordToPixel(*m_cross));
    painter.setPen(QPen(t.text2, 1));
    painter.drawLine(x, area.top(), x, area.bottom());
    // Read-out: name and value at the nearest point of each curve.
    struct Row { QString name, value; QColor colour; };
    QList<Row> rows;
    double at = *m_cross;
    for (const auto& curve : m_curves) {
        if (curve.points.size() == 0)
            continue;
        const auto it = std::lower_bound(curve.points.x.begin(), curve.points.x.end(), *m_cross);
        auto i = std::min<qsizetype>(it - curve.points.x.begin(), curve.points.size() - 1);
        if (i > 0 && std::abs(curve.points.x[i - 1] - *m_cross) < std::abs(curve.points.x[i] - *m_cross))
            --i;
        if (!curve.isEval)
            at = curve.points.x[i];
        const QString value = std::isfinite(curve.points.y[i]) ? (std::abs(curve.points.y[i]) < 1e-3 ? bridge::scientific(curve.points.y[i]) : QString::number(curve.points.y[i], 'g', 5)) : tr("not a number");
        rows.append({curve.name, value, t.run(curve.colour)});
        if (rows.size() == 8)
            break;
    }
    if (rows.isEmpty() || area.height() < 90)
        return;
    const QFont nameFont = style::caption(), valueFont = style::monoCaption();
    const QFontMetrics nameMetrics(nameFont), valueMetrics(valueFont);
    int longest = 0, valueWidth = 0;
    for (const auto& row : rows) {
        longest = std::max(longest, nameMetrics.horizontalAdvance(row.name));
        valueWidth = std::max(valueWidth, valueMetrics.horizontalAdvance(row.value));
    }
    const QString head = QStringLiteral("%1 %2").arg(m_axisName, bridge::grouped(qRound64(at)));
    const int w = std::max(30 + longest + 16 + valueWidth + 10, nameMetrics.horizontalAdvance(head) + 24), h = 22 + 17 * static_cast<int>(rows.size()) + 4;
    const bool leftSide = x > area.center().x();
    const QRect box(leftSide ? std::max(area.left(), x - w - 10) : std::min(area.right() - w, x + 10), area.top() + 6, w, h);
    style::drawBox(&painter, box, t.raised, t.borderStrong, style::kRadius);
    painter.setFont(nameFont);
    painter.setPen(t.text2);
    painter.drawText(QRect(box.x() + 10, box.y() + 3, w, 18), Qt::AlignVCenter, head);
    int y = box.y() + 21;
    for (const auto& row : rows) {
        painter.fillRect(QRect(box.x() + 10, y + 7, 12, 2), row.colour);
        painter.setFont(nameFont);
        painter.setPen(t.text);
        painter.drawText(QRect(box.x() + 30, y, longest + 4, 17), Qt::AlignVCenter, row.name);
        painter.setFont(valueFont);
        painter.drawText(QRect(box.x(), y, w - 10, 17), Qt::AlignVCenter | Qt::AlignRight, row.value);
        y += 17;
    }
}

bool CurvePanel::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize) {
        m_overlay->setGeometry(m_plot->rect());
        schedule();
    } else if (event->type() == QEvent::MouseMove) {
        const double x = m_plot->xAxis->pixelToCoord(static_cast<QMouseEvent*>(event)->position().x());
        setCrosshair(x);
        emit crosshairMoved(m_cross);
    } else if (event->type() == QEvent::Leave) {
        setCrosshair({});
        emit crosshairMoved({});
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePanel::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_0)
        resetZoom();
    else
        QWidget::keyPressEvent(event);
}

void CurvePanel::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Show everything"), this, &CurvePanel::resetZoom);
    menu.addAction(tr("Logarithmic axis"), this, [this] { setLogarithmic(!m_logarithmic); });
    menu.addSeparator();
    const auto save = [this](const QString& suffix) {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save the chart"), QStringLiteral("%1.%2").arg(m_title, suffix));
        if (!path.isEmpty())
            exportImage(path);
    };
    menu.addAction(tr("Save as PNG…"), this, [save] { save(QStringLiteral("png")); });
    menu.addAction(tr("Save as SVG…"), this, [save] { save(QStringLiteral("svg")); });
    menu.addAction(tr("Save values as CSV…"), this, [save] { save(QStringLiteral("csv")); });
    menu.exec(event->globalPos());
}

bool CurvePanel::exportImage(const QString& path)
{
    if (path.endsWith(QLatin1String(".csv"))) {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(toCsv().toUtf8()) >= 0;
    }
    if (path.endsWith(QLatin1String(".svg"))) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(m_title);
        QPainter painter(&generator);
        render(&painter);
        return true;
    }
    return grab().save(path);
}

QString CurvePanel::toCsv() const
{
    QString text = QStringLiteral("curve,%1,value\n").arg(m_axisName);
    for (const auto& curve : m_curves) {
        QString name = curve.name;
        if (name.contains(QLatin1Char(',')) || name.contains(QLatin1Char('"')))
            name = QLatin1Char('"') + name.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
        for (qsizetype i = 0; i < curve.points.size(); ++i)
            text += name + QStringLiteral(",%1,%2\n").arg(curve.points.x[i], 0, 'g', 12).arg(curve.points.y[i], 0, 'g', 9);
    }
    return text;
}

}
