// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/attune_style.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/menu_style.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/row_hover.h"
#include "style/tokens.h"

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QStyleOption>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>

namespace attune::style {
namespace {

enum class Look { Secondary, Primary, Danger, Ghost };

Look lookOf(const QWidget* widget)
{
    const QString role = widget ? widget->property("role").toString() : QString();
    return role == QLatin1String("primary") ? Look::Primary
        : role == QLatin1String("danger")   ? Look::Danger
        : role == QLatin1String("ghost")    ? Look::Ghost
                                            : Look::Secondary;
}

bool isSmall(const QWidget* widget)
{
    return widget && widget->property("size").toString() == QLatin1String("small");
}

/// A tab bar that shares a narrow line with other controls.
bool isCompact(const QWidget* widget)
{
    return widget && widget->property("compact").toBool();
}

bool hasError(const QWidget* widget)
{
    return widget && widget->property("error").toBool();
}

struct Face {
    QColor fill, line, text;
};

Face buttonFace(Look look, QStyle::State state)
{
    const Tokens& t = tokens();
    const bool enabled = state & QStyle::State_Enabled, hover = state & QStyle::State_MouseOver;
    const bool down = state & (QStyle::State_Sunken | QStyle::State_On);
    if (!enabled)
        return look == Look::Ghost ? Face {QColor(), QColor(), t.textDisabled} : Face {t.raised, t.border, t.textDisabled};
    switch (look) {
    case Look::Primary: return {down ? t.accentPressed : hover ? t.accentHover : t.accent, QColor(), t.onAccent};
    case Look::Danger: return {down || hover ? t.dangerWeak : t.raised, down ? t.danger : t.buttonBorder, t.danger};
    case Look::Ghost: return {down ? t.border : hover ? t.hover : QColor(), QColor(), t.text};
    case Look::Secondary: break;
    }
    return {down ? t.border : hover ? t.hover : t.raised, t.buttonBorder, t.text};
}

void drawFocusRing(QPainter* painter, const QRect& rect, qreal radius)
{
    drawBox(painter, rect, QColor(), tokens().accent, radius, 2.0);
}

void drawButton(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    const Look look = lookOf(widget);
    const Face face = buttonFace(look, option->state);
    drawBox(painter, option->rect, face.fill, face.line, kRadius);
    if ((option->state & QStyle::State_HasFocus) && (option->state & QStyle::State_KeyboardFocusChange)) {
        drawFocusRing(painter, option->rect, kRadius);
        if (look == Look::Primary)
            drawBox(painter, option->rect.adjusted(2, 2, -2, -2), QColor(), tokens().surface, kRadius - 1, 1.0);
    }
}

/// Icon and text as one centred group, 6 px apart.
void drawButtonLabel(const QStyleOptionButton* option, QPainter* painter, const QWidget* widget)
{
    const Look look = lookOf(widget);
    painter->save();
    if (look == Look::Primary)
        painter->setFont(body(Weight::SemiBold));
    painter->setPen(buttonFace(look, option->state).text);
    const int text = option->text.isEmpty() ? 0 : painter->fontMetrics().size(Qt::TextShowMnemonic, option->text).width();
    const int icon = option->icon.isNull() ? 0 : 16;
    int x = option->rect.x() + (option->rect.width() - text - icon - (text && icon ? 6 : 0)) / 2;
    if (icon) {
        const auto mode = option->state & QStyle::State_Enabled ? QIcon::Normal : QIcon::Disabled;
        option->icon.paint(painter, QRect(x, option->rect.center().y() - 7, 16, 16), Qt::AlignCenter, mode);
        x += icon + 6;
    }
    painter->drawText(QRect(x, option->rect.y(), text + 2, option->rect.height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextShowMnemonic, option->text);
    painter->restore();
}

void drawField(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled, focus = option->state & QStyle::State_HasFocus;
    const QColor line = !enabled ? t.border : hasError(widget) ? t.danger : option->state & QStyle::State_MouseOver ? t.text2 : t.borderStrong;
    drawBox(painter, option->rect, enabled ? (t.isDark ? t.window : t.surface) : t.raised, line, kRadius);
    if (focus && enabled)
        drawFocusRing(painter, option->rect, kRadius);
}

void drawIndicator(const QStyleOption* option, QPainter* painter, bool isRound)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool on = option->state & QStyle::State_On, partly = option->state & QStyle::State_NoChange;
    const QRect box = QRect(0, 0, 16, 16).translated(option->rect.center() - QPoint(7, 7));
    const QColor line = !enabled ? t.border : on || partly ? t.accent : option->state & QStyle::State_MouseOver ? t.text2 : t.borderStrong;
    const QColor ground = t.isDark ? t.window : t.surface;
    drawBox(painter, box, !isRound && (on || partly) ? (enabled ? t.accent : t.border) : ground, line, isRound ? 8 : kSmallRadius);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor mark = enabled ? t.onAccent : t.textDisabled;
    if (isRound && on) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(enabled ? t.accent : t.textDisabled);
        painter->drawEllipse(QRectF(box).center(), 4.0, 4.0);
    } else if (on) {
        painter->setPen(QPen(mark, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF({box.topLeft() + QPointF(4, 8.3), box.topLeft() + QPointF(7, 11.2), box.topLeft() + QPointF(12.2, 5)}));
    } else if (partly) {
        painter->setPen(QPen(mark, 1.8));
        painter->drawLine(box.topLeft() + QPointF(4.5, 8), box.topLeft() + QPointF(11.5, 8));
    }
    painter->restore();
}

void drawScrollBar(const QStyleOptionSlider* option, QPainter* painter, const QRect& handle)
{
    const Tokens& t = tokens();
    painter->fillRect(option->rect, t.isDark ? QColor(Qt::transparent) : QColor(Qt::transparent));
    if (option->maximum <= option->minimum)
        return;
    const bool vertical = option->orientation == Qt::Vertical;
    const QRect thumb = vertical ? QRect(handle.center().x() - 2, handle.y() + 2, 6, std::max(16, handle.height() - 4))
                                 : QRect(handle.x() + 2, handle.center().y() - 2, std::max(16, handle.width() - 4), 6);
    const bool active = option->state & QStyle::State_MouseOver;
    drawBox(painter, thumb, active ? t.borderStrong : t.buttonBorder, QColor(), 3);
}

void drawSlider(const QStyleOptionSlider* option, QPainter* painter, const QRect& groove, const QRect& handle)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled;
    const int middle = groove.center().y();
    QColor idle = t.borderStrong;
    idle.setAlphaF(0.55F);
    const QRect line(groove.x(), middle - 1, groove.width(), 4);
    drawBox(painter, line, enabled ? idle : t.border, QColor(), 2);
    drawBox(painter, QRect(line.topLeft(), QPoint(handle.center().x(), line.bottom())), enabled ? t.accent : t.border, QColor(), 2);
    const QRect thumb = QRect(0, 0, 14, 14).translated(QPoint(handle.center().x() - 6, middle - 6));
    const QColor fill = option->state & QStyle::State_Sunken ? t.accent : option->state & QStyle::State_MouseOver ? t.accentWeak : t.surface;
    drawBox(painter, thumb, enabled ? fill : t.raised, enabled ? t.accent : t.border, 7, 2.0);
    if (option->state & QStyle::State_HasFocus && option->state & QStyle::State_KeyboardFocusChange)
        drawBox(painter, thumb.adjusted(-2, -2, 2, 2), QColor(), t.accent, 9, 1.5);
}

void drawTab(const QStyleOptionTab* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const bool current = option->state & QStyle::State_Selected, enabled = option->state & QStyle::State_Enabled;
    painter->save();
    painter->setFont(body(current ? Weight::SemiBold : Weight::Regular));
    painter->setPen(!enabled ? t.textDisabled : current || option->state & QStyle::State_MouseOver ? t.text : t.text2);
    // A count at the end of the tab has its own room.
    const int count = option->rightButtonSize.isEmpty() ? 0 : option->rightButtonSize.width() + kSpace1;
    const QRect room = QStyle::visualRect(option->direction, option->rect, option->rect.adjusted(0, 0, -count, 0));
    painter->drawText(room, Qt::AlignCenter | Qt::TextShowMnemonic, option->text);
    painter->restore();
    if (current)
        painter->fillRect(QRect(option->rect.left() + 2, option->rect.bottom() - 1, option->rect.width() - 4, 2), t.accent);
    if (option->state & QStyle::State_HasFocus && option->state & QStyle::State_KeyboardFocusChange)
        drawFocusRing(painter, option->rect.adjusted(1, 3, -1, -3), kRadius);
}

void drawHeaderSection(const QStyleOptionHeader* option, QPainter* painter)
{
    const Tokens& t = tokens();
    painter->fillRect(option->rect, t.raised);
    drawHairline(painter, option->rect.bottomLeft(), option->rect.bottomRight(), t.border);
    if (option->position != QStyleOptionHeader::End && option->position != QStyleOptionHeader::OnlyOneSection && option->orientation == Qt::Horizontal)
        drawHairline(painter, option->rect.topRight(), option->rect.bottomRight(), t.border);
}

void drawHeaderLabel(const QStyleOptionHeader* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const bool sorted = option->sortIndicator != QStyleOptionHeader::None;
    QRect rect = option->rect;  // Qt has taken PM_HeaderMargin off already
    painter->save();
    painter->setFont(caption(sorted ? Weight::SemiBold : Weight::Medium));
    painter->setPen(sorted ? t.text : t.text2);
    if (sorted)
        rect.adjust(0, 0, -14, 0);
    painter->drawText(rect, static_cast<int>(option->textAlignment | Qt::AlignVCenter), painter->fontMetrics().elidedText(option->text, Qt::ElideRight, rect.width()));
    if (sorted) {
        const auto name = option->sortIndicator == QStyleOptionHeader::SortDown ? QStringLiteral("down") : QStringLiteral("up");
        painter->drawPixmap(rect.right() + 2, option->rect.center().y() - 5, iconPixmap(name, 12, t.text2, painter->device()->devicePixelRatioF()));
    }
    painter->restore();
}

void drawProgress(const QStyleOptionProgressBar* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const int height = std::min(option->rect.height(), 8);
    const QRect bar(option->rect.x(), option->rect.center().y() - height / 2 + 1, option->rect.width(), height);
    drawBox(painter, bar, t.hover, QColor(), kSmallRadius);
    const double range = option->maximum - option->minimum;
    const double share = range > 0 ? std::clamp((option->progress - option->minimum) / range, 0.0, 1.0) : 0.0;
    if (share > 0)
        drawBox(painter, QRect(bar.x(), bar.y(), std::max(3, static_cast<int>(bar.width() * share)), bar.height()), t.accent, QColor(), kSmallRadius);
}

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
    if (auto* field = qobject_cast<QAbstractSpinBox*>(widget))
        field->setMinimumHeight(isSmall(field) ? smallControlHeight() : controlHeight());
    if (auto* view = qobject_cast<QAbstractItemView*>(widget))
        view->viewport()->setAttribute(Qt::WA_Hover);
    if (auto* table = qobject_cast<QTableView*>(widget))
        RowHover::follow(table);
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
    case PE_FrameLineEdit:
    case PE_FrameFocusRect:
    case PE_FrameButtonBevel:
    case PE_FrameTabBarBase:
    case PE_FrameStatusBarItem: return;
    case PE_Frame:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option); frame && frame->lineWidth > 0) {
            const bool field = widget && widget->property("field").toBool();
            drawBox(painter, option->rect, QColor(), field ? t.borderStrong : t.border, field ? kRadius : 0);
            if (field && option->state & State_HasFocus)
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
        const auto name = element == PE_IndicatorArrowDown ? "down" : element == PE_IndicatorArrowUp ? "up" : element == PE_IndicatorArrowLeft ? "left" : "right";
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
                combo->currentIcon.paint(painter, QRect(rect.x(), rect.center().y() - 7, 16, 16));
                rect.adjust(20, 0, 0, 0);
            }
            painter->drawText(rect, Qt::AlignVCenter | Qt::AlignLeft, painter->fontMetrics().elidedText(combo->currentText, Qt::ElideRight, rect.width()));
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

int AttuneStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent: return 10;
    case PM_ScrollBarSliderMin: return 28;
    case PM_SplitterWidth: return 7;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return 16;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return kSpace2;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_TabBarTabShiftHorizontal:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarBaseOverlap:
    case PM_TabBarTabOverlap: return 0;
    case PM_TabBarTabHSpace: return isCompact(widget) ? 14 : 24;
    case PM_TabBarTabVSpace: return 14;
    case PM_SmallIconSize:
    case PM_ButtonIconSize: return 16;
    case PM_SliderLength:
    case PM_SliderThickness: return 18;
    case PM_HeaderMargin: return kSpace2;
    case PM_MenuBarHMargin: return kMenuBarMargin;
    case PM_MenuVMargin: return kMenuMargin;
    case PM_ToolTipLabelFrameWidth: return kSpace1;
    case PM_MenuPanelWidth: return 1;
    case PM_MenuBarVMargin:
    case PM_MenuBarPanelWidth:
    case PM_MenuBarItemSpacing:
    case PM_MenuHMargin: return 0;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return kSpace2;
    // Texts of lists and tables stand 8 px from their edge.
    case PM_FocusFrameHMargin: return qobject_cast<const QAbstractItemView*>(widget) ? kSpace2 - 1 : 2;
    case PM_FocusFrameVMargin: return 2;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int AttuneStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_ItemView_ShowDecorationSelected: return 1;
    case SH_ScrollBar_Transient: return 0;
    case SH_Widget_Animation_Duration:
    case SH_Widget_Animate: return 0;
    case SH_ComboBox_Popup: return 0;
    case SH_Slider_AbsoluteSetButtons: return Qt::LeftButton;
    case SH_EtchDisabledText:
    case SH_DialogButtonBox_ButtonsHaveIcons: return 0;  // the verb says it
    default: return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize AttuneStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const
{
    const int height = isSmall(widget) ? smallControlHeight() : controlHeight();
    switch (type) {
    case CT_PushButton: {
        const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
        const bool bare = button && button->text.isEmpty();
        const int extra = (button && lookOf(widget) == Look::Primary ? 8 : 0) + (button && !button->icon.isNull() ? 4 : 0);  // the label is set in a heavier weight
        return {bare ? height : size.width() + 2 * (isSmall(widget) ? 9 : 12) + extra, height};
    }
    case CT_ToolButton: {
        const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
        const bool bare = !tool || tool->toolButtonStyle == Qt::ToolButtonIconOnly || tool->text.isEmpty();
        return {bare ? height : size.width() + 14, height};
    }
    case CT_ComboBox: return {size.width() + 42, height};
    case CT_LineEdit:
    case CT_SpinBox: return {size.width() + 12, height};
    case CT_CheckBox:
    case CT_RadioButton: return {size.width() + 26, std::max(size.height(), smallControlHeight())};
    case CT_MenuBarItem: return menuBarItemSize(size);
    case CT_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option))
            return menuItemSize(*item, size);
        return size;
    case CT_TabBarTab: return {size.width() + 6, tabHeight()};
    case CT_HeaderSection: {
        QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
        result.setHeight(std::max(result.height(), rowHeight()));
        return result;
    }
    case CT_ItemViewItem: {
        QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
        result.setHeight(std::max(result.height(), rowHeight()));
        return result;
    }
    default: return QProxyStyle::sizeFromContents(type, option, size, widget);
    }
}

/// Fusion's picture for the rest of a menu bar is a file: reading it loads the plug-ins of all image formats at every start.
QIcon AttuneStyle::standardIcon(StandardPixmap standard, const QStyleOption* option, const QWidget* widget) const
{
    if (standard == SP_ToolBarHorizontalExtensionButton)
        return icon(QStringLiteral("more"));
    return QProxyStyle::standardIcon(standard, option, widget);
}

QRect AttuneStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    // Text stands 8 px from the field's edge; QLineEdit itself adds 2.
    if (element == SE_LineEditContents)
        return option->rect.adjusted(6, 1, -6, -1);
    return QProxyStyle::subElementRect(element, option, widget);
}

QRect AttuneStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const
{
    const QRect rect = option->rect;
    if (control == CC_ComboBox && part == SC_ComboBoxEditField)
        return rect.adjusted(10, 1, -28, -1);
    if (control == CC_ComboBox && part == SC_ComboBoxArrow)
        return {rect.right() - 26, rect.y(), 24, rect.height()};
    if (control == CC_ScrollBar) {
        const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
        if (slider && (part == SC_ScrollBarAddLine || part == SC_ScrollBarSubLine))
            return {};
        if (slider && part == SC_ScrollBarGroove)
            return rect;
        if (slider && part == SC_ScrollBarSlider) {
            const int length = slider->orientation == Qt::Vertical ? rect.height() : rect.width();
            const qint64 range = qint64(slider->maximum) - slider->minimum;
            int size = range > 0 ? static_cast<int>(qint64(slider->pageStep) * length / (range + slider->pageStep)) : length;
            size = std::clamp(size, 28, std::max(28, length));
            const int start = sliderPositionFromValue(slider->minimum, slider->maximum, slider->sliderPosition, length - size, slider->upsideDown);
            return slider->orientation == Qt::Vertical ? QRect(rect.x(), rect.y() + start, rect.width(), size)
                                                       : QRect(rect.x() + start, rect.y(), size, rect.height());
        }
    }
    if (control == CC_SpinBox) {
        if (part == SC_SpinBoxUp || part == SC_SpinBoxDown)
            return {};
        if (part == SC_SpinBoxEditField)
            return rect.adjusted(8, 1, -8, -1);
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

}
