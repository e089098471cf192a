// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/models/model_lines.h"

#include "bridge/text.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

QString words(const char* text)
{
    return QCoreApplication::translate("ModelLines", text);
}

void describe(ModelLine& line, const store::Store& store, const std::string& path)
{
    const auto source = families::openModel(path);
    if (!source) {
        line.isGone = !line.isFound && !QFileInfo::exists(toQString(path));
        line.verdict.text = "no: " + source.error().message;
        return;
    }
    line.parameters = static_cast<double>(source->parameters);
    line.bytes = static_cast<double>(source->bytes);
    line.weights = toQString(source->storedType);
    line.licence = toQString(pipeline::licenceOf(*source));
    line.verdict = pipeline::trainVerdict(store, *source);
}

/// Where a registered model lies, as a person would say it.
QString sourceOf(const store::ModelRow& row, const std::vector<pipeline::FoundModel>& found)
{
    for (const auto& model : found)
        if (model.path == row.path)
            return toQString(model.source);
    if (!QFileInfo::exists(toQString(row.path)))
        return QStringLiteral("–");
    return QFileInfo(toQString(row.path)).isDir() ? words("folder") : words("file");
}

}

Result<QList<ModelLine>> modelLines(store::Store& store, const JobContext& context)
{
    ATTUNE_TRY(const auto rows, store.models());
    ATTUNE_TRY(const auto runs, store.runs());
    const auto found = pipeline::findModels(pipeline::ModelPlaces::ofThisUser(), context);
    QList<ModelLine> lines;
    for (const auto& row : rows) {
        if (context.isCancelled())
            return lines;
        ModelLine line {.id = toQString(row.name), .row = row, .name = toQString(row.name), .source = sourceOf(row, found)};
        describe(line, store, row.path);
        for (const auto& run : runs)
            line.adapters += run.model == row.name && run.method != "full" && run.method != "freeze";
        lines.append(line);
    }
    for (const auto& model : found) {
        if (context.isCancelled())
            return lines;
        if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.path == model.path; }))
            continue;
        ModelLine line {.id = toQString(model.path), .isFound = true, .found = model, .name = toQString(model.name), .source = toQString(model.source)};
        if (model.problem.empty())
            describe(line, store, model.path);
        else
            line.verdict.text = "no: " + model.problem;
        line.bytes = line.bytes > 0 ? line.bytes : static_cast<double>(model.bytes);
        lines.append(line);
    }
    return lines;
}

QList<widgets::TableColumn> modelColumns()
{
    return {{words("Name"), 0}, {words("Parameters"), 92, true}, {words("Weights"), 82, false, true}, {words("Size"), 84, true}, {words("Source"), 110}, {words("Train on it?"), 188},
        {words("Licence"), 92}, {words("Adapters"), 76, true}};
}

widgets::TableRow tableRow(const ModelLine& line)
{
    using Level = pipeline::TrainVerdict::Level;
    widgets::Cell name {line.name};
    name.isStrong = !line.isFound;
    const Tone tone = line.verdict.level == Level::Yes ? Tone::Success : line.verdict.level == Level::Tight ? Tone::Warning : Tone::Secondary;
    const QString dash = QStringLiteral("–");
    widgets::Cell verdict {line.isGone ? words("The file is missing") : toQString(line.verdict.text), {}, line.isGone ? Tone::Danger : tone};
    if (line.isGone)
        verdict.icon = QStringLiteral("error");
    widgets::TableRow row {line.id,
        {name, {line.parameters > 0 ? bridge::parameters(line.parameters) : dash, line.parameters}, {line.weights.isEmpty() ? dash : line.weights}, {line.bytes > 0 ? bridge::size(line.bytes) : dash, line.bytes},
            {line.source}, verdict, {line.licence.isEmpty() ? dash : line.licence}, {line.isFound ? dash : QString::number(line.adapters), line.adapters}}};
    row.isFaded = line.isFound;
    return row;
}

}
