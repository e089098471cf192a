// SPDX-License-Identifier: GPL-3.0-or-later
// How large the controls are and where their parts lie; see attune_style.h.
#include "style/attune_style.h"

#include "style/control_paint.h"
#include "style/fonts.h"
#include "style/menu_style.h"
#include "style/metrics.h"

#include <QAbstractItemView>
#include <QStyleOption>

namespace attune::style {

namespace {

/// The label of a primary button is set in a heavier weight, and in full size also where the button is small.
int heavierBy(const QStyleOptionButton& button)
{
    const int set = QFontMetrics(body(Weight::SemiBold)).size(Qt::TextShowMnemonic, button.text).width();
    return std::max(0, set - button.fontMetrics.size(Qt::TextShowMnemonic, button.text).width()) + 2;
}

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
    case PM_MessageBoxIconSize: return 24;
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
        const int extra = (button && lookOf(widget) == Look::Primary ? heavierBy(*button) : 0) + (button && !button->icon.isNull() ? 4 : 0);
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
        return visualRect(option->direction, rect, rect.adjusted(10, 1, -28, -1));
    if (control == CC_ComboBox && part == SC_ComboBoxArrow)
        return visualRect(option->direction, rect, {rect.right() - 26, rect.y(), 24, rect.height()});
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
            return rect.adjusted(0, 1, 0, -1);  // the line in it keeps its own distance
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

}
