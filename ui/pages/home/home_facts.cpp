// SPDX-License-Identifier: GPL-3.0-or-later
// What Home shows of the computer and the workspace; see home_page.h.
#include "bridge/text.h"
#include "pages/home/home_page.h"
#include "pages/health_words.h"
#include "pages/home/run_card.h"
#include "pages/run_actions.h"

#include <QTimer>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// Said only where the answer takes so long that one would ask.
void HomePage::showWait()
{
    if (m_checks.empty())
        m_computer->setRows({{QStringLiteral("wait"), {{}, {tr("Looking at this computer…"), {}, Tone::Secondary}, {}}}});
    if (m_available == 0)
        m_fits->setRows({{QStringLiteral("wait"), {{tr("Counting…"), {}, Tone::Secondary}}}});
}

void HomePage::check()
{
    m_checksAsked = true;
    QTimer::singleShot(300, this, &HomePage::showWait);
    bridge::compute<std::vector<pipeline::HealthCheck>>(this, [path = m_context.workspace.stdPath()] { return pipeline::checkHealth(path); },
        [this](std::vector<pipeline::HealthCheck> checks) { showChecks(checks); });
    bridge::compute<WhatFits>(this, [] { return whatFits(); }, [this](WhatFits fits) { showFits(fits); });
}

void HomePage::showChecks(const std::vector<pipeline::HealthCheck>& checks)
{
    QList<widgets::TableRow> rows;
    for (const auto& one : checks) {
        using Health = pipeline::HealthCheck::Status;
        const bool pass = one.status == Health::Pass, failed = one.status == Health::Fail;
        widgets::Cell state {checkState(one)};
        state.icon = pass ? QStringLiteral("success") : failed ? QStringLiteral("error") : QStringLiteral("info");
        state.tone = pass ? Tone::Success : failed ? Tone::Danger : Tone::Secondary;
        const QString name = checkName(one);
        widgets::Cell label {name};
        label.icon = checkIcon(one);
        widgets::Cell detail {one.name == "database" && pass && !m_runsText.isEmpty() ? tr("Intact, %1.").arg(m_runsText) : toQString(one.detail)};
        if (!pass)
            detail.tone = Tone::Secondary;
        rows.append({name, {label, detail, state}});
    }
    m_checks = checks;
    m_computer->setRows(rows);
}

void HomePage::showFits(const WhatFits& fits)
{
    m_available = fits.availableBytes;
    m_fitsPanel->setTitle(tr("What fits in %1 GiB").arg(bridge::gib(fits.availableBytes)));
    QList<widgets::TableRow> rows;
    for (const auto& one : fits.rows) {
        widgets::TableRow row {one.size, {{one.size}}};
        for (const double bytes : one.bytes) {
            // A mark and a word, not colour alone.
            const bool isFit = bytes >= 0 && bytes <= fits.availableBytes;
            widgets::Cell cell {bytes < 0 ? QStringLiteral("–") : QStringLiteral("%1 %2").arg(bridge::gib(bytes), isFit ? QStringLiteral("✓") : QStringLiteral("–"))};
            cell.tone = isFit ? Tone::Success : Tone::Secondary;
            row.cells.append(cell);
        }
        rows.append(row);
    }
    m_fits->setRows(rows);
}

void HomePage::refresh()
{
    if (!isVisible())
        return;
    m_context.workspace.query<Facts>(this,
        [](store::Store& store) -> Result<Facts> {
            Facts facts;
            ATTUNE_TRY(facts.runs, store.runs());
            ATTUNE_TRY(facts.models, store.models());
            ATTUNE_TRY(facts.datasets, store.datasets());
            return facts;
        },
        [this](Result<Facts> facts) {
            if (facts)
                take(*facts);
            else
                m_context.navigator.toast(toQString(facts.error().message + " " + facts.error().hint));
        });
}

void HomePage::take(const Facts& facts)
{
    std::vector<store::RunRow> runs;
    for (const auto& run : facts.runs)
        if (!run.isArchived)
            runs.push_back(run);
    const auto archived = static_cast<int>(facts.runs.size() - runs.size());
    m_runsText = tr("%n run(s)", nullptr, static_cast<int>(runs.size()));
    if (archived > 0)
        m_runsText = tr("%1 and %2").arg(m_runsText, tr("%n archived", nullptr, archived));
    if (!m_checks.empty())
        showChecks(m_checks);
    showModels(facts.models);
    showRuns(runs);
    // One filled button on the page: the sample at first, where one was later.
    const bool isFirst = runs.empty();
    m_left->setCurrentIndex(isFirst ? 0 : 1);
    m_sample->setProperty("role", isFirst ? QStringLiteral("primary") : QString());
    m_modelsPanel->setVisible(isFirst);
    m_title->setText(isFirst ? tr("Train a language model on your own text, on this computer") : tr("Home"));
    if (!isFirst)
        m_sub->setText(tr("%1, %2, %3 in this workspace").arg(m_runsText, tr("%n dataset(s)", nullptr, static_cast<int>(facts.datasets.size())), tr("%n model(s)", nullptr, static_cast<int>(facts.models.size()))));
}

void HomePage::showModels(const std::vector<store::ModelRow>& models)
{
    QList<widgets::TableRow> rows;
    int trainable = 0;
    for (const auto& model : models) {
        const bool isTrainable = model.info.value("trainable", false);
        trainable += isTrainable;
        widgets::Cell verdict {isTrainable ? tr("yes") : tr("no: %1").arg(toQString(model.info.value("reason", "")))};
        if (!isTrainable)
            verdict.tone = Tone::Secondary;
        rows.append({toQString(model.name), {{toQString(model.name)}, {bridge::parameters(model.info.value("parameters", 0.0)), model.info.value("parameters", 0.0)}, {toQString(model.info.value("stored_type", ""))},
            {bridge::size(model.info.value("bytes", 0.0)), model.info.value("bytes", 0.0)}, verdict}});
    }
    m_models->setRows(rows);
    m_modelsStack->setCurrentIndex(rows.isEmpty() ? 1 : 0);
    m_modelsPanel->setCaption(rows.isEmpty() ? QString() : tr("%1 of %2 can be trained").arg(trainable).arg(rows.size()));
}

void HomePage::showRuns(const std::vector<store::RunRow>& runs)
{
    QList<widgets::TableRow> rows;
    for (const auto& run : runs) {
        widgets::Cell name {toQString(run.id)};
        name.dot = run.colour;
        name.isStrong = true;
        const auto number = [](std::optional<double> v) {
            widgets::Cell cell {v ? bridge::decimal(*v, 3) : QStringLiteral("–"), v.value_or(0)};
            cell.isMissing = !v;
            return cell;
        };
        rows.append({name.text, {name, {widgets::StatusChip::word(toQString(store::statusName(run.status)))}, {bridge::modelName(run.model)}, {bridge::datasetName(run.dataset)}, number(run.trainLoss), number(run.evalLoss),
            {bridge::when(toQString(run.started)), toQString(run.started), Tone::Secondary}}});
        if (rows.size() == 8)
            break;
    }
    m_runs->setRows(rows);
    m_runsPanel->setVisible(!rows.isEmpty());
    if (runs.empty())
        return;
    // What still runs, what waits for a decision, or else what was started last.
    auto shown = std::find_if(runs.begin(), runs.end(), [](const auto& run) { return run.status == store::RunStatus::Running || run.status == store::RunStatus::Paused; });
    const bool isLive = shown != runs.end();
    // One that can go on comes before one that failed.
    for (const auto status : {store::RunStatus::Interrupted, store::RunStatus::Failed})
        if (shown == runs.end())
            shown = std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.status == status && needsAttention(run, runs); });
    m_continue->setRun(shown != runs.end() ? *shown : runs.front(), !isLive && shown != runs.end());
}

}
