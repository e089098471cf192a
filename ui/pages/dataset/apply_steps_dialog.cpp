// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/apply_steps_dialog.h"

#include "base/file.h"
#include "pipeline/cleaned_version.h"
#include "style/metrics.h"
#include "widgets/basics.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QListWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr qsizetype kMostWords = 60;

QString valueWords(const Json& value)
{
    if (value.is_array()) {
        if (value.size() > 4)
            return ApplyStepsDialog::tr("%n value(s)", nullptr, static_cast<int>(value.size()));
        QStringList words;
        for (const auto& one : value)
            words.append(valueWords(one));
        return words.join(QStringLiteral(", "));
    }
    const QString text = value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value));
    return text.size() > kMostWords ? text.left(kMostWords) + QStringLiteral("…") : text;
}

}

QString stepWords(const cleaner::Step& step)
{
    const auto* rule = cleaner::findRule(step.type);
    QStringList words;
    if (rule)
        for (const auto& option : rule->options.options())
            if (const auto it = step.options.find(option.key); it != step.options.end() && !(it->is_array() && it->empty()) && *it != option.defaultValue)
                words.append(QStringLiteral("%1 %2").arg(bridge::translated(option.label).toLower(), valueWords(*it)));
    const QString name = rule ? bridge::translated(rule->label) : toQString(step.type);
    return words.isEmpty() ? name : name + QStringLiteral(": ") + words.join(QStringLiteral("; "));
}

ApplyStepsDialog::ApplyStepsDialog(shell::Context& context, OpenedPtr opened, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_opened(std::move(opened))
{
    setObjectName(QStringLiteral("apply-steps"));
    setWindowTitle(tr("Apply steps to %1").arg(toQString(m_opened->row.name)));
    resize(style::scaled(640), style::scaled(420));
    auto* layout = widgets::column(10, 16);
    setLayout(layout);
    auto* middle = widgets::row(12);
    auto* left = widgets::column(6);
    left->addWidget(widgets::headingLabel(tr("Steps of")));
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("steps-sources"));
    m_list->setAccessibleName(tr("Where the steps come from"));
    left->addWidget(m_list, 1);
    auto* file = widgets::button(tr("Choose a file…"), widgets::ButtonRole::Secondary, QStringLiteral("folder"));
    left->addWidget(file);
    middle->addLayout(left, 2);
    auto* right = widgets::column(6);
    right->addWidget(widgets::headingLabel(tr("What is done, in this order")));
    m_preview = new QListWidget;
    m_preview->setAccessibleName(tr("Steps"));
    m_preview->setSelectionMode(QAbstractItemView::NoSelection);
    m_preview->setWordWrap(true);
    right->addWidget(m_preview, 1);
    middle->addLayout(right, 3);
    layout->addLayout(middle, 1);
    m_message = widgets::wrappedLabel({});
    layout->addWidget(m_message);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_apply = buttons->addButton(tr("Apply"), QDialogButtonBox::AcceptRole);
    m_apply->setObjectName(QStringLiteral("apply-chosen-steps"));
    m_apply->setProperty("role", QStringLiteral("primary"));
    m_apply->setDefault(true);
    m_apply->setEnabled(false);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(file, &QPushButton::clicked, this, &ApplyStepsDialog::chooseFile);
    connect(m_list, &QListWidget::currentRowChanged, this, &ApplyStepsDialog::showSource);
    m_context.workspace.query<std::vector<Source>>(this,
        [name = m_opened->row.name](store::Store& store) -> Result<std::vector<Source>> {
            ATTUNE_TRY(const auto rows, store.datasets());
            std::vector<Source> sources;
            for (const auto& row : rows) {
                if (row.name == name)
                    continue;
                if (auto steps = pipeline::stepsOf(row); steps && !steps->empty())
                    sources.push_back({toQString(row.name), tr("%n step(s)", nullptr, static_cast<int>(steps->size())), std::move(*steps), {}, false});
            }
            return sources;
        },
        [this](Result<std::vector<Source>> sources) { fill(sources.value_or(std::vector<Source>())); });
}

void ApplyStepsDialog::fill(const std::vector<Source>& sources)
{
    for (const auto& source : sources) {
        m_sources.push_back(source);
        m_list->addItem(QStringLiteral("%1, %2").arg(source.name, source.facts));
    }
    m_message->setText(m_sources.empty() ? tr("No other dataset has steps yet. Steps that were saved to a file can be chosen.") : tr("The steps are added behind those that are there; it is one new version, and it can be undone."));
}

void ApplyStepsDialog::showSource(int index)
{
    m_preview->clear();
    m_steps.clear();
    m_apply->setEnabled(false);
    if (index < 0 || index >= static_cast<int>(m_sources.size()))
        return;
    const auto& source = m_sources[static_cast<std::size_t>(index)];
    if (source.isBroken) {
        m_message->setText(toQString(source.problem.message + " " + source.problem.hint));
        return;
    }
    for (std::size_t i = 0; i < source.steps.size(); ++i)
        m_preview->addItem(QStringLiteral("%1  %2%3").arg(i + 1).arg(stepWords(source.steps[i]), source.steps[i].isEnabled ? QString() : tr(" (switched off)")));
    // Token counts are not needed to see whether the columns fit.
    const cleaner::PrepareContext context {[](std::string_view) { return std::int64_t(0); }};
    if (const auto chain = cleaner::StepChain::prepare(source.steps, m_opened->data->columns(), context); !chain) {
        m_message->setText(tr("These steps do not fit this dataset. %1").arg(toQString(chain.error().message + " " + chain.error().hint)));
        return;
    }
    m_steps = source.steps;
    m_message->setText(tr("The steps are added behind those that are there; it is one new version, and it can be undone."));
    m_apply->setEnabled(true);
}

void ApplyStepsDialog::chooseFile()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Choose steps"), {}, tr("Steps (*.yaml *.yml)"));
    if (!path.isEmpty())
        addFile(path);
}

void ApplyStepsDialog::addFile(const QString& path)
{
    Source source {QFileInfo(path).fileName(), {}, {}, {}, false};
    const auto text = readFile(bridge::toStd(path), std::size_t(1) << 28);
    auto steps = text ? cleaner::parseSteps(*text) : Result<std::vector<cleaner::Step>>(text.error());
    if (steps)
        source.steps = std::move(*steps);
    else
        source.problem = steps.error();
    source.isBroken = !steps;
    source.facts = steps ? tr("%n step(s)", nullptr, static_cast<int>(source.steps.size())) : tr("cannot be read");
    m_sources.push_back(source);
    m_list->addItem(QStringLiteral("%1, %2").arg(source.name, source.facts));
    m_list->setCurrentRow(m_list->count() - 1);
}

}
