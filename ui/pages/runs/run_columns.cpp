// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/runs/run_columns.h"

#include "bridge/text.h"
#include "pages/setting_words.h"
#include "widgets/panel.h"

#include <QCoreApplication>

#include <array>
#include <cmath>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using widgets::Cell;
using widgets::Tone;

namespace {

constexpr double kGib = 1.0 / (1024.0 * 1024.0 * 1024.0);

QString iconOf(store::RunStatus status)
{
    switch (status) {
    case store::RunStatus::Running: return QStringLiteral("play");
    case store::RunStatus::Paused: return QStringLiteral("pause");
    case store::RunStatus::Completed: return QStringLiteral("success");
    case store::RunStatus::Failed: return QStringLiteral("error");
    case store::RunStatus::Interrupted: return QStringLiteral("warning");
    case store::RunStatus::Stopped: return QStringLiteral("stop");
    case store::RunStatus::Queued: break;
    }
    return QStringLiteral("clock");
}

Tone toneOf(store::RunStatus status)
{
    switch (status) {
    case store::RunStatus::Running: return Tone::Accent;
    case store::RunStatus::Completed: return Tone::Success;
    case store::RunStatus::Failed: return Tone::Danger;
    case store::RunStatus::Interrupted:
    case store::RunStatus::Paused: return Tone::Warning;
    default: return Tone::Secondary;
    }
}

Cell missing()
{
    Cell cell {QStringLiteral("–")};
    cell.isMissing = true;
    return cell;
}

Cell number(std::optional<double> value, const QString& text)
{
    return value ? Cell {text, *value} : missing();
}

Cell decimal(std::optional<double> value, int digits = 3)
{
    return number(value, value ? bridge::decimal(*value, digits) : QString());
}

/// A number of the recipe, as people write it.
template<const char* const& key>
Cell recipeNumber(const ListedRun& run)
{
    const auto value = run.number(key);
    if (!value)
        return missing();
    return {*value != 0 && std::abs(*value) < 1e-2 ? bridge::scientific(*value) : *value == std::floor(*value) ? grouped(static_cast<qint64>(*value)) : bridge::significant(*value, 4), *value};
}

template<const char* const& key>
Cell recipeText(const ListedRun& run)
{
    const QString text = run.text(key);
    return text.isEmpty() ? missing() : Cell {choiceName(key, bridge::toStd(text))};
}

constexpr const char* kRate = "training.learning_rate";
constexpr const char* kRank = "method.r";
constexpr const char* kBatch = "training.batch_size";
constexpr const char* kAccumulation = "training.gradient_accumulation_steps";
constexpr const char* kContext = "data.max_length";
constexpr const char* kEpochs = "training.epochs";
constexpr const char* kSeed = "seed";
constexpr const char* kOptimizer = "training.optimizer";
constexpr const char* kSchedule = "training.lr_scheduler";
constexpr const char* kObjective = "objective.type";

Cell nameCell(const ListedRun& run)
{
    Cell cell {toQString(run.row.id)};
    cell.isStrong = true;
    return cell;
}

Cell statusCell(const ListedRun& run)
{
    Cell cell {widgets::StatusChip::word(toQString(store::statusName(run.row.status)))};
    cell.icon = iconOf(run.row.status);
    cell.tone = toneOf(run.row.status);
    return cell;
}

Cell stepsCell(const ListedRun& run)
{
    const auto& row = run.row;
    const QString text = row.stepsDone == row.stepsTotal ? grouped(row.stepsDone) : QStringLiteral("%1/%2").arg(grouped(row.stepsDone), grouped(row.stepsTotal));
    return {text, static_cast<qlonglong>(row.stepsDone)};
}

Cell bestCell(const ListedRun& run)
{
    if (!run.bestEval)
        return missing();
    return {QStringLiteral("%1@%2").arg(bridge::decimal(*run.bestEval, 3)).arg(run.row.bestStep), *run.bestEval};
}

Cell tagsCell(const ListedRun& run)
{
    QStringList tags;
    for (const auto& tag : run.row.tags)
        tags.append(toQString(tag));
    if (tags.isEmpty())
        return {QString(), QVariant(), Tone::Secondary, false, {}, {}, true};
    return {tags.join(QStringLiteral(", ")), {}, Tone::Secondary};
}

const std::array<RunColumn, 25> kColumns {{
    {"shown", "", 40, false, true, [](const ListedRun& run) { Cell cell {QString(), run.row.colour}; cell.dot = run.row.colour; return cell; }},
    {"name", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Name"), 140, false, true, nameCell},
    {"status", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Status"), 112, false, true, statusCell},
    {"started", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Started"), 124, false, true, [](const ListedRun& run) { return Cell {bridge::when(toQString(run.row.started)), toQString(run.row.started), Tone::Secondary}; }},
    {"time", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Time"), 66, true, true, [](const ListedRun& run) { return Cell {bridge::duration(run.row.seconds), run.row.seconds}; }},
    {"model", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Model"), 0, false, true, [](const ListedRun& run) { return Cell {bridge::modelName(run.row.model)}; }},
    {"dataset", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Dataset"), 104, false, true, [](const ListedRun& run) { return Cell {bridge::datasetName(run.row.dataset)}; }},
    {"method", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Method"), 76, false, false, [](const ListedRun& run) { return Cell {choiceName("method.type", run.row.method)}; }},
    {"objective", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Objective"), 96, false, false, recipeText<kObjective>},
    {"steps", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Steps"), 102, true, true, stepsCell},
    {"tokens", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Tokens"), 104, true, false, [](const ListedRun& run) { return Cell {grouped(run.row.tokens), static_cast<qlonglong>(run.row.tokens)}; }},
    {"loss", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Loss"), 64, true, true, [](const ListedRun& run) { return decimal(run.row.trainLoss); }},
    {"best", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Best eval"), 96, true, true, bestCell},
    {"rate", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "LR"), 62, true, true, recipeNumber<kRate>},
    {"rank", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Rank"), 56, true, false, recipeNumber<kRank>},
    {"batch", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Batch"), 60, true, false, recipeNumber<kBatch>},
    {"accumulation", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Accumulation"), 104, true, false, recipeNumber<kAccumulation>},
    {"context", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Context"), 70, true, false, recipeNumber<kContext>},
    {"epochs", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Epochs"), 66, true, false, recipeNumber<kEpochs>},
    {"seed", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Seed"), 56, true, false, recipeNumber<kSeed>},
    {"optimizer", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Optimizer"), 96, false, false, recipeText<kOptimizer>},
    {"schedule", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Schedule"), 90, false, false, recipeText<kSchedule>},
    {"speed", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Tokens/s"), 78, true, false, [](const ListedRun& run) { return run.row.tokensPerSecond > 0 ? Cell {grouped(qRound64(run.row.tokensPerSecond)), run.row.tokensPerSecond} : missing(); }},
    {"memory", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Peak memory, GiB"), 130, true, false, [](const ListedRun& run) { return run.row.peakMemoryBytes > 0 ? decimal(static_cast<double>(run.row.peakMemoryBytes) * kGib, 2) : missing(); }},
    {"tags", QT_TRANSLATE_NOOP("attune::pages::RunsPage", "Tags"), 66, false, true, tagsCell},
}};

}

QString ListedRun::text(std::string_view key) const
{
    return recipe && pipeline::recipeSchema().find(key) ? toQString(recipe->text(key)) : QString();
}

std::optional<double> ListedRun::number(std::string_view key) const
{
    const auto* option = recipe ? pipeline::recipeSchema().find(key) : nullptr;
    if (!option || !recipe->isVisible(*option) || !recipe->value(option->key).is_number())
        return std::nullopt;
    return recipe->value(option->key).get<double>();
}

std::span<const RunColumn> runColumns()
{
    return kColumns;
}

int runColumnIndex(std::string_view key)
{
    for (std::size_t i = 0; i < kColumns.size(); ++i)
        if (key == kColumns[i].key)
            return static_cast<int>(i);
    return -1;
}

std::span<const char* const> runGroupKeys()
{
    static constexpr std::array<const char*, 7> keys {"model", "dataset", "method", "objective", "rate", "rank", "status"};
    return keys;
}

Result<std::vector<ListedRun>> RunReader::read(store::Store& store)
{
    ATTUNE_TRY(auto rows, store.runs());
    std::vector<ListedRun> runs;
    for (auto& row : rows) {
        ListedRun run;
        auto recipe = m_recipes.find(row.id);
        if (recipe == m_recipes.end()) {
            auto read = pipeline::Recipe::read(row.folder + "/recipe.yaml");
            recipe = m_recipes.emplace(row.id, read ? std::optional(std::move(*read)) : std::nullopt).first;
        }
        run.recipe = recipe->second;
        if (row.bestStep > 0) {
            auto best = m_best.find({row.id, row.bestStep});
            if (best == m_best.end()) {
                ATTUNE_TRY(const auto value, store.metricAt(row.id, "eval", "loss", row.bestStep));
                best = m_best.emplace(std::pair {row.id, row.bestStep}, value).first;
            }
            run.bestEval = best->second;
        }
        run.row = std::move(row);
        runs.push_back(std::move(run));
    }
    return runs;
}

}
