// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/step_names.h"

#include "bridge/text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("attune::pages::StepNames", text);
}

QString option(const cleaner::Step& step, const char* key)
{
    const auto it = step.options.find(key);
    return it == step.options.end() || it->is_null() ? QString() : it->is_string() ? toQString(it->get_ref<const std::string&>()) : toQString(toLine(*it));
}

QStringList list(const cleaner::Step& step, const char* key)
{
    QStringList values;
    if (const auto it = step.options.find(key); it != step.options.end() && it->is_array())
        for (const auto& value : *it)
            values.append(value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value)));
    return values;
}

QString duplicatesName(const cleaner::Step& step)
{
    const QString method = option(step, "method");
    if (method == QStringLiteral("near"))
        return say("Near-duplicates ≥ %1").arg(bridge::significant(step.options.value("threshold", 0.8), 3));
    return method == QStringLiteral("normalized") ? say("Same words") : say("Exact duplicates");
}

QString redactName(const cleaner::Step& step)
{
    const QStringList kinds = list(step, "kinds");
    const bool isDrop = option(step, "mode") == QStringLiteral("drop");
    const QString what = kinds.isEmpty() || kinds.size() > 2 ? say("personal data") : QString(kinds.join(QStringLiteral(", "))).replace(QStringLiteral("email"), say("e-mail"));
    return isDrop ? say("Drop rows with %1").arg(what) : say("Redact %1").arg(what);
}

QString lengthName(const cleaner::Step& step, bool isLeast)
{
    const QString characters = option(step, isLeast ? "min_chars" : "max_chars"), tokens = option(step, isLeast ? "min_tokens" : "max_tokens");
    const QString column = option(step, "column");
    if (!tokens.isEmpty())
        return (isLeast ? say("%1 ≥ %2 tokens") : say("%1 ≤ %2 tokens")).arg(column, tokens);
    return (isLeast ? say("%1 ≥ %2 characters") : say("%1 ≤ %2 characters")).arg(column, characters);
}

}

bool isRowStep(const cleaner::Step& step)
{
    return step.type == "edit" || step.type == "drop_rows";
}

QString stepName(const cleaner::Step& step)
{
    if (step.type == "dedupe")
        return duplicatesName(step);
    if (step.type == "redact_pii")
        return redactName(step);
    if (step.type == "drop_short" || step.type == "drop_long")
        return lengthName(step, step.type == "drop_short");
    if (step.type == "filter")
        return QStringLiteral("%1 %2 %3").arg(option(step, "column"), option(step, "op"), option(step, "value"));
    if (step.type == "language")
        return say("Keep %1").arg(list(step, "keep").join(QStringLiteral(", ")));
    if (step.type == "rename")
        return say("Rename %1 to %2").arg(option(step, "from"), option(step, "to"));
    if (step.type == "drop_column" || step.type == "oversample" || step.type == "balance") {
        const auto* rule = cleaner::findRule(step.type);
        return QStringLiteral("%1 %2").arg(bridge::translated(rule->label), option(step, "column"));
    }
    if (step.type == "sample")
        return say("Sample %1 rows").arg(grouped(step.options.value("rows", std::int64_t(0))));
    if (step.type == "edit")
        return say("Edit %1").arg(option(step, "column"));
    if (step.type == "drop_rows")
        return say("Drop chosen rows");
    const auto* rule = cleaner::findRule(step.type);
    return rule ? bridge::translated(rule->label) : toQString(step.type);
}

QString stepEffect(const cleaner::StepReport& report)
{
    QStringList parts;
    if (report.rowsOut < report.rowsIn)
        parts.append(grouped(report.rowsOut - report.rowsIn));
    if (report.rowsOut > report.rowsIn)
        parts.append(QLatin1Char('+') + grouped(report.rowsOut - report.rowsIn));
    if (report.changed > 0)
        parts.append(QLatin1Char('~') + grouped(report.changed));
    return parts.isEmpty() ? QStringLiteral("0") : parts.join(QLatin1Char(' '));
}

QString stepEffectWords(const cleaner::StepReport& report)
{
    return say("%1 → %2 rows, %3 changed").arg(grouped(report.rowsIn), grouped(report.rowsOut), grouped(report.changed));
}

std::vector<StepGroup> groupSteps(const std::vector<pipeline::StepState>& steps)
{
    std::vector<StepGroup> groups;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const bool joins = !groups.empty() && isRowStep(steps[i].step) && isRowStep(steps[i - 1].step) && groups.back().isEnabled == steps[i].step.isEnabled;
        if (!joins) {
            groups.push_back({i, 1, stepName(steps[i].step), steps[i].step.isEnabled, steps[i].report});
            continue;
        }
        auto& group = groups.back();
        ++group.count;
        group.name = say("%1 row edits").arg(group.count);
        if (group.report && steps[i].report) {
            group.report->rowsOut = steps[i].report->rowsOut;
            group.report->changed += steps[i].report->changed;
        } else {
            group.report.reset();
        }
    }
    return groups;
}

}
