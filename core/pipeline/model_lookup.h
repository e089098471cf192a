// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "families/model_source.h"
#include "store/store.h"

#include <functional>
#include <string>

namespace attune::pipeline {

/// Opens the workspace when a name has to be looked up; a path needs none.
using OpenStore = std::function<Result<store::Store*>()>;

/// Where a MODEL argument of the command line, or a name in a recipe, leads.
struct ModelPlace {
    std::string name;      ///< registered name, the run's id, or the file's stem
    std::string path;      ///< GGUF file or HF folder, absolute
    std::string adapter;   ///< the run's trained adapter, empty otherwise
    std::string run;       ///< id, when the argument was a run
};

/// Resolves MODEL: an existing path wins over a registered name, that over a run (cli.md). Of a run
/// comes the base model with the adapter of the checkpoint ("last", "best" or a step; empty: best
/// where the run kept it, else last), or the fully trained model. Nothing is opened but the database.
/// Errors: ModelMissing naming what was asked for, CheckpointMissing, those of openStore.
Result<ModelPlace> findModel(const OpenStore& openStore, const std::string& argument, const std::string& checkpoint = {});

/// findModel, and openModel on its path.
Result<families::ModelSource> openModelArgument(const OpenStore& openStore, const std::string& argument);

/// Resolves ADAPTER: a PEFT folder, a GGUF adapter file or a run's id; gives the path.
/// Errors: ModelMissing, CheckpointMissing.
Result<std::string> findAdapter(const OpenStore& openStore, const std::string& argument, const std::string& checkpoint = {});

}
