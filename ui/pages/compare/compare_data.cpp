// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_data.h"

#include "bridge/text.h"

namespace attune::pages {

using bridge::toQString;

Result<CompareData> CompareData::load(store::Store& store, const std::vector<std::string>& ids)
{
    CompareData data;
    ATTUNE_TRY(data.comparison, pipeline::compareRuns(store, ids));
    for (const auto& id : ids) {
        ATTUNE_TRY(auto run, loadRunData(store, id));
        data.runs.push_back(std::move(run));
    }
    return data;
}

QString CompareData::name(std::size_t run) const
{
    return toQString(runs[run].row.id);
}

QString CompareData::shortName(std::size_t run) const
{
    // The part that all names share up to a dash says nothing here.
    QString common = name(0);
    for (std::size_t i = 1; i < runs.size(); ++i)
        while (!name(i).startsWith(common))
            common.chop(1);
    const auto dash = common.lastIndexOf(QLatin1Char('-'), std::max<qsizetype>(0, common.size() - 2));
    const QString rest = dash > 0 ? name(run).mid(dash + 1) : name(run);
    return rest.isEmpty() ? name(run) : rest;
}

std::optional<double> CompareData::bestEval(std::size_t run) const
{
    const auto& series = runs[run].series(QStringLiteral("eval/loss"));
    if (series.size() == 0)
        return std::nullopt;
    double best = std::numeric_limits<double>::infinity();
    for (const double value : series.values())
        if (std::isfinite(value))
            best = std::min(best, value);
    return std::isfinite(best) ? std::optional(best) : std::nullopt;
}

bool CompareData::sharesEvaluation() const
{
    const auto sign = [](const RunData& run) {
        const Json hashes = run.row.summary.value("hashes", Json::object());
        return run.row.dataset + "|" + hashes.value("dataset", "") + "|" + std::to_string(run.row.summary.value("eval_rows", std::int64_t(0)))
            + (run.recipe ? "|" + run.recipe->text("data.eval") + "|" + std::to_string(run.recipe->integer("seed")) : std::string());
    };
    return std::all_of(runs.begin(), runs.end(), [&](const RunData& run) { return sign(run) == sign(runs.front()); });
}

QString shownValue(const Json& value)
{
    if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()))
        return QStringLiteral("–");
    if (value.is_number_float()) {
        const double v = value.get<double>();
        return v != 0 && std::abs(v) < 1e-3 ? bridge::scientific(v) : bridge::significant(v, 5);
    }
    if (value.is_number_integer())
        return bridge::grouped(value.get<qint64>());
    if (value.is_boolean())
        return value.get<bool>() ? QObject::tr("yes") : QObject::tr("no");
    return value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value));
}

QString shownSetting(const std::string& key, const Json& value)
{
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
        if (key == "model.base")
            return bridge::modelName(value.get_ref<const std::string&>());
        if (key == "data.train")
            return bridge::datasetName(value.get_ref<const std::string&>());
    }
    return shownValue(value);
}

QString settingName(const std::string& key)
{
    const auto* option = pipeline::recipeSchema().find(key);
    if (!option || option->label.empty())
        return toQString(key);
    QString name = bridge::translated(option->label);
    // "LoRA rank" stays; "Learning rate" becomes a word among words.
    if (name.size() > 1 && name[1].isLower())
        name[0] = name[0].toLower();
    return name;
}

}
