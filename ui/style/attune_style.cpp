// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/attune_style.h"

#include "style/control_paint.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/menu_style.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/row_hover.h"
#include "style/tokens.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSlider>
#include <QStyleOption>
#include <QTabBar>
#include <QTableView>

namespace attune::style {
namespace {
constexpr double kQtMargin = 4;  // of a document that nobody set one for
}

AttuneStyle::AttuneStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{
}

void AttuneStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) || qobject_cast<QLineEdit*>(widget)
        || qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QTabBar*>(widget) || qobject_cast<QSlider*>(widget))
        widget->setAttribute(Qt::WA_Hover);
    if (auto* field = qobject_cast<QAbstractSpinBox*>(widget)) {
        field->setMinimumHeight(isSmall(field) ? smallControlHeight() : controlHeight());
        field->setFont(mono());
    }
    // Text stands 8 px from a field's edge, in one of many lines too.
    if (auto* text = qobject_cast<QPlainTextEdit*>(widget); text && text->document()->documentMargin() == kQtMargin)
        text->document()->setDocumentMargin(kSpace2 - 1);
    if (auto* text = qobject_cast<QPlainTextEdit*>(widget); text && !text->isReadOnly())
        text->setProperty("field", true);
    // Its contents are what one goes to; a stop of the Tab key that shows nothing would only puzzle.
    if (auto* area = qobject_cast<QScrollArea*>(widget))
        area->setFocusPolicy(Qt::NoFocus);
    if (auto* view = qobject_cast<QAbstractItemView*>(widget))
        view->viewport()->setAttribute(Qt::WA_Hover);
    if (auto* table = qobject_cast<QTableView*>(widget))
        RowHover::follow(table);
}

void AttuneStyle::polish(QApplication* application)
{
    QProxyStyle::polish(application);
    application->installEventFilter(this);
}

void AttuneStyle::unpolish(QApplication* application)
{
    application->removeEventFilter(this);
    QProxyStyle::unpolish(application);
}

bool AttuneStyle::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::MouseButtonPress)
        if (auto* widget = qobject_cast<QWidget*>(watched))
            widget->window()->setAttribute(Qt::WA_KeyboardFocusChange, false);
    return QProxyStyle::eventFilter(watched, event);
}

void AttuneStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const Tokens& t = tokens();
    switch (element) {
    case PE_PanelButtonCommand:
    case PE_PanelButtonTool: drawButton(option, painter, widget); return;
    case PE_PanelLineEdit:
        if (!widget || !qobject_cast<const QLineEdit*>(widget) || static_cast<const QStyleOptionFrame*>(option)->lineWidth <= 0)
            return;
        drawField(option, painter, widget);
        return;
    case PE_FrameFocusRect: drawKeyboardFocus(option, painter, widget); return;
    case PE_FrameLineEdit:
    case PE_FrameButtonBevel:
    case PE_FrameTabBarBase:
    case PE_FrameStatusBarItem: return;
    case PE_Frame:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option); frame && frame->lineWidth > 0) {
            const bool field = widget && widget->property("field").toBool();
            drawBox(painter, option->rect, QColor(), field ? t.borderStrong : t.border, field ? kRadius : 0);
            if (option->state & State_HasFocus && (field || isKeyboardFocus(widget)))
                drawFocusRing(painter, option->rect, kRadius);
        }
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: drawIndicator(option, painter, false); return;
    case PE_IndicatorRadioButton: drawIndicator(option, painter, true); return;
    case PE_PanelItemViewRow:
    case PE_PanelItemViewItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option))
            drawRowGround(painter, *item);
        return;
    case PE_IndicatorHeaderArrow: return;
    case PE_PanelMenu: drawMenuPanel(painter, option->rect); return;
    case PE_FrameMenu: return;  // the panel has it
    case PE_PanelTipLabel: drawMenuPanel(painter, option->rect); return;
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp:
    case PE_IndicatorArrowLeft:
    case PE_IndicatorArrowRight: {
        // These point to a side of the screen; the icons point along the line of reading.
        const bool isBack = (element == PE_IndicatorArrowLeft) != QGuiApplication::isRightToLeft();
        const auto name = element == PE_IndicatorArrowDown ? "down" : element == PE_IndicatorArrowUp ? "up" : isBack ? "left" : "right";
        painter->drawPixmap(option->rect.center() - QPoint(5, 5), iconPixmap(QLatin1String(name), 12, t.text2, painter->device()->devicePixelRatioF()));
        return;
    }
    default: QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void AttuneStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const Tokens& t = tokens();
    switch (element) {
    case CE_PushButtonBevel: drawButton(option, painter, widget); return;
    case CE_PushButtonLabel:
        if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
            drawButtonLabel(button, painter, widget);
        }
        return;
    case CE_TabBarTabShape: return;
    case CE_TabBarTabLabel:
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option))
            drawTab(tab, painter);
        return;
    case CE_Header:  // Qt gives the name the height of one line, which cuts a "g", and takes away more than the arrow's width
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            drawHeaderSection(header, painter);
            auto label = *header;
            label.rect.adjust(kSpace2, 0, -kSpace2, 0);
            drawHeaderLabel(&label, painter);
        }
        return;
    case CE_HeaderSection:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option))
            drawHeaderSection(header, painter);
        return;
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, t.raised);
        drawHairline(painter, option->rect.bottomLeft(), option->rect.bottomRight(), t.border);
        return;
    case CE_HeaderLabel:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option))
            drawHeaderLabel(header, painter);
        return;
    case CE_ProgressBarGroove:
    case CE_ProgressBarLabel: return;
    case CE_ProgressBarContents:
        if (const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option))
            drawProgress(bar, painter);
        return;
    case CE_Splitter:
        if (option->state & State_Horizontal)
            painter->fillRect(QRect(option->rect.center().x(), option->rect.y(), 1, option->rect.height()), t.border);
        else
            painter->fillRect(QRect(option->rect.x(), option->rect.center().y(), option->rect.width(), 1), t.border);
        return;
    case CE_MenuBarEmptyArea: drawMenuBarGround(painter, option->rect); return;
    case CE_MenuBarItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option))
            drawMenuBarItem(*item, painter);
        return;
    case CE_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option))
            drawMenuItem(*item, painter);
        return;
    case CE_MenuEmptyArea:
    case CE_MenuHMargin:
    case CE_MenuVMargin: return;
    case CE_ComboBoxLabel:
        if (const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option); combo && !combo->editable) {
            QRect rect = subControlRect(CC_ComboBox, combo, SC_ComboBoxEditField, widget);
            painter->save();
            painter->setPen(option->state & State_Enabled ? t.text : t.textDisabled);
            if (!combo->currentIcon.isNull()) {
                combo->currentIcon.paint(painter, Reading {rect, combo->direction}.at({rect.x(), rect.center().y() - 7, 16, 16}));
                rect = Reading {rect, combo->direction}.at(rect.adjusted(20, 0, 0, 0));
            }
            painter->drawText(rect, textFlags(combo->currentText, combo->direction), painter->fontMetrics().elidedText(combo->currentText, Qt::ElideRight, rect.width()));
            painter->restore();
            return;
        }
        break;
    default: break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void AttuneStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    const Tokens& t = tokens();
    switch (control) {
    case CC_ScrollBar:
        if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) {
            drawScrollBar(slider, painter, subControlRect(CC_ScrollBar, slider, SC_ScrollBarSlider, widget));
            return;
        }
        break;
    case CC_Slider:
        if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option); slider && slider->orientation == Qt::Horizontal) {
            drawSlider(slider, painter, slider->rect.adjusted(7, 0, -7, 0), subControlRect(CC_Slider, slider, SC_SliderHandle, widget));
            return;
        }
        break;
    case CC_ComboBox: {
        drawField(option, painter, widget);
        const QRect arrow = subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget);
        const QColor colour = option->state & State_Enabled ? t.text2 : t.textDisabled;
        painter->drawPixmap(arrow.center() - QPoint(5, 5), iconPixmap(QStringLiteral("down"), 12, colour, painter->device()->devicePixelRatioF()));
        return;
    }
    case CC_SpinBox:
        drawField(option, painter, widget);
        return;
    default: break;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

/// Fusion's picture for the rest of a menu bar is a file: reading it loads the plug-ins of all image formats at every start.
/// Those of message boxes are of another time.
QIcon AttuneStyle::standardIcon(StandardPixmap standard, const QStyleOption* option, const QWidget* widget) const
{
    switch (standard) {
    case SP_ToolBarHorizontalExtensionButton: return icon(QStringLiteral("more"));
    case SP_MessageBoxQuestion: return icon(QStringLiteral("help"), IconColour::Accent);
    case SP_MessageBoxInformation: return icon(QStringLiteral("info"), IconColour::Info);
    case SP_MessageBoxWarning: return icon(QStringLiteral("warning"), IconColour::Warning);
    case SP_MessageBoxCritical: return icon(QStringLiteral("error"), IconColour::Danger);
    default: break;
    }
    return QProxyStyle::standardIcon(standard, option, widget);
}

}
