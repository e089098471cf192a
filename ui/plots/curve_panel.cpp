// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/curve_panel.h"

#include "plots/curve_overlay.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/basics.h"

#include <qcustomplot.h>

#include <QBoxLayout>
#include <QStyle>

#include <cmath>

namespace attune::plots {

using style::tokens;

namespace {

/// Few ticks, written as people read them.
class Ticker final : public QCPAxisTicker
{
public:
    /// hides: a label that has no room; isCrowded: labels a step apart would run into each other.
    explicit Ticker(std::function<QString(double)> text = {}, std::function<bool(double, const QString&)> hides = {}, std::function<bool()> isWhole = {},
        std::function<bool(double, const QString&)> isCrowded = {})
        : m_text(std::move(text))
        , m_hides(std::move(hides))
        , m_isWhole(std::move(isWhole))
        , m_isCrowded(std::move(isCrowded))
    {
        setTickCount(5);
    }

protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        const QString text = textOf(tick);
        return m_hides && m_hides(tick, text) ? QString() : text;
    }
    double getTickStep(const QCPRange& range) override
    {
        m_step = QCPAxisTicker::getTickStep(range);
        if (m_isWhole && m_isWhole())
            m_step = std::max(1.0, std::ceil(m_step));  // there is no step 2.5
        for (int i = 0; i < kMostDoublings && m_isCrowded && m_isCrowded(m_step, textOf(range.upper)); ++i)
            m_step *= 2;
        return m_step;
    }

private:
    static constexpr int kMostDoublings = 4;
    QString textOf(double tick) const { return m_text ? m_text(tick) : tickText(tick, m_step); }

    std::function<QString(double)> m_text;
    std::function<bool(double, const QString&)> m_hides;
    std::function<bool()> m_isWhole;
    std::function<bool(double, const QString&)> m_isCrowded;
    double m_step = 0;
};

constexpr int kHeader = 32, kBetweenLabels = 10;
constexpr double kMark = 4;

}

CurvePanel::CurvePanel(const QString& title, const QString& definition, QWidget* parent)
    : QWidget(parent)
    , m_title(title)
    , m_definition(definition)
    , m_axisName(tr("step"))
    , m_plot(new QCustomPlot(this))
{
    setAccessibleName(title);
    setObjectName(QStringLiteral("chart-") + title);
    setFocusPolicy(Qt::StrongFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, kHeader, 6, 4);
    layout->addWidget(m_plot);
    m_overlay = new Overlay([this](QPainter& painter) { paintOverlay(painter); }, m_plot);
    m_plot->installEventFilter(this);
    m_plot->setMinimumSize(8, 8);  // without room it would paint into no buffer
    m_plot->setMouseTracking(true);
    m_plot->setAntialiasedElements(QCP::aeNone);
    m_plot->setInteractions(QCP::Interactions());  // the mouse is read here, so that panels share what it does
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setLayoutDirection(Qt::LeftToRight);  // the axes keep their direction where the rest is mirrored
    m_plot->axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
    m_plot->axisRect()->setMargins(QMargins(0, 8, 8, 0));
    setAxisText({});
    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new Ticker));
    m_full = widgets::iconButton(QStringLiteral("full"), tr("Full size"));
    m_full->setParent(this);
    m_full->setFixedSize(24, 24);
    setFullSize(false);
    m_full->hide();
    connect(m_full, &QToolButton::clicked, this, &CurvePanel::fullSizeRequested);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &CurvePanel::rebuild);
    applyTheme();
}

CurvePanel::~CurvePanel() = default;

void CurvePanel::setCurves(const QList<Curve>& curves)
{
    m_curves = curves;
    schedule();
}

void CurvePanel::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
    update();
}

void CurvePanel::setSmoothing(double weight) { m_weight = weight; schedule(); }
void CurvePanel::setRawVisible(bool isVisible) { m_rawVisible = isVisible; schedule(); }
void CurvePanel::setOutliers(Outliers outliers) { m_outliers = outliers; schedule(); }
void CurvePanel::setAxisName(const QString& name) { m_axisName = name; schedule(); }
void CurvePanel::setFilled(bool isFilled) { m_filled = isFilled; schedule(); }
void CurvePanel::setYFromZero(bool isFromZero) { m_fromZero = isFromZero; schedule(); }
void CurvePanel::setLegendVisible(bool isVisible) { m_legend = isVisible; update(); }
void CurvePanel::setPaired(bool isPaired) { m_paired = isPaired; update(); }
void CurvePanel::setLatest(const QString& text) { m_latest = text; update(); }
void CurvePanel::setDefinition(const QString& text) { m_definition = text; update(); }
void CurvePanel::setEmptyText(const QString& text) { m_empty = text; m_overlay->update(); }
void CurvePanel::setMarkers(const QList<Marker>& markers) { m_markers = markers; m_overlay->update(); }
void CurvePanel::setReadOutNote(std::function<QString(double)> note) { m_note = std::move(note); }

void CurvePanel::setAxisText(std::function<QString(double)> text)
{
    m_axisText = std::move(text);
    const auto hides = [this](double tick, const QString& label) { return isUnderAxisName(tick, label); };
    const auto isCrowded = [this](double step, const QString& label) { return toPixels(step) < QFontMetrics(style::monoCaption()).horizontalAdvance(label) + kBetweenLabels; };
    m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new Ticker(m_axisText, hides, [this] { return m_axisName == tr("step"); }, isCrowded)));
    schedule();
}

double CurvePanel::toPixels(double length) const
{
    constexpr int kAroundTheArea = 56;  // labels of the other axis and margins; the area itself is laid out only after the labels are made
    return length / m_plot->xAxis->range().size() * std::max(1, m_plot->width() - kAroundTheArea);
}

/// The axis' name stands at its end, in the line of the labels: one that would reach into it is left out.
bool CurvePanel::isUnderAxisName(double tick, const QString& label) const
{
    const double toTheEnd = toPixels(m_plot->xAxis->range().upper - tick);
    const double half = QFontMetrics(style::monoCaption()).horizontalAdvance(label) / 2.0;
    return toTheEnd - half < QFontMetrics(style::caption()).horizontalAdvance(m_axisName);
}

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

void CurvePanel::setThreshold(std::optional<double> y, const QString& words, bool isLimit)
{
    if (m_threshold == y && m_thresholdWords == words)
        return;
    m_threshold = y;
    m_thresholdWords = words;
    m_isLimit = isLimit;
    schedule();
}

void CurvePanel::setBest(std::optional<double> x, const QString& words)
{
    m_best = x;
    m_bestWords = words;
    m_overlay->update();
}

void CurvePanel::setFullSizeVisible(bool isVisible)
{
    m_full->setVisible(isVisible);
    update();
}

void CurvePanel::setFullSize(bool isFull)
{
    const QString name = isFull ? tr("All charts") : tr("Full size");
    m_full->setToolTip(name + QStringLiteral(" (F11)"));
    m_full->setAccessibleName(name);
}

QRect CurvePanel::mirrored(const QRect& place) const
{
    return QStyle::visualRect(layoutDirection(), rect(), place);
}

void CurvePanel::resizeEvent(QResizeEvent*)
{
    m_full->move(mirrored(QRect(width() - 32, (kHeader - m_full->height()) / 2, m_full->width(), m_full->height())).topLeft());
}

void CurvePanel::schedule()
{
    if (m_timer.isActive())
        return;
    const qint64 since = m_last.isValid() ? m_last.elapsed() : 1000;
    m_timer.start(since >= 500 ? 0 : static_cast<int>(500 - since));
}

Zoom CurvePanel::everything() const
{
    double x1 = 0;
    for (const auto& curve : m_curves)
        if (curve.points.size() > 0)
            x1 = std::max(x1, curve.points.x.last());
    return std::pair {0.0, x1 > 0 ? 1.01 * x1 : 1.0};
}

void CurvePanel::fitRange()
{
    const auto [x0, x1] = m_zoom ? *m_zoom : *everything();
    m_plot->xAxis->setRange(x0, x1);
    QVector<double> ys;
    for (const auto& curve : m_curves)
        for (qsizetype i = 0; i < curve.points.size(); ++i)
            if (!m_zoom || (curve.points.x[i] >= x0 && curve.points.x[i] <= x1))
                ys.append(curve.points.y[i]);
    auto [low, high] = robustRange(ys, m_logarithmic, m_outliers);
    if (m_threshold && m_fromZero)
        high = std::max(high, *m_threshold * 1.08);
    if (m_fromZero && !m_logarithmic)
        low = 0;
    m_plot->yAxis->setRange(low, high);
}

/// One curve as its graphs: the raw trace, then what is read.
void CurvePanel::addCurve(const Curve& curve, int buckets)
{
    const auto& t = tokens();
    const QColor colour = t.run(curve.colour);
    const auto range = m_plot->xAxis->range();
    const auto add = [&](const Points& points, const QPen& pen) {
        auto* graph = m_plot->addGraph();
        graph->setPen(pen);
        graph->setData(points.x, points.y, true);
        return graph;
    };
    m_smoothed.append(curve.isEval || m_weight <= 0 || curve.points.size() <= 2 ? QVector<double>() : smoothed(curve.points.y, m_weight));
    if (curve.isEval) {
        QPen pen(colour, 1.6);
        pen.setDashPattern({5, 3});
        auto* graph = add(curve.points, pen);
        graph->setAntialiased(true);
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, 1.4), QBrush(t.surface), 5));
        return;
    }
    const bool smooths = !m_smoothed.last().isEmpty();
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
    if (smooths)
        add(envelope({curve.points.x, m_smoothed.last()}, range.lower, range.upper, buckets / 2), QPen(colour, 2))->setAntialiased(true);
    if (hasSeveralRuns())
        addMarks(curve);
}

bool CurvePanel::hasSeveralRuns() const
{
    return std::any_of(m_curves.begin(), m_curves.end(), [this](const Curve& curve) { return curve.colour != m_curves.front().colour; });
}

/// The run's mark on its line every so many pixels, at places of its own: lines of one brightness stay apart without colours.
void CurvePanel::addMarks(const Curve& curve)
{
    constexpr double kApart = 80, kShift = 23;
    const auto& ys = m_smoothed.last().isEmpty() ? curve.points.y : m_smoothed.last();
    const auto range = m_plot->xAxis->range();
    const double perPixel = range.size() / std::max(1, m_plot->axisRect()->width());
    Points marks;
    for (double x = range.lower + perPixel * (12 + std::fmod(kShift * curve.colour, kApart)); x < range.upper; x += kApart * perPixel) {
        const auto i = std::lower_bound(curve.points.x.begin(), curve.points.x.end(), x) - curve.points.x.begin();
        if (i < curve.points.size() && std::isfinite(ys[i]) && (marks.size() == 0 || curve.points.x[i] > marks.x.last()))
            marks.add(curve.points.x[i], ys[i]);
    }
    auto* graph = m_plot->addGraph();
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setAntialiasedScatters(true);
    graph->setScatterStyle(QCPScatterStyle(style::runShape(curve.colour, kMark), QPen(tokens().surface, 1), QBrush(tokens().run(curve.colour)), 6));
    graph->setData(marks.x, marks.y, true);
}

/// Values that cannot be drawn where they are: no numbers, over the edge, not positive on a logarithmic axis.
void CurvePanel::findMarks()
{
    m_broken.clear();
    m_clipped.clear();
    m_notPositive = 0;
    const auto xs = m_plot->xAxis->range(), ys = m_plot->yAxis->range();
    for (const auto& curve : m_curves)
        for (qsizetype i = 0; i < curve.points.size(); ++i) {
            const double x = curve.points.x[i], y = curve.points.y[i];
            if (!xs.contains(x))
                continue;
            if (!std::isfinite(y))
                m_broken.append(x);
            else if (y > ys.upper && (m_rawVisible || curve.isEval))
                m_clipped.append(x);
            m_notPositive += m_logarithmic && y <= 0;
        }
}

void CurvePanel::rebuild()
{
    m_last.restart();
    fitRange();
    m_plot->clearGraphs();
    m_smoothed.clear();
    const bool any = std::any_of(m_curves.begin(), m_curves.end(), [](const Curve& curve) { return curve.points.size() > 0; });
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis})
        axis->setVisible(any);
    const int buckets = std::max(50, m_plot->axisRect()->width() / 2);
    for (const auto& curve : m_curves)
        addCurve(curve, buckets);
    findMarks();
    setAccessibleDescription(any ? readOut() : m_empty);
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis})
        axis->ticker()->setTickCount(axis == m_plot->xAxis ? 5 : std::clamp(m_plot->axisRect()->height() / 26, 2, 6));
    // A plot without room (its page is not laid out yet) has no buffer to paint into.
    if (m_plot->width() > 1 && m_plot->height() > 1 && m_plot->isVisible())
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    m_overlay->update();
    update();
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

/// A line sample and the name, from the right: train solid, eval dashed with its ring.
void CurvePanel::paintLegendSample(QPainter& painter, int run, bool isEval, const QString& name, int& right)
{
    const QColor colour = run < 0 ? tokens().text2 : tokens().run(run);
    const auto& t = tokens();
    const int w = painter.fontMetrics().horizontalAdvance(name);
    painter.setPen(t.text);
    painter.drawText(mirrored(QRect(right - w, 0, w + 2, kHeader)), style::textFlags(name, layoutDirection()), name);
    QPen pen(colour, 2);
    if (isEval)
        pen.setDashPattern({2.5, 1.5});
    painter.setPen(pen);
    const QRect line = mirrored(QRect(right - w - 25, 0, 18, kHeader));
    const QPointF middle(line.center().x() + 0.5, kHeader / 2.0);
    painter.drawLine(line.left(), kHeader / 2, line.right() + 1, kHeader / 2);
    if (isEval) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(colour, 1.4));
        painter.setBrush(t.surface);
        painter.drawEllipse(middle, 2.6, 2.6);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
    } else if (run >= 0 && hasSeveralRuns()) {
        style::drawRunMark(&painter, middle, run);
    }
    right -= w + 40;
}

void CurvePanel::paintLegend(QPainter& painter, int& right)
{
    painter.setFont(style::body());
    if (m_paired) {
        paintLegendSample(painter, -1, true, tr("eval"), right);
        paintLegendSample(painter, -1, false, tr("train"), right);
        return;
    }
    for (auto it = m_curves.crbegin(); it != m_curves.crend(); ++it)
        paintLegendSample(painter, it->colour, it->isEval, it->name, right);
}

void CurvePanel::paintEvent(QPaintEvent*)
{
    const auto& t = tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.surface, hasFocus() ? t.accent : t.border, style::kPanelRadius);
    painter.setFont(style::body(style::Weight::Medium));
    painter.setPen(t.text);
    painter.drawText(mirrored(QRect(10, 0, width() - 10, kHeader)), style::textFlags(m_title, layoutDirection()), m_title);
    const int x = 10 + painter.fontMetrics().horizontalAdvance(m_title) + 8;
    int right = width() - (m_full->isHidden() ? 12 : 40);
    if (m_legend) {
        paintLegend(painter, right);
    } else if (!m_latest.isEmpty()) {
        painter.setFont(style::mono());
        painter.drawText(mirrored(QRect(0, 0, right, kHeader)), style::textFlags(m_latest, layoutDirection(), Qt::AlignRight), m_latest);
        right -= painter.fontMetrics().horizontalAdvance(m_latest) + 8;
    }
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    QString words = m_definition;
    if (m_notPositive > 0)
        words += QStringLiteral("  ") + tr("%n point(s) ≤ 0 not shown", nullptr, static_cast<int>(m_notPositive));
    style::drawCaption(&painter, mirrored(QRect(x, 1, std::max(0, right - x), kHeader)), words, layoutDirection());
}

}
