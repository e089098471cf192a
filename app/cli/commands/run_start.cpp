// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "base/names.h"
#include "cli/recipe_arguments.h"
#include "cli/run_events.h"
#include "pipeline/ranks.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string recipe, name, adapter;
    std::vector<std::string> set;
    bool isForced = false;
};

Status start(Session& session, const Arguments& a)
{
    if (!a.name.empty())
        ATTUNE_RETURN_IF_ERROR(checkName(a.name, "run"));
    pipeline::RunStart request;
    request.workspace = absolutePath(session.workspacePath);
    ATTUNE_TRY(request.recipe, pipeline::Recipe::read(a.recipe));
    ATTUNE_RETURN_IF_ERROR(applySettings(request.recipe, a.set));
    if (!a.name.empty())
        ATTUNE_RETURN_IF_ERROR(request.recipe.set("name", a.name));
    if (!a.adapter.empty())
        ATTUNE_RETURN_IF_ERROR(request.recipe.set("model.adapter", a.adapter));
    request.isForced = a.isForced;
    ATTUNE_TRY(const auto ranks, pipeline::ranksFromEnvironment());
    RunPrinter printer(session);
    const auto result = pipeline::startRun(request, printer, session.context());
    return ranks.isFirst() ? finishRun(session, printer, result) : helperStatus(result);
}

}

const Command& run_start()
{
    static const Command command {"run start", "Train a model as a recipe says", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("RECIPE", a->recipe, "The recipe's file")->required();
        app.add_option("--set", a->set, "KEY=VALUE in place of the recipe's; may be repeated")->allow_extra_args(false);
        app.add_option("--name", a->name, "Name of the run, in place of the recipe's");
        app.add_option("--init-adapter", a->adapter, "Adapter to start from: a PEFT folder, a GGUF adapter or a run");
        app.add_flag("--force", a->isForced, "Start even where the memory forecast says that it will not fit");
        return [a](Session& session) -> Status { return start(session, *a); };
    }};
    return command;
}

}
