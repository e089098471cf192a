// SPDX-License-Identifier: GPL-3.0-or-later
// What mouse and keys do with a chart; see curve_panel.h.
#include "plots/curve_overlay.h"

#include <qcustomplot.h>

#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace attune::plots {

namespace {
constexpr int kDragPixels = 5;  // less is a click
}

double CurvePanel::valueAt(double pixel) const
{
    return m_plot->xAxis->pixelToCoord(pixel);
}

void CurvePanel::resetZoom()
{
    setZoom({});
}

void CurvePanel::setZoom(const Zoom& zoom)
{
    m_zoom = zoom;
    rebuild();
}

void CurvePanel::takeZoom(const Zoom& zoom)
{
    setZoom(zoom);
    emit zoomChanged(m_zoom);
}

void CurvePanel::zoomBy(double factor, double at)
{
    const auto all = *everything();
    const auto [x0, x1] = m_zoom.value_or(all);
    const double low = std::max(all.first, at - (at - x0) * factor), high = std::min(all.second, at + (x1 - at) * factor);
    takeZoom(low <= all.first && high >= all.second ? Zoom() : Zoom(std::pair {low, high}));
}

void CurvePanel::moveBy(double share)
{
    if (!m_zoom)
        return;
    const auto all = *everything();
    const double width = m_zoom->second - m_zoom->first;
    const double low = std::clamp(m_zoom->first + share * width, all.first, std::max(all.first, all.second - width));
    takeZoom(std::pair {low, low + width});
}

void CurvePanel::setCrosshair(std::optional<double> x)
{
    if (m_cross == x)
        return;
    m_cross = x;
    m_overlay->update();
}

void CurvePanel::setPinned(std::optional<double> x)
{
    m_pinned = x;
    m_overlay->update();
}

/// A click on the pinned place takes the pin away.
void CurvePanel::pin(double x)
{
    const bool isSame = m_pinned && std::abs(m_plot->xAxis->coordToPixel(*m_pinned) - m_plot->xAxis->coordToPixel(x)) < kDragPixels;
    setPinned(isSame ? std::nullopt : std::optional(x));
    emit pinnedChanged(m_pinned);
}

bool CurvePanel::takeMouse(QEvent* event)
{
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const double pixel = mouse->position().x();
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        if (mouse->button() != Qt::LeftButton)
            return false;
        setFocus(Qt::MouseFocusReason);
        m_pressed = static_cast<int>(pixel);
        m_dragged.reset();
        m_isMoving = mouse->modifiers() & Qt::AltModifier;
        return true;
    case QEvent::MouseMove:
        if (m_pressed && std::abs(pixel - *m_pressed) >= kDragPixels) {
            if (m_isMoving && m_zoom) {
                moveBy((valueAt(*m_pressed) - valueAt(pixel)) / (m_zoom->second - m_zoom->first));
                m_pressed = static_cast<int>(pixel);
            }
            m_dragged = static_cast<int>(pixel);
        }
        setCrosshair(valueAt(pixel));
        m_overlay->update();
        emit crosshairMoved(m_cross);
        return true;
    case QEvent::MouseButtonRelease:
        if (!m_pressed)
            return false;
        if (!m_dragged)
            pin(valueAt(pixel));
        else if (!m_isMoving)
            takeZoom(std::pair {valueAt(std::min(*m_pressed, static_cast<int>(pixel))), valueAt(std::max(*m_pressed, static_cast<int>(pixel)))});
        m_pressed.reset();
        m_dragged.reset();
        return true;
    default:
        m_pressed.reset();
        takeZoom({});
        setPinned({});
        emit pinnedChanged({});
        return true;
    }
}

bool CurvePanel::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::Resize:
        m_overlay->setGeometry(m_plot->rect());
        schedule();
        break;
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonRelease:
    case QEvent::MouseButtonDblClick:
    case QEvent::MouseMove: return takeMouse(event);
    case QEvent::Wheel: {
        const auto* wheel = static_cast<QWheelEvent*>(event);
        zoomBy(std::pow(0.85, wheel->angleDelta().y() / 120.0), valueAt(wheel->position().x()));
        return true;
    }
    case QEvent::Leave:
        setCrosshair({});
        emit crosshairMoved({});
        break;
    case QEvent::ToolTip: {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (const auto& marker : m_markers)
            if (std::abs(m_plot->xAxis->coordToPixel(marker.x) - help->pos().x()) < 8)
                QToolTip::showText(help->globalPos(), marker.words, m_plot);
        for (const double x : m_broken)
            if (std::abs(m_plot->xAxis->coordToPixel(x) - help->pos().x()) < 4)
                QToolTip::showText(help->globalPos(), tr("%1 was not a number at %2").arg(m_title, placeText(x)), m_plot);
        break;
    }
    default: break;
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePanel::keyPressEvent(QKeyEvent* event)
{
    const auto range = m_plot->xAxis->range();
    switch (event->key()) {
    case Qt::Key_0: takeZoom({}); break;
    case Qt::Key_Plus: zoomBy(0.7, range.center()); break;
    case Qt::Key_Minus: zoomBy(1 / 0.7, range.center()); break;
    case Qt::Key_Left: moveBy(-0.2); break;
    case Qt::Key_Right: moveBy(0.2); break;
    case Qt::Key_F11: emit fullSizeRequested(); break;
    default: QWidget::keyPressEvent(event);
    }
}

void CurvePanel::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Show everything"), this, [this] { takeZoom({}); });
    menu.addAction(tr("Logarithmic axis"), this, [this] { setLogarithmic(!m_logarithmic); });
    menu.addAction(m_full->accessibleName(), this, &CurvePanel::fullSizeRequested);
    menu.addSeparator();
    const auto save = [this](const QString& suffix) {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save the chart"), QStringLiteral("%1.%2").arg(m_title, suffix).replace(QLatin1Char('/'), QLatin1Char('-')));
        if (!path.isEmpty() && !exportImage(path))
            QToolTip::showText(mapToGlobal(QPoint(0, 0)), tr("%1 was not written.").arg(path), this);
    };
    menu.addAction(tr("Copy the picture"), this, [this] { QApplication::clipboard()->setPixmap(grab()); });
    menu.addAction(tr("Save as PNG…"), this, [save] { save(QStringLiteral("png")); });
    menu.addAction(tr("Save as SVG…"), this, [save] { save(QStringLiteral("svg")); });
    menu.addAction(tr("Save values as CSV…"), this, [save] { save(QStringLiteral("csv")); });
    menu.exec(event->globalPos());
}

}
