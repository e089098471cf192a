// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/option_editor.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>

#include <cmath>

namespace attune::widgets {

using bridge::toQString;

namespace {

constexpr int kChoiceWidth = 220, kTextWidth = 260, kLinesHeight = 68;

/// A list of whole sentences cannot be parted at commas.
bool isLines(const Option& option)
{
    return option.key == "eval.sample_prompts";
}

/// The next value of the series 1, 2, 5, 10 …, up or down.
double nextOf125(double value, int direction)
{
    const double decade = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
    const double mantissa = value / decade;
    if (direction > 0)
        return decade * (mantissa < 1.999 ? 2 : mantissa < 4.999 ? 5 : 10);
    return decade * (mantissa > 5.001 ? 5 : mantissa > 2.001 ? 2 : mantissa > 1.001 ? 1 : 0.5);
}

/// A field shows no thousands, but the sign of every other number.
QString withMinus(QString number)
{
    return number.startsWith(QLatin1Char('-')) ? number.replace(0, 1, QChar(0x2212)) : number;
}

}

QString textOfValue(const Json& value)
{
    if (value.is_null())
        return {};
    if (value.is_number_float()) {
        const double v = value.get<double>();
        return v != 0 && (std::abs(v) < 1e-3 || std::abs(v) >= 1e6) ? bridge::scientific(v) : withMinus(QString::number(v, 'g', 10).replace(QLatin1Char('.'), QLocale().decimalPoint()));
    }
    if (value.is_number_integer())
        return withMinus(QString::number(value.get<qint64>()));
    if (value.is_string())
        return toQString(value.get_ref<const std::string&>());
    if (value.is_array()) {
        QStringList parts;
        for (const auto& item : value)
            parts.append(item.is_string() ? toQString(item.get_ref<const std::string&>()) : toQString(toLine(item)));
        return parts.join(QStringLiteral(", "));
    }
    return value.is_object() && value.empty() ? QString() : toQString(toLine(value));
}

OptionEditor::OptionEditor(const Option& option, QWidget* parent)
    : QWidget(parent)
    , m_option(option)
{
    setLayout(row(0));
    use(make());
    if (option.type == OptionType::Text && !option.choices.empty()) {
        QList<RichItem> items;
        for (const auto& choice : option.choices)
            items.append({toQString(choice.value), bridge::translated(choice.label.empty() ? choice.value : choice.label)});
        setProposals(items);
    }
    if (option.type == OptionType::List && !isLines(option)) {
        QStringList values, labels;
        for (const auto& choice : option.choices) {
            values.append(toQString(choice.value));
            labels.append(bridge::translated(choice.label));
        }
        setNames(values, labels);
    }
}

QWidget* OptionEditor::make()
{
    if (m_option.type == OptionType::Boolean)
        return makeCheck();
    if (m_option.type == OptionType::Choice)
        return makeCombo();
    return isLines(m_option) ? makeLines() : makeLine();
}

void OptionEditor::use(QWidget* control)
{
    if (m_control) {
        layout()->removeWidget(m_control);
        m_control->hide();
        m_control->deleteLater();
    }
    m_control = control;
    m_control->setAccessibleName(bridge::translated(m_option.label));
    m_control->setAccessibleDescription(bridge::translated(m_option.help));
    layout()->addWidget(m_control);
    setFocusProxy(m_control);
    setMinimumHeight(isLines(m_option) ? style::scaled(kLinesHeight) : style::controlHeight());
}

QWidget* OptionEditor::makeCheck()
{
    m_check = new QCheckBox;
    m_check->setFixedHeight(style::controlHeight());
    connect(m_check, &QCheckBox::toggled, this, [this](bool isOn) {
        if (!m_isSetting)
            emit edited(isOn ? QStringLiteral("true") : QStringLiteral("false"));
    });
    return m_check;
}

QWidget* OptionEditor::makeCombo()
{
    m_combo = new RichCombo;
    QList<RichItem> items;
    for (const auto& choice : m_option.choices)
        items.append({toQString(choice.value), bridge::translated(choice.label.empty() ? choice.value : choice.label), bridge::translated(choice.help), {},
            choice.isAvailable ? QString() : tr("Not in this version")});
    m_combo->setItems(items);
    connect(m_combo, &QComboBox::activated, this, [this] { emit edited(m_combo->value()); });
    return m_combo;
}

QWidget* OptionEditor::makeLine()
{
    m_line = new QLineEdit;
    m_line->setFont(style::mono());
    m_line->installEventFilter(this);
    if (!m_option.unit.empty()) {
        m_unit = captionLabel(bridge::translated(m_option.unit));
        m_unit->setParent(m_line);
        m_unit->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    connect(m_line, &QLineEdit::textEdited, this, [this](const QString& text) { emit edited(isNumber() ? bridge::typedNumber(text) : text); });
    return m_line;
}

QWidget* OptionEditor::makeLines()
{
    m_lines = new QPlainTextEdit;
    m_lines->setTabChangesFocus(true);
    m_lines->setPlaceholderText(tr("One in each line"));
    connect(m_lines, &QPlainTextEdit::textChanged, this, [this] {
        if (m_isSetting)
            return;
        Json list = Json::array();
        for (const auto& line : m_lines->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts))
            list.push_back(bridge::toStd(line));
        emit edited(toQString(toLine(list)));
    });
    return m_lines;
}

int OptionEditor::preferredWidth() const
{
    if (m_check)
        return style::scaled(20);
    if (m_combo)
        return kChoiceWidth;
    return isNumber() ? style::kNumberField : kTextWidth;
}

bool OptionEditor::isNumber() const
{
    return m_option.type == OptionType::Integer || m_option.type == OptionType::Number;
}

void OptionEditor::setProposals(const QList<RichItem>& items)
{
    if (!m_combo) {
        m_combo = new RichCombo;
        m_line = nullptr;
        m_unit = nullptr;
        connect(m_combo, &QComboBox::activated, this, [this] { emit edited(m_combo->value()); });
        use(m_combo);
    }
    m_combo->setItems(items);
}

void OptionEditor::setNames(const QStringList& values, const QStringList& labels)
{
    const bool isFirst = m_names.isEmpty();
    m_names = values;
    m_nameLabels = labels;
    if (!m_line || values.isEmpty() || !isFirst)
        return;
    auto* action = m_line->addAction(style::icon(QStringLiteral("down")), QLineEdit::TrailingPosition);
    action->setToolTip(tr("Choose from a list"));
    connect(action, &QAction::triggered, this, &OptionEditor::showNames);
}

void OptionEditor::showNames()
{
    QStringList chosen = m_line->text().split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (auto& name : chosen)
        name = name.trimmed();
    QMenu menu(this);
    for (int i = 0; i < m_names.size(); ++i) {
        auto* action = menu.addAction(m_nameLabels.value(i, m_names[i]));
        action->setCheckable(true);
        action->setChecked(chosen.contains(m_names[i]));
        action->setData(m_names[i]);
    }
    const auto* picked = menu.exec(m_line->mapToGlobal(QPoint(0, m_line->height() + 2)));
    if (!picked)
        return;
    const QString name = picked->data().toString();
    // One word for all of them stands alone.
    const bool isWhole = name == QLatin1String("all-linear") || name == QLatin1String("auto");
    if (isWhole)
        chosen.clear();
    chosen.removeAll(QStringLiteral("all-linear"));
    if (!chosen.removeAll(name))
        chosen.append(name);
    m_line->setText(chosen.join(QStringLiteral(", ")));
    emit edited(m_line->text());
}

void OptionEditor::setValue(const Json& value, bool isForced)
{
    m_isSetting = true;
    const QString text = textOfValue(value);
    if (m_check)
        m_check->setChecked(value.is_boolean() && value.get<bool>());
    if (m_combo)
        m_combo->setValue(text);
    if (m_line && (isForced || !m_line->hasFocus()))
        m_line->setText(text);
    if (m_lines && (isForced || !m_lines->hasFocus())) {
        QStringList lines;
        for (const auto& item : value.is_array() ? value : Json::array())
            lines.append(textOfValue(item));
        m_lines->setPlainText(lines.join(QLatin1Char('\n')));
    }
    m_isSetting = false;
}

void OptionEditor::setError(bool hasError)
{
    m_control->setProperty("error", hasError);
    m_control->update();
}

void OptionEditor::placeUnit()
{
    if (!m_unit || !m_line)
        return;
    m_unit->adjustSize();
    // In a narrow field the number is worth more than its unit.
    const bool hasRoom = m_line->width() >= m_unit->width() + 52;
    m_unit->setVisible(hasRoom);
    m_line->setTextMargins(0, 0, hasRoom ? m_unit->width() + 10 : 0, 0);
    m_unit->move(m_line->width() - m_unit->width() - 9, (m_line->height() - m_unit->height()) / 2);
}

void OptionEditor::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_line)
        m_line->resize(width(), m_line->height());
    placeUnit();
}

/// The arrow keys step a number: whole ones by one, others through 1, 2, 5, 10.
void OptionEditor::stepBy(int direction)
{
    bool isReadable = false;
    const double value = bridge::typedNumber(m_line->text()).toDouble(&isReadable);
    if (!isReadable)
        return;
    double next = value + direction;
    if (m_option.type == OptionType::Number && value > 0 && (value < 1 || (value <= 1 && direction < 0)))
        next = nextOf125(value, direction);
    if ((m_option.minimum && next < *m_option.minimum) || (m_option.maximum && next > *m_option.maximum))
        return;
    m_line->setText(m_option.type == OptionType::Integer ? textOfValue(Json(static_cast<qint64>(next))) : textOfValue(Json(next)));
    emit edited(bridge::typedNumber(m_line->text()));
}

bool OptionEditor::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_line && isNumber() && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down) {
            stepBy(key == Qt::Key_Up ? 1 : -1);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}
