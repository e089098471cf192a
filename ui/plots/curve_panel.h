// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/series.h"

#include <QElapsedTimer>
#include <QList>
#include <QTimer>
#include <QWidget>

#include <optional>

class QCustomPlot;
class QCPGraph;

namespace attune::plots {

/// One curve of a panel.
struct Curve {
    QString name;        ///< "train", a run's name
    int colour = 0;      ///< palette index of the run
    bool isEval = false; ///< dashed with hollow rings, never smoothed
    Points points;
};

/// A chart with header: title, definition, latest value or legend. Raw traces faint, smoothed strong;
/// hover read-out, zoom by wheel and drag, double click or 0 resets; a menu exports PNG, SVG and CSV.
/// Live data repaint at most twice a second.
class CurvePanel : public QWidget
{
    Q_OBJECT
public:
    CurvePanel(const QString& title, const QString& definition, QWidget* parent = nullptr);
    ~CurvePanel() override;

    void setCurves(const QList<Curve>& curves);
    void setSmoothing(double weight);
    void setRawVisible(bool isVisible);
    void setLogarithmic(bool isLogarithmic);
    void setAxisName(const QString& name);  ///< of x: "step"
    void setLatest(const QString& text);
    void setDefinition(const QString& text);
    void setLegendVisible(bool isVisible);
    void setThreshold(std::optional<double> y, const QString& words);
    void setBest(std::optional<double> x, const QString& words);
    /// What an empty chart says; never fake curves.
    void setEmptyText(const QString& text);
    void setFilled(bool isFilled);
    void setYFromZero(bool isFromZero);
    void resetZoom();
    /// Shows the crosshair at x, for panels that share it.
    void setCrosshair(std::optional<double> x);

    bool exportImage(const QString& path);
    QString toCsv() const;

signals:
    void crosshairMoved(std::optional<double> x);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Part;
    void schedule();
    void rebuild();
    void applyTheme();
    void fitRange();
    void paintOverlay(class QPainter& painter);
    class Overlay;

    QString m_title, m_definition, m_latest, m_axisName, m_empty, m_thresholdWords, m_bestWords;
    QList<Curve> m_curves;
    QCustomPlot* m_plot = nullptr;
    Overlay* m_overlay = nullptr;
    double m_weight = 0.6;
    bool m_rawVisible = true, m_logarithmic = false, m_legend = false, m_filled = false, m_fromZero = false, m_isZoomed = false;
    std::optional<double> m_threshold, m_best, m_cross;
    QTimer m_timer;
    QElapsedTimer m_last;
};

}
