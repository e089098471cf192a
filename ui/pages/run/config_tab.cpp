// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "bridge/text.h"
#include "pages/run/run_tab.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/panel.h"
#include "widgets/table.h"
#include "widgets/text_view.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCheckBox>
#include <QClipboard>
#include <QFileDialog>
#include <QLineEdit>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

QString shown(const Json& value)
{
    if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()))
        return QStringLiteral("–");
    if (value.is_number_float()) {
        const double v = value.get<double>();
        return v != 0 && std::abs(v) < 1e-3 ? bridge::scientific(v) : bridge::significant(v, 6);
    }
    if (value.is_number_integer())
        return bridge::grouped(value.get<qint64>());
    if (value.is_boolean())
        return value.get<bool>() ? QObject::tr("yes") : QObject::tr("no");
    return value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value));
}

}

/// The run's frozen recipe: as a table with what differs from the defaults, or as the file that starts it again.
class ConfigTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ConfigTab)
public:
    explicit ConfigTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column(style::kSpace2);
        outer->setContentsMargins(16, 10, 16, 12);
        setLayout(outer);
        auto* line = widgets::row(style::kSpace2);
        m_form = new widgets::SegmentedControl({tr("Table"), tr("Recipe file")});
        m_form->setAccessibleName(tr("How the settings are shown"));
        line->addWidget(m_form);
        m_filter = new QLineEdit;
        m_filter->setProperty("find", true);
        m_filter->setPlaceholderText(tr("Find a setting"));
        m_filter->setClearButtonEnabled(true);
        m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
        widgets::fitToPlaceholder(m_filter, style::scaled(160));
        m_filter->setAccessibleName(tr("Find a setting"));
        line->addWidget(m_filter);
        m_changed = new QCheckBox(tr("Changed only"));
        line->addWidget(m_changed);
        m_count = new widgets::CaptionLabel;
        m_count->setToolTip(tr("Settings that differ from the defaults"));
        line->addWidget(m_count);
        line->addStretch(1);
        auto* copy = widgets::button(tr("Copy as command"), widgets::ButtonRole::Secondary, QStringLiteral("terminal"));
        auto* save = widgets::button(tr("Save recipe…"), widgets::ButtonRole::Secondary, QStringLiteral("save"));
        line->addWidget(copy);
        line->addWidget(save);
        outer->addLayout(line);
        m_table = new widgets::Table({{tr("Setting"), 220}, {tr("Key"), 250, false, true}, {tr("Value"), 0, false, true}, {tr("Default"), 150, false, true}});
        m_table->setAccessibleName(tr("Settings of the run"));
        m_text = widgets::textView();
        m_text->setAccessibleName(tr("Recipe of the run"));
        m_stack = new QStackedWidget;
        m_stack->addWidget(m_table);
        m_stack->addWidget(m_text);
        outer->addWidget(m_stack, 1);
        connect(m_form, &widgets::SegmentedControl::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
        connect(m_filter, &QLineEdit::textChanged, m_table, &widgets::Table::setFilter);
        connect(m_changed, &QCheckBox::toggled, this, [this] { fill(); });
        connect(copy, &QPushButton::clicked, this, [this] {
            QApplication::clipboard()->setText(QStringLiteral("attune run start \"%1/recipe.yaml\"").arg(toQString(m_folder)));
            m_context.navigator.toast(tr("The command is on the clipboard."));
        });
        connect(save, &QPushButton::clicked, this, &ConfigTab::saveRecipe);
    }

    void clear() override
    {
        m_recipe.reset();
        m_folder.clear();
    }

    void show(const RunData& runData) override
    {
        if (m_folder == runData.row.folder && m_recipe.has_value() == runData.recipe.has_value())
            return;
        m_folder = runData.row.folder;
        m_recipe = runData.recipe;
        m_text->setPlainText(m_recipe ? toQString(m_recipe->toYaml()) : tr("The recipe of this run cannot be read: %1/recipe.yaml").arg(toQString(m_folder)));
        fill();
    }

private:
    void fill()
    {
        QList<widgets::TableRow> rows;
        int changed = 0, all = 0;
        if (m_recipe)
            for (const auto& option : pipeline::recipeSchema().options()) {
                if (!m_recipe->isVisible(option))
                    continue;
                ++all;
                const bool isChanged = !m_recipe->isDefault(option.key);
                changed += isChanged;
                if (m_changed->isChecked() && !isChanged)
                    continue;
                widgets::Cell value {shown(m_recipe->value(option.key))};
                value.tone = isChanged ? widgets::Tone::Accent : widgets::Tone::Text;
                widgets::Cell label {bridge::translated(option.label)};
                label.isStrong = isChanged;
                rows.append({toQString(option.key), {label, {toQString(option.key), {}, widgets::Tone::Secondary}, value, {shown(option.defaultValue), {}, widgets::Tone::Secondary}}});
            }
        m_table->setRows(rows);
        m_count->setText(tr("%1 of %2 changed").arg(changed).arg(all));
    }

    void saveRecipe()
    {
        const QString path = QFileDialog::getSaveFileName(this, tr("Save the recipe"), QStringLiteral("run.recipe.yaml"), tr("Recipes (*.yaml *.yml)"));
        if (path.isEmpty() || !m_recipe)
            return;
        const auto status = writeFileAtomically(bridge::toStd(path), m_recipe->toYaml());
        m_context.navigator.toast(status ? tr("%1 was written.").arg(path) : toQString(status.error().message));
    }

    widgets::SegmentedControl* m_form = nullptr;
    QLineEdit* m_filter = nullptr;
    QCheckBox* m_changed = nullptr;
    widgets::Label* m_count = nullptr;
    widgets::Table* m_table = nullptr;
    QPlainTextEdit* m_text = nullptr;
    QStackedWidget* m_stack = nullptr;
    std::optional<pipeline::Recipe> m_recipe;
    std::string m_folder;
};

RunTab* makeConfigTab(shell::Context& context)
{
    return new ConfigTab(context);
}

}
