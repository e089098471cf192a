// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"
#include "widgets/option_field.h"

#include <QCheckBox>

namespace attune::pages {

/// The options of a cleaning rule as a form, made from the rule's table: nothing here knows a single rule. Lists with
/// known values and lists of columns are check boxes.
class StepForm final : public QWidget
{
    Q_OBJECT
public:
    explicit StepForm(QWidget* parent = nullptr);
    /// options: as in a step; what is left out has its default.
    void setRule(const cleaner::Rule& rule, const std::vector<importer::Column>& columns, const Json& options);
    /// Only what differs from the defaults, so that steps.yaml stays short.
    Json options() const;
    /// What is wrong with what was typed; empty where nothing is.
    const QString& problem() const { return m_problem; }
    widgets::OptionField* field(const QString& key) const;

signals:
    void changed();

private:
    void addField(const Option& option);
    void addChecks(const Option& option, const std::vector<OptionChoice>& choices);
    void take(const QString& key, const QString& text);
    void showFields();

    const cleaner::Rule* m_rule = nullptr;
    std::vector<importer::Column> m_columns;
    Json m_values;
    QString m_problem;
    QVBoxLayout* m_rows = nullptr;
    QList<widgets::OptionField*> m_fields;
    QList<QPair<std::string, QWidget*>> m_lines;  ///< by option, for what is shown only sometimes
};

}
