// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/option_field.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace attune::widgets {

using bridge::toQString;

namespace {

/// The accent dot of a changed value; keeps its place when hidden.
class Dot final : public QWidget
{
public:
    Dot()
    {
        setFixedSize(10, 10);
        setToolTip(OptionField::tr("Changed from the preset"));
    }
    bool isOn = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (!isOn)
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(style::tokens().accent);
        painter.drawEllipse(QRectF(1.5, 1.5, 7, 7));
    }
};

/// A combo that leaves the wheel to the scrolling form.
class CalmCombo final : public QComboBox
{
protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

int fieldWidth(const Option& option)
{
    switch (option.type) {
    case OptionType::Integer:
    case OptionType::Number: return style::kNumberField;
    case OptionType::Choice: return 220;
    default: return 260;
    }
}

}

OptionField::OptionField(const Option& option, QWidget* parent)
    : QWidget(parent)
    , m_option(option)
{
    setObjectName(QStringLiteral("field-") + toQString(option.key));
    setFixedHeight(style::scaled(32));
    m_row = row(style::kSpace1);
    setLayout(m_row);
    auto* label = bodyLabel(toQString(option.label));
    label->setFixedWidth(style::scaled(style::kLabelWidth));
    m_row->addWidget(label);
    m_editor = makeEditor();
    m_editor->setAccessibleName(toQString(option.label));
    m_editor->setAccessibleDescription(toQString(option.help));
    label->setBuddy(m_editor);
    m_row->addWidget(m_editor);
    auto* help = iconButton(QStringLiteral("info"), toQString(option.label));
    help->setToolTip(QStringLiteral("<p style='width:320px'>%1</p><p>%2</p>").arg(toQString(option.help).toHtmlEscaped(),
        option.typical.empty() ? toQString(option.key) : tr("Typical: %1 · %2").arg(toQString(option.typical), toQString(option.key))));
    help->setProperty("size", QStringLiteral("small"));
    help->setFocusPolicy(Qt::NoFocus);
    m_row->addWidget(help);
    m_dot = new Dot;
    m_row->addWidget(m_dot);
    m_reset = iconButton(QStringLiteral("reset"), tr("Back to the preset's value"));
    m_reset->setProperty("size", QStringLiteral("small"));
    m_reset->setFocusPolicy(Qt::NoFocus);
    auto policy = m_reset->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(policy);
    m_reset->hide();
    m_row->addWidget(m_reset);
    m_row->addSpacing(style::kSpace2);
    m_hint = new ElidedLabel;
    m_hint->setFont(style::caption());
    m_hint->setTone(Tone::Secondary);
    m_row->addWidget(m_hint, 1);
    connect(m_reset, &QToolButton::clicked, this, [this] {
        // The field may have the focus, and then setValue() leaves its text to who types.
        if (m_line)
            m_line->setText(textOf(m_option.defaultValue));
        emit edited(toQString(m_option.key), textOf(m_option.defaultValue));
    });
}

QWidget* OptionField::makeEditor()
{
    const QString name = toQString(m_option.key);
    const int width = style::scaled(fieldWidth(m_option));
    if (m_option.type == OptionType::Boolean) {
        m_check = new QCheckBox;
        m_check->setFixedHeight(style::controlHeight());
        connect(m_check, &QCheckBox::toggled, this, [this, name](bool on) {
            if (!m_isSetting)
                emit edited(name, on ? QStringLiteral("true") : QStringLiteral("false"));
        });
        return m_check;
    }
    if (m_option.type == OptionType::Choice) {
        m_combo = new CalmCombo;
        m_combo->setFixedWidth(width);
        for (const auto& choice : m_option.choices) {
            m_combo->addItem(toQString(choice.label.empty() ? choice.value : choice.label), toQString(choice.value));
            m_combo->setItemData(m_combo->count() - 1, toQString(choice.help), Qt::ToolTipRole);
        }
        connect(m_combo, &QComboBox::activated, this, [this, name] { emit edited(name, m_combo->currentData().toString()); });
        return m_combo;
    }
    m_line = new QLineEdit;
    m_line->setFixedWidth(width);
    m_line->setFont(style::mono());
    if (!m_option.unit.empty()) {
        m_unit = captionLabel(toQString(m_option.unit));
        m_unit->setParent(m_line);
        m_unit->setAttribute(Qt::WA_TransparentForMouseEvents);
        m_line->setTextMargins(0, 0, m_unit->sizeHint().width() + 10, 0);
    }
    connect(m_line, &QLineEdit::textEdited, this, [this, name](const QString& text) { emit edited(name, text); });
    return m_line;
}

void OptionField::setProposals(const QList<QPair<QString, QString>>& proposals)
{
    // The same again leaves an open list alone: the workspace changes all the time while a run trains.
    if (m_combo && proposals == m_proposals && m_combo->count() > 0)
        return;
    m_proposals = proposals;
    if (!m_combo) {
        // A text field with known names becomes a list to choose from.
        m_combo = new CalmCombo;
        m_combo->setFixedWidth(style::scaled(220));
        m_combo->setAccessibleName(toQString(m_option.label));
        m_row->replaceWidget(m_editor, m_combo);
        m_editor->deleteLater();
        m_editor = m_combo;
        m_line = nullptr;
        m_unit = nullptr;
        connect(m_combo, &QComboBox::activated, this, [this] { emit edited(toQString(m_option.key), m_combo->currentData().toString()); });
    }
    const QString current = m_combo->currentData().toString();
    m_combo->clear();
    for (const auto& [value, label] : proposals)
        m_combo->addItem(label, value);
    m_combo->setCurrentIndex(m_combo->findData(current));
}

void OptionField::addBehind(QWidget* widget)
{
    m_row->insertWidget(2, widget);
}

void OptionField::focusField()
{
    m_editor->setFocus(Qt::TabFocusReason);
}

QString OptionField::textOf(const Json& value) const
{
    if (value.is_null())
        return {};
    if (value.is_number_float()) {
        const double v = value.get<double>();
        return v != 0 && (std::abs(v) < 1e-3 || std::abs(v) >= 1e6) ? bridge::scientific(v) : QString::number(v, 'g', 10);
    }
    if (value.is_string())
        return toQString(value.get_ref<const std::string&>());
    if (value.is_array()) {
        QStringList parts;
        for (const auto& item : value)
            parts.append(item.is_string() ? toQString(item.get_ref<const std::string&>()) : toQString(toLine(item)));
        return parts.join(QStringLiteral(", "));
    }
    if (value.is_object() && value.empty())
        return {};
    return toQString(toLine(value));
}

void OptionField::setValue(const Json& value)
{
    m_isSetting = true;
    const QString text = textOf(value);
    if (m_check)
        m_check->setChecked(value.is_boolean() && value.get<bool>());
    if (m_combo) {
        int index = m_combo->findData(text);
        if (index < 0 && !text.isEmpty()) {
            m_combo->addItem(text, text);
            index = m_combo->count() - 1;
        }
        m_combo->setCurrentIndex(index);
    }
    if (m_line && !m_line->hasFocus())
        m_line->setText(text);
    m_isChanged = value != m_option.defaultValue && !(m_option.group == "model" || m_option.key == "data.train");
    static_cast<Dot*>(m_dot)->isOn = m_isChanged;
    m_dot->update();
    m_reset->setVisible(m_isChanged);
    setError({});
    m_isSetting = false;
}

void OptionField::setHint(const QString& hint)
{
    m_hintText = hint;
    say(hint);
}

void OptionField::say(const QString& text)
{
    m_hint->setText(text);
}

void OptionField::setError(const QString& message)
{
    m_editor->setProperty("error", !message.isEmpty());
    m_editor->update();
    m_hint->setTone(message.isEmpty() ? Tone::Secondary : Tone::Danger);
    say(message.isEmpty() ? m_hintText : message);
}

void OptionField::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_unit && m_line) {
        m_unit->adjustSize();
        m_unit->move(m_line->width() - m_unit->width() - 9, (m_line->height() - m_unit->height()) / 2);
    }
}

class CollapsibleGroup::Head final : public QWidget
{
public:
    explicit Head(const QString& name)
        : m_name(name)
    {
        setFixedHeight(style::scaled(31));
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::PointingHandCursor);
        setAccessibleName(name);
    }
    QString summary, badge;
    bool isOpen = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        if (underMouse())
            painter.fillRect(rect(), t.hover);
        style::drawHairline(&painter, {0, 0}, {width(), 0}, t.border);
        if (hasFocus())
            style::drawBox(&painter, rect().adjusted(0, 2, 0, -1), QColor(), t.accent, style::kRadius, 2.0);
        painter.drawPixmap(2, height() / 2 - 7, style::iconPixmap(isOpen ? QStringLiteral("down") : QStringLiteral("right"), 16, t.text2, devicePixelRatioF()));
        painter.setFont(style::body());
        painter.setPen(t.text);
        painter.drawText(QRect(26, 0, width(), height()), Qt::AlignVCenter, m_name);
        int x = 26 + painter.fontMetrics().horizontalAdvance(m_name) + 10, right = width();
        painter.setFont(style::caption());
        if (!badge.isEmpty()) {
            const int w = painter.fontMetrics().horizontalAdvance(badge) + 18;
            const QRect box(width() - w, height() / 2 - 10, w, 20);
            style::drawBox(&painter, box, t.accentWeak, QColor(), 10);
            painter.setPen(t.accent);
            painter.drawText(box, Qt::AlignCenter, badge);
            right -= w + 8;
        }
        painter.setPen(t.text2);
        painter.drawText(QRect(x, 1, right - x, height()), Qt::AlignVCenter, painter.fontMetrics().elidedText(summary, Qt::ElideRight, std::max(0, right - x)));
    }

private:
    QString m_name;
};

CollapsibleGroup::CollapsibleGroup(const QString& name, QWidget* parent)
    : QWidget(parent)
    , m_head(new Head(name))
    , m_body(new QWidget)
{
    auto* layout = column();
    setLayout(layout);
    layout->addWidget(m_head);
    m_rows = column();
    m_rows->setContentsMargins(0, 2, 0, 6);
    m_body->setLayout(m_rows);
    layout->addWidget(m_body);
    m_body->hide();
    m_head->installEventFilter(this);
}

void CollapsibleGroup::addField(OptionField* field)
{
    m_fields.append(field);
    m_rows->addWidget(field);
}

void CollapsibleGroup::setSummary(const QString& summary)
{
    m_head->summary = summary;
    m_head->update();
}

void CollapsibleGroup::setOpen(bool isOpen)
{
    m_head->isOpen = isOpen;
    m_body->setVisible(isOpen);
    m_head->update();
}

void CollapsibleGroup::updateBadge()
{
    int changed = 0;
    for (const auto* field : m_fields)
        changed += field->isChanged() && !field->isHidden();
    m_head->badge = changed ? tr("%n changed", nullptr, changed) : QString();
    if (changed)
        m_head->badge = tr("%1 changed").arg(changed);
    m_head->update();
}

bool CollapsibleGroup::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::MouseButtonRelease)
        setOpen(!m_head->isOpen);
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Space || key == Qt::Key_Return)
            setOpen(!m_head->isOpen);
        else if (key == Qt::Key_Right || key == Qt::Key_Left)
            setOpen(key == Qt::Key_Right);
        else
            return QWidget::eventFilter(watched, event);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}
