// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/step_form.h"

#include "bridge/text.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QGridLayout>

#include <algorithm>

namespace attune::pages {

using bridge::toQString;

namespace {

bool namesColumn(const Option& option)
{
    return option.key == "column" || option.key == "from";
}

/// The column that most people mean: the answer, else the first text.
std::string likelyColumn(const std::vector<importer::Column>& columns)
{
    using importer::ColumnRole;
    for (const auto role : {ColumnRole::Completion, ColumnRole::Messages, ColumnRole::Text, ColumnRole::Label})
        for (const auto& column : columns)
            if (column.role == role)
                return column.name;
    for (const auto& column : columns)
        if (column.type == "text")
            return column.name;
    return columns.empty() ? std::string() : columns.front().name;
}

}

StepForm::StepForm(QWidget* parent)
    : QWidget(parent)
    , m_rows(widgets::column())
{
    setLayout(m_rows);
}

void StepForm::setRule(const cleaner::Rule& rule, const std::vector<importer::Column>& columns, const Json& options)
{
    m_rule = &rule;
    m_columns = columns;
    m_problem.clear();
    m_fields.clear();
    m_lines.clear();
    while (auto* item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    m_values = Json::object();
    for (const auto& option : rule.options.options()) {
        m_values[option.key] = options.contains(option.key) ? options[option.key] : option.defaultValue;
        if (namesColumn(option) && m_values[option.key] == "")
            m_values[option.key] = likelyColumn(columns);
    }
    for (const auto& option : rule.options.options())
        addField(option);
    m_rows->addStretch(1);
    showFields();
}

void StepForm::addField(const Option& option)
{
    if (option.type == OptionType::List && option.key == "columns") {
        std::vector<OptionChoice> choices;
        for (const auto& column : m_columns)
            choices.push_back({column.name, column.name, column.type});
        addChecks(option, choices);
        return;
    }
    if (option.type == OptionType::List && !option.choices.empty()) {
        addChecks(option, option.choices);
        return;
    }
    auto* field = new widgets::OptionField(option);
    if (namesColumn(option)) {
        QList<widgets::RichItem> names;
        for (const auto& column : m_columns)
            names.append({.value = toQString(column.name), .name = toQString(column.name)});
        field->setProposals(names);
    }
    field->setValue(m_values[option.key]);
    m_rows->addWidget(field);
    m_fields.append(field);
    m_lines.append({option.key, field});
    connect(field, &widgets::OptionField::edited, this, &StepForm::take);
}

void StepForm::addChecks(const Option& option, const std::vector<OptionChoice>& choices)
{
    auto* line = new QWidget;
    line->setToolTip(bridge::translated(option.help));
    auto* outer = widgets::row(style::kSpace1);
    outer->setContentsMargins(0, 4, 0, 4);
    line->setLayout(outer);
    auto* label = widgets::bodyLabel(bridge::translated(option.label));
    label->setFixedWidth(style::scaled(style::kLabelWidth));
    label->setWordWrap(true);
    outer->addWidget(label, 0, Qt::AlignTop);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(style::kSpace4);
    grid->setVerticalSpacing(2);
    outer->addLayout(grid);
    outer->addStretch(1);
    int place = 0;
    for (const auto& choice : choices) {
        auto* box = new QCheckBox(bridge::translated(choice.label));
        box->setToolTip(bridge::translated(choice.help));
        box->setFixedHeight(style::smallControlHeight());
        const Json& list = m_values[option.key];
        box->setChecked(std::find(list.begin(), list.end(), choice.value) != list.end());
        grid->addWidget(box, place / 3, place % 3);
        ++place;
        connect(box, &QCheckBox::toggled, this, [this, key = option.key, value = choice.value](bool isOn) {
            Json& now = m_values[key];
            const auto it = std::find(now.begin(), now.end(), value);
            if (isOn && it == now.end())
                now.push_back(value);
            else if (!isOn && it != now.end())
                now.erase(it);
            emit changed();
        });
    }
    auto* none = widgets::captionLabel(tr("none ticked: all"));
    grid->addWidget(none, (place + 2) / 3, 0, 1, 3);
    m_rows->addWidget(line);
    m_lines.append({option.key, line});
}

void StepForm::take(const QString& key, const QString& text)
{
    const Option* option = m_rule->options.find(bridge::toStd(key));
    if (!option)
        return;
    Json value = text.isEmpty() && option->isNullable ? Json() : Json(bridge::toStd(text));
    if (option->type == OptionType::Boolean)
        value = text == QStringLiteral("true");
    auto* changedField = field(key);
    const auto problem = value.is_null() ? std::nullopt : m_rule->options.check(*option, value);
    m_problem = problem ? toQString(problem->message) : QString();
    if (changedField)
        changedField->setError(m_problem);
    if (!problem) {
        m_values[option->key] = value;
        showFields();
    }
    emit changed();
}

void StepForm::showFields()
{
    for (const auto& [key, line] : m_lines) {
        const Option* option = m_rule->options.find(key);
        bool isShown = true;
        if (option && !option->visibleKey.empty()) {
            const Json& value = m_values[option->visibleKey];
            const std::string text = value.is_string() ? value.get<std::string>() : toLine(value);
            isShown = std::find(option->visibleValues.begin(), option->visibleValues.end(), text) != option->visibleValues.end();
        }
        line->setVisible(isShown);
    }
}

Json StepForm::options() const
{
    Json given = Json::object();
    for (const auto& option : m_rule->options.options())
        if (m_values[option.key] != option.defaultValue)
            given[option.key] = m_values[option.key];
    return given;
}

widgets::OptionField* StepForm::field(const QString& key) const
{
    for (auto* field : m_fields)
        if (field->key() == bridge::toStd(key))
            return field;
    return nullptr;
}

}
