// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/rich_combo.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyleOptionComboBox>
#include <QStyledItemDelegate>
#include <QStylePainter>
#include <QWheelEvent>

namespace attune::widgets {

namespace {
constexpr int kDetail = Qt::UserRole + 1, kNote = Qt::UserRole + 2, kReason = Qt::UserRole + 3;
constexpr int kWidePopup = 520, kPad = 10;

QString textOf(const QModelIndex& index, int role)
{
    return index.data(role).toString();
}
}

class RichCombo::Delegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        const int lines = !textOf(index, kDetail).isEmpty() + (!textOf(index, kNote).isEmpty() || !textOf(index, kReason).isEmpty());
        if (lines == 0)
            return {100, style::scaled(28)};
        return {100, QFontMetrics(style::body()).height() + lines * (QFontMetrics(style::caption()).height() + 1) + 10};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const bool isUsable = index.flags() & Qt::ItemIsEnabled;
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver) && isUsable)
            painter->fillRect(option.rect, t.selection);
        const bool isRich = !textOf(index, kDetail).isEmpty();
        QRect line = option.rect.adjusted(kPad, isRich ? 4 : 0, -kPad, 0);
        const auto draw = [&](const QFont& font, const QColor& colour, const QString& text) {
            painter->setFont(font);
            painter->setPen(colour);
            const QFontMetrics metrics(font);
            if (isRich)
                line.setHeight(metrics.height());
            painter->drawText(line, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(text, Qt::ElideRight, line.width()));
            line.translate(0, metrics.height() + 1);
        };
        draw(style::body(isRich ? style::Weight::Medium : style::Weight::Regular), isUsable ? t.text : t.text2, textOf(index, Qt::DisplayRole));
        if (!isRich)
            return;
        draw(style::caption(), t.text2, textOf(index, kDetail));
        const QString reason = textOf(index, kReason);
        if (!reason.isEmpty())
            draw(style::caption(), t.warning, reason);
        else if (const QString note = textOf(index, kNote); !note.isEmpty())
            draw(style::monoCaption(), t.text2, note);
    }
};

RichCombo::RichCombo(QWidget* parent)
    : QComboBox(parent)
{
    setItemDelegate(new Delegate(this));
    setMaxVisibleItems(14);
}

void RichCombo::setItems(const QList<RichItem>& items)
{
    if (items == m_items && count() > 0)
        return;
    const QString current = value();
    const QSignalBlocker quiet(this);
    m_items = items;
    clear();
    for (const auto& item : items)
        append(item);
    setCurrentIndex(-1);
    setValue(current);
}

void RichCombo::append(const RichItem& item)
{
    addItem(item.name, item.value);
    const int row = count() - 1;
    setItemData(row, item.detail, kDetail);
    setItemData(row, item.note, kNote);
    setItemData(row, item.reason, kReason);
    setItemData(row, item.reason.isEmpty() ? QString() : item.reason, Qt::ToolTipRole);
    setItemData(row, QStringList {item.name, item.detail, item.reason.isEmpty() ? item.note : item.reason}.join(QStringLiteral(". ")), Qt::AccessibleTextRole);
    qobject_cast<QStandardItemModel*>(model())->item(row)->setEnabled(item.reason.isEmpty());
}

void RichCombo::setValue(const QString& value)
{
    const QSignalBlocker quiet(this);
    int index = findData(value);
    if (index < 0 && !value.isEmpty()) {
        append(m_unlisted ? m_unlisted(value) : RichItem {value, value});
        index = count() - 1;
    }
    setCurrentIndex(index);
    updateGeometry();
    setToolTip(index >= m_items.size() && m_unlisted ? itemData(index, kDetail).toString() : QString());
    update();
}

void RichCombo::setSuffix(const QString& suffix)
{
    m_suffix = suffix;
    setAccessibleDescription(suffix);
    updateGeometry();
    update();
}

/// Of what is chosen: a field of its own width is given one.
QSize RichCombo::sizeHint() const
{
    constexpr int kAround = 44;
    const int name = fontMetrics().horizontalAdvance(currentText()), suffix = m_suffix.isEmpty() ? 0 : fontMetrics().horizontalAdvance(m_suffix) + 6;
    return {name + suffix + kAround, QComboBox::sizeHint().height()};
}

void RichCombo::showPopup()
{
    bool isRich = false;
    int width = this->width();
    const QFontMetrics metrics(style::body());
    for (const auto& item : m_items) {
        isRich = isRich || !item.detail.isEmpty();
        width = std::max(width, metrics.horizontalAdvance(item.name) + 3 * kPad);
    }
    view()->setMinimumWidth(isRich ? std::max(width, style::scaled(kWidePopup)) : std::min(width, style::scaled(kWidePopup)));
    QComboBox::showPopup();
}

void RichCombo::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

void RichCombo::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const QRect field = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
    const QFontMetrics metrics = fontMetrics();
    const bool isEmpty = currentIndex() < 0;
    const int room = m_suffix.isEmpty() ? 0 : metrics.horizontalAdvance(m_suffix) + 6;
    const QString name = metrics.elidedText(isEmpty ? placeholderText() : currentText(), Qt::ElideRight, field.width() - room);
    const auto& t = style::tokens();
    if (const QString whole = name == currentText() || isEmpty ? QString() : currentText(); toolTip() != whole)
        setToolTip(whole);
    painter.setPen(!isEnabled() ? t.textDisabled : isEmpty ? t.text2 : t.text);
    painter.drawText(field, style::textFlags(name, layoutDirection()), name);
    painter.setPen(t.text2);
    const int before = metrics.horizontalAdvance(name) + 6;
    const bool isMirrored = layoutDirection() == Qt::RightToLeft;
    painter.drawText(field.adjusted(isMirrored ? 0 : before, 0, isMirrored ? -before : 0, 0), style::textFlags(m_suffix, layoutDirection()), m_suffix);
}

}
