// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/series.h"

#include <QElapsedTimer>
#include <QList>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QCustomPlot;
class QToolButton;

namespace attune::plots {

/// One curve of a panel.
struct Curve {
    QString name;        ///< "train", a run's name
    int colour = 0;      ///< palette index of the run
    bool isEval = false; ///< dashed with hollow rings, never smoothed
    Points points;
};

/// Something that happened at a place of the x axis, a triangle over the chart.
struct Marker {
    double x = 0;
    QString words;  ///< the tooltip
};

/// The part of the x axis that is shown.
using Zoom = std::optional<std::pair<double, double>>;

/// A chart with header: title, definition, latest value or legend. Raw traces faint, smoothed strong;
/// hover read-out that a click pins; drag zooms, Alt+drag moves, the wheel zooms at the pointer, double click or 0 shows
/// everything; a menu exports PNG, SVG and CSV. Live data repaint at most twice a second.
class CurvePanel : public QWidget
{
    Q_OBJECT
public:
    CurvePanel(const QString& title, const QString& definition, QWidget* parent = nullptr);
    ~CurvePanel() override;

    const QString& title() const { return m_title; }
    void setTitle(const QString& title);
    void setCurves(const QList<Curve>& curves);
    void setSmoothing(double weight);
    void setRawVisible(bool isVisible);
    void setLogarithmic(bool isLogarithmic);
    void setOutliers(Outliers outliers);
    void setAxisName(const QString& name);  ///< of x: "step"
    /// How a place on x reads ("7:42"); without one it is a grouped number.
    void setAxisText(std::function<QString(double)> text);
    /// Behind the place in the read-out: the clock of a step.
    void setReadOutNote(std::function<QString(double)> note);
    void setLatest(const QString& text);
    void setDefinition(const QString& text);
    void setLegendVisible(bool isVisible);
    /// Several runs: curves of one name are its train and its eval curve, one line of the read-out with a column for each.
    void setPaired(bool isPaired);
    void setThreshold(std::optional<double> y, const QString& words, bool isLimit = false);
    void setBest(std::optional<double> x, const QString& words);
    void setMarkers(const QList<Marker>& markers);
    /// What an empty chart says; never fake curves.
    void setEmptyText(const QString& text);
    void setFilled(bool isFilled);
    void setYFromZero(bool isFromZero);
    /// Shows the button that gives this chart the whole place.
    void setFullSizeVisible(bool isVisible);
    void setFullSize(bool isFull);

    void resetZoom();
    const Zoom& zoom() const { return m_zoom; }
    void setZoom(const Zoom& zoom);
    /// Shows the crosshair at x, for panels that share it.
    void setCrosshair(std::optional<double> x);
    std::optional<double> pinned() const { return m_pinned; }
    void setPinned(std::optional<double> x);
    /// The read-out as text, a line a curve: for accessibility and tests.
    QString readOut() const;

    bool exportImage(const QString& path);
    QString toCsv() const;

signals:
    void crosshairMoved(std::optional<double> x);
    void zoomChanged(const attune::plots::Zoom& zoom);
    void pinnedChanged(std::optional<double> x);
    void fullSizeRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    class Overlay;
    struct ReadOutRow { QString name; int colour; bool isEval; QString smoothed, raw; };
    void schedule();
    void rebuild();
    void addCurve(const Curve& curve, int buckets);
    void addMarks(const Curve& curve);
    bool hasSeveralRuns() const;
    void findMarks();
    void applyTheme();
    void fitRange();
    Zoom everything() const;
    void zoomBy(double factor, double at);
    void moveBy(double share);
    void takeZoom(const Zoom& zoom);
    void pin(double x);
    bool takeMouse(QEvent* event);
    double valueAt(double pixel) const;
    std::optional<double> readAt() const { return m_cross ? m_cross : m_pinned; }
    QString placeText(double x) const;
    QList<ReadOutRow> readOutRows(double at, double& place) const;
    QList<ReadOutRow> pairedRows(double at) const;
    double endOf(const Curve& curve) const;
    bool reaches(const Curve& curve, double at) const;
    /// A place of the header on the side where one begins to read.
    QRect mirrored(const QRect& place) const;
    void paintLegendSample(QPainter& painter, int run, bool isEval, const QString& name, int& right);
    void paintLegend(QPainter& painter, int& right);
    void paintOverlay(QPainter& painter);
    void paintBest(QPainter& painter, const QRect& area);
    /// Of a length on the x axis, about.
    double toPixels(double length) const;
    bool isUnderAxisName(double tick, const QString& label) const;
    void paintMarks(QPainter& painter, const QRect& area);
    void paintReadOut(QPainter& painter, const QRect& area, int x);

    QString m_title, m_definition, m_latest, m_axisName, m_empty, m_thresholdWords, m_bestWords;
    std::function<QString(double)> m_axisText, m_note;
    QList<Curve> m_curves;
    QList<QVector<double>> m_smoothed;  ///< of each curve, as long as it
    QList<Marker> m_markers;
    QVector<double> m_broken, m_clipped;  ///< x of values that are no number, and of those over the edge
    qsizetype m_notPositive = 0;
    QCustomPlot* m_plot = nullptr;
    Overlay* m_overlay = nullptr;
    QToolButton* m_full = nullptr;
    double m_weight = 0.6;
    Outliers m_outliers = Outliers::P99;
    bool m_rawVisible = true, m_logarithmic = false, m_legend = false, m_filled = false, m_fromZero = false, m_isLimit = false, m_paired = false;
    Zoom m_zoom;
    std::optional<double> m_threshold, m_best, m_cross, m_pinned;
    std::optional<int> m_pressed, m_dragged;  ///< pixels of a drag
    bool m_isMoving = false;
    QTimer m_timer;
    QElapsedTimer m_last;
};

}
