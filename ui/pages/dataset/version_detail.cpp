// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/version_detail.h"

#include "bridge/text.h"
#include "pages/dataset/apply_steps_dialog.h"
#include "pages/dataset/step_names.h"
#include "pages/run/facts_panel.h"
#include "pages/setting_words.h"
#include "pipeline/cleaned_version.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QFileInfo>
#include <QStackedWidget>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

namespace {

/// A button that cannot be used says why.
void allow(QPushButton* button, bool isPossible, const QString& reason, const QString& help = {})
{
    button->setEnabled(isPossible);
    button->setToolTip(isPossible ? help : reason);
}

/// A run of an older workspace names the dataset without a version.
bool isTrainedOn(const store::RunRow& run, const std::string& argument)
{
    return run.dataset == argument || run.dataset == argument.substr(0, argument.find('@'));
}

}

VersionDetail::VersionDetail(shell::Context& context, QWidget* parent)
    : PlaneWidget(widgets::Plane::Window, parent)
    , m_context(context)
{
    auto* layout = widgets::column(style::kSpace2);
    layout->setContentsMargins(16, 8, 16, 12);
    setLayout(layout);
    m_head = widgets::row();
    m_title = widgets::headingLabel({});
    m_head->addWidget(m_title);
    m_head->addStretch(1);
    m_view = add(tr("View"), "view-version", &VersionDetail::viewWanted);
    m_restore = add(tr("Restore"), "restore-version", &VersionDetail::restoreWanted);
    m_compare = add(tr("Compare with…"), "compare-version", &VersionDetail::compareWanted);
    m_save = add(tr("Save steps as…"), "save-steps", &VersionDetail::saveWanted);
    m_apply = add(tr("Apply steps…"), "apply-steps-button", &VersionDetail::applyWanted);
    layout->addLayout(m_head);
    auto* body = widgets::row(style::kSpace2);
    m_facts = new FactsPanel(tr("Source"));
    body->addWidget(m_facts, 1);
    auto* steps = new widgets::Panel(tr("Steps"));
    m_steps = new widgets::Table({{tr("#"), 40, true}, {tr("Step"), 0}, {tr("Effect"), 96, true}});
    m_steps->setObjectName(QStringLiteral("version-steps"));
    m_steps->setAccessibleName(tr("Steps of the version"));
    m_steps->setSortingEnabled(false);
    m_steps->setSelectionMode(QAbstractItemView::NoSelection);
    steps->body()->addWidget(m_steps);
    body->addWidget(steps, 1);
    auto* runs = new widgets::Panel(tr("Runs trained on it"));
    m_runs = new widgets::Table({{tr("Run"), 0}, {tr("Status"), 96}, {tr("Eval loss"), 84, true}});
    m_runs->setObjectName(QStringLiteral("version-runs"));
    m_runs->setAccessibleName(tr("Runs trained on the version"));
    connect(m_runs, &widgets::Table::opened, this, [this](const QString& run) { m_context.navigator.open(shell::PageId::Runs, run); });
    m_noRun = widgets::wrappedLabel(tr("No run was trained on this version yet."));
    m_noRun->setContentsMargins(12, 10, 12, 10);
    m_noRun->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_runsStack = new QStackedWidget;
    m_runsStack->addWidget(m_runs);
    m_runsStack->addWidget(m_noRun);
    runs->body()->addWidget(m_runsStack);
    body->addWidget(runs, 1);
    layout->addLayout(body, 1);
}

QPushButton* VersionDetail::add(const QString& text, const char* name, void (VersionDetail::*signal)())
{
    auto* button = widgets::button(text);
    button->setObjectName(QLatin1String(name));
    m_head->addWidget(button);
    connect(button, &QPushButton::clicked, this, [this, signal] { emit (this->*signal)(); });
    return button;
}

QPoint VersionDetail::menuPlace() const
{
    return m_compare->mapToGlobal(QPoint(0, m_compare->height()));
}

void VersionDetail::lockRestore()
{
    m_restore->setEnabled(false);
}

void VersionDetail::setVersion(const OpenedPtr& opened, const store::DatasetRow* row)
{
    for (QPushButton* button : {m_view, m_restore, m_compare, m_save})
        button->setEnabled(row);
    allow(m_apply, opened && opened->isNewest(), tr("Steps are applied to the newest version; open that one first."));
    if (!row) {
        m_title->setText({});
        m_steps->setRows({});
        m_facts->setFacts({});
        return showRuns({});
    }
    const bool isNewest = row->version == opened->versions.back().version;
    allow(m_restore, !isNewest, tr("This is the newest version already."), tr("Makes this version the newest once more; the versions between stay"));
    allow(m_view, row->version != opened->row.version, tr("This version is the one that is open."));
    m_title->setText(tr("Version %1").arg(row->version));
    showFacts(opened, *row);
    showSteps(opened, *row);
    askForRuns(*row);
}

void VersionDetail::showFacts(const OpenedPtr& opened, const store::DatasetRow& row)
{
    QList<QPair<QString, QString>> facts {{tr("Rows"), grouped(row.rows)}, {tr("Made"), bridge::when(toQString(row.created))}};
    const Json splits = row.info.value("splits", Json::object());
    for (const auto& [part, rows] : splits.items())
        facts.append({toQString(part), tr("%1 rows").arg(grouped(rows.get<qint64>()))});
    if (row.version == opened->row.version)  // as runs on it record it
        facts.append({tr("Content hash"), shortHash(opened->data->contentHash())});
    const Json sources = row.info.value("sources", Json::array());
    if (sources.is_array() && !sources.empty() && sources[0].is_object()) {
        const Json& source = sources[0];
        facts.append({sources.size() == 1 ? tr("File") : tr("First of %n file(s)", nullptr, static_cast<int>(sources.size())), QFileInfo(toQString(source.value("path", std::string()))).fileName()});
        facts.append({tr("Format"), QStringLiteral("%1, %2").arg(toQString(source.value("format", std::string())), toQString(source.value("encoding", std::string())))});
        facts.append({tr("Size"), bridge::size(source.value("bytes", 0.0))});
        facts.append({tr("Hash of the file"), shortHash(source.value("hash", std::string()))});
    }
    m_facts->setFacts(facts);
}

void VersionDetail::showSteps(const OpenedPtr& opened, const store::DatasetRow& row)
{
    const auto steps = pipeline::stepsOf(row);
    allow(m_save, steps && !steps->empty(), tr("This version has no steps."));
    QList<widgets::TableRow> lines {{QStringLiteral("0"), {{QStringLiteral("0")}, {tr("Source")}, {}}}};
    if (!steps)
        lines.append({QStringLiteral("error"), {{}, {toQString(steps.error().message), {}, widgets::Tone::Danger}, {}}});
    const bool isOpen = row.version == opened->row.version;
    for (std::size_t i = 0; steps && i < steps->size(); ++i) {
        const auto& step = (*steps)[i];
        // What a step did is known of the version that is open.
        const auto* state = isOpen && i < opened->steps.size() ? &opened->steps[i] : nullptr;
        widgets::TableRow line {QString::number(i + 1), {{QString::number(i + 1)}, {stepWords(step) + (step.isEnabled ? QString() : tr(" (switched off)"))}, {state && state->report ? stepEffect(*state->report) : QString()}}};
        line.isFaded = !step.isEnabled;
        lines.append(line);
    }
    m_steps->setRows(lines);
}

void VersionDetail::askForRuns(const store::DatasetRow& row)
{
    const std::string argument = fmt::format("{}@{}", row.name, row.version);
    if (std::exchange(m_argument, argument) != argument)
        showRuns({});
    m_context.workspace.query<std::vector<store::RunRow>>(this, [](store::Store& store) { return store.runs(); },
        [this, argument](Result<std::vector<store::RunRow>> runs) {
            if (!runs || argument != m_argument)
                return;
            std::erase_if(*runs, [&](const store::RunRow& run) { return run.isArchived || !isTrainedOn(run, argument); });
            showRuns(*runs);
        });
}

void VersionDetail::showRuns(const std::vector<store::RunRow>& runs)
{
    QList<widgets::TableRow> lines;
    for (const auto& run : runs) {
        widgets::Cell name {toQString(run.id)};
        name.dot = run.colour;
        name.isStrong = true;
        widgets::Cell loss {run.evalLoss ? bridge::decimal(*run.evalLoss, 3) : QStringLiteral("–"), run.evalLoss.value_or(0)};
        loss.isMissing = !run.evalLoss;
        lines.append({name.text, {name, {widgets::StatusChip::word(toQString(store::statusName(run.status)))}, loss}});
    }
    m_runs->setRows(lines);
    m_runsStack->setCurrentIndex(runs.empty() ? 1 : 0);
}

}
