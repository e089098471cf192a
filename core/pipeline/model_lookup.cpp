// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_lookup.h"

#include "base/edit_distance.h"
#include "base/file.h"
#include "pipeline/checkpoints.h"

#include <fmt/format.h>

#include <vector>

namespace attune::pipeline {
namespace {

bool exists(const std::string& path)
{
    std::error_code error;
    return fs::exists(absolutePath(path), error);
}

/// Text that can only be meant as a path: looking for it among names would give a misleading answer.
bool looksLikePath(const std::string& text)
{
    return text.find('/') != std::string::npos || text.starts_with("~") || text.ends_with(".gguf") || text.ends_with(".safetensors");
}

Error missingPath(const std::string& argument, std::string_view what)
{
    return fail(ErrorCode::ModelMissing, fmt::format("There is no {} at {}.", what, absolutePath(argument)), "Check the path.");
}

Error missingName(const store::Store& store, const std::string& argument, std::string_view what)
{
    std::vector<std::string> names;
    if (const auto models = store.models())
        for (const auto& model : *models)
            names.push_back(model.name);
    if (const auto runs = store.runs())
        for (const auto& run : *runs)
            names.push_back(run.id);
    const std::string near = nearest(argument, names);
    std::string hint = near.empty() ? std::string("attune model list and attune run list show the names; a path works as well.") : fmt::format("Did you mean \"{}\"?", near);
    return fail(ErrorCode::ModelMissing, fmt::format("There is no {} \"{}\": neither a path nor a name.", what, argument), std::move(hint));
}

Result<Checkpoint> checkpointOf(const store::RunRow& run, std::string which)
{
    if (which.empty())
        which = run.bestStep > 0 && run.summary.value("keeps_best", false) ? "best" : "last";
    return findCheckpoint(run.folder, which, run.bestStep);
}

/// The base model of a run: as the run recorded it, else what its row names.
Result<std::string> baseOf(const OpenStore& openStore, const store::RunRow& run)
{
    const std::string recorded = run.summary.is_object() ? run.summary.value("model_path", "") : "";
    const std::string base = recorded.empty() ? run.model : recorded;
    if (exists(base))
        return absolutePath(base);
    // Its file may lie elsewhere by now, under the same name.
    if (!looksLikePath(run.model)) {
        ATTUNE_TRY(auto* store, openStore());
        ATTUNE_TRY(const auto row, store->model(run.model));
        if (row && exists(row->path))
            return row->path;
    }
    return fail(ErrorCode::ModelMissing, fmt::format("The base model of run {}, {}, is gone.", run.id, base), "Put it back there, or add it again under that name.");
}

Result<ModelPlace> placeOfRun(const OpenStore& openStore, const store::RunRow& run, const std::string& which)
{
    ATTUNE_TRY(const auto checkpoint, checkpointOf(run, which));
    ModelPlace place;
    place.name = place.run = run.id;
    if (checkpoint.isFullModel()) {
        place.path = checkpoint.weights();
        return place;
    }
    ATTUNE_TRY(place.path, baseOf(openStore, run));
    place.adapter = checkpoint.weights();
    return place;
}

}

Result<ModelPlace> findModel(const OpenStore& openStore, const std::string& argument, const std::string& checkpoint)
{
    if (argument.empty())
        return fail(ErrorCode::ModelMissing, "No model was named.", "Give a registered name, a GGUF file, a Hugging Face folder or a run.");
    if (exists(argument)) {
        const fs::path path(absolutePath(argument));
        const bool isFile = fs::is_regular_file(path);
        return ModelPlace {isFile ? path.stem().string() : path.filename().string(), path.string(), {}, {}};
    }
    if (looksLikePath(argument))
        return missingPath(argument, "model");
    ATTUNE_TRY(auto* store, openStore());
    ATTUNE_TRY(const auto row, store->model(argument));
    if (row) {
        if (!exists(row->path))
            return fail(ErrorCode::ModelMissing, fmt::format("The file of the model {} is missing: it was at {}.", argument, row->path), "Put it back, or add it again from its new place.");
        return ModelPlace {row->name, row->path, {}, {}};
    }
    if (const auto run = store->run(argument))
        return placeOfRun(openStore, *run, checkpoint);
    return missingName(*store, argument, "model");
}

Result<families::ModelSource> openModelArgument(const OpenStore& openStore, const std::string& argument)
{
    ATTUNE_TRY(const auto place, findModel(openStore, argument));
    ATTUNE_TRY(auto source, families::openModel(place.path));
    source.name = place.name;
    return source;
}

Result<std::string> findAdapter(const OpenStore& openStore, const std::string& argument, const std::string& checkpoint)
{
    if (exists(argument)) {
        const std::string path = absolutePath(argument);
        if (fs::is_directory(path) && !fs::exists(path + "/adapter_config.json"))
            return fail(ErrorCode::ModelMissing, fmt::format("{} holds no adapter: adapter_config.json is missing.", path), "Choose a PEFT folder, a GGUF adapter or a run.");
        return path;
    }
    if (looksLikePath(argument))
        return missingPath(argument, "adapter");
    ATTUNE_TRY(auto* store, openStore());
    const auto run = store->run(argument);
    if (!run)
        return missingName(*store, argument, "adapter");
    ATTUNE_TRY(const auto found, checkpointOf(*run, checkpoint));
    if (found.isFullModel())
        return fail(ErrorCode::ModelMissing, fmt::format("Run {} trained the whole model and has no adapter.", run->id), "Use the run as the model itself: -m with its id.");
    return found.weights();
}

}
