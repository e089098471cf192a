// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/option_field.h"

#include "bridge/text.h"
#include "style/metrics.h"

namespace attune::widgets {

using bridge::toQString;

OptionField::OptionField(const Option& option, QWidget* parent)
    : FieldRow(bridge::translated(option.label), parent)
    , m_option(option)
    , m_editor(new OptionEditor(option))
{
    setObjectName(QStringLiteral("field-") + toQString(option.key));
    setHelp(helpOf(option));
    addControl(m_editor, m_editor->preferredWidth());
    connect(m_editor, &OptionEditor::edited, this, [this](const QString& text) { emit edited(toQString(m_option.key), text); });
    connect(this, &FieldRow::resetClicked, this, [this] {
        emit resetRequested(toQString(m_option.key));
        for (auto* guest : m_guests)
            emit guest->resetRequested(toQString(guest->key()));
    });
}

QString OptionField::helpOf(const Option& option)
{
    QStringList facts;
    if (!option.typical.empty())
        facts.append(tr("Typical: %1").arg(bridge::translated(option.typical)));
    QString byDefault = option.type == OptionType::Boolean ? (option.defaultValue == true ? tr("on") : tr("off")) : textOfValue(option.defaultValue);
    for (const auto& choice : option.choices)
        if (option.defaultValue == choice.value && !choice.label.empty())
            byDefault = bridge::translated(choice.label);
    if (!byDefault.isEmpty())
        facts.append(tr("Default: %1").arg(byDefault));
    facts.append(toQString(option.key));
    return QStringLiteral("<p style='width:320px'>%1</p><p>%2</p>").arg(bridge::translated(option.help).toHtmlEscaped(), facts.join(QStringLiteral(" · ")).toHtmlEscaped());
}

void OptionField::setValue(const Json& value, const Json& presetValue, bool isForced)
{
    m_editor->setValue(value, isForced);
    m_isChanged = value != presetValue;
    m_ownError.clear();
    m_editor->setError(false);
    showState();
}

void OptionField::setError(const QString& message)
{
    m_ownError = message;
    m_editor->setError(!message.isEmpty());
    showState();
}

void OptionField::showState()
{
    if (m_host)
        return m_host->showState();
    bool isAnyChanged = m_isChanged;
    QString error = m_ownError;
    for (const auto* guest : m_guests) {
        isAnyChanged = isAnyChanged || guest->m_isChanged;
        error = error.isEmpty() ? guest->m_ownError : error;
    }
    FieldRow::setChanged(isAnyChanged);
    FieldRow::setError(error, withoutLabel(error));
}

/// The label stands before the field already.
QString OptionField::withoutLabel(const QString& message) const
{
    const QString label = toQString(m_option.label) + QLatin1Char(' ');
    if (!message.startsWith(label))
        return {};
    const QString rest = message.mid(label.size());
    return rest.left(1).toUpper() + rest.mid(1);
}

void OptionField::setBlocked(const QString& reason)
{
    if (!m_host && m_guests.isEmpty())
        return FieldRow::setBlocked(reason);
    m_editor->setEnabled(reason.isEmpty());
    m_editor->setToolTip(reason);
}

void OptionField::join(OptionField* host, const QString& joint, int width)
{
    m_host = host;
    releaseControls();
    host->m_guests.append(this);
    host->addJoint(joint);
    host->addControl(m_editor, width);
    setParent(host);
    hide();
}

void OptionField::addBehind(QWidget* widget)
{
    addControl(widget, 0);
}

void OptionField::focusField()
{
    m_editor->focusProxy()->setFocus(Qt::TabFocusReason);
}

bool OptionField::matches(const QString& words) const
{
    QString all = QStringList {labelText(), toQString(m_option.key), bridge::translated(m_option.help), bridge::translated(m_option.unit)}.join(QLatin1Char('\n'));
    for (const auto& choice : m_option.choices)
        all += QLatin1Char('\n') + bridge::translated(choice.label) + QLatin1Char(' ') + toQString(choice.value);
    const auto parts = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const bool isHere = std::all_of(parts.begin(), parts.end(), [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    return isHere || std::any_of(m_guests.begin(), m_guests.end(), [&](const OptionField* guest) { return guest->matches(words); });
}

}
