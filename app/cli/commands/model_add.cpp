// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/hash.h"
#include "base/names.h"
#include "cli/model_text.h"
#include "families/model_source.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string path, name;
};

Status addModel(Session& session, const Flags& flags)
{
    if (!flags.name.empty())
        ATTUNE_RETURN_IF_ERROR(checkName(flags.name, "model"));
    ATTUNE_TRY(auto source, families::openModel(flags.path));
    source.name = flags.name.empty() ? toName(source.name) : flags.name;
    store::ModelRow row {source.name, source.path, {}, store::nowUtc(), source.toJson()};
    if (source.format == families::ModelFormat::Gguf) {
        ATTUNE_TRY(row.sha256, sha256OfFile(source.path));
    }
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_RETURN_IF_ERROR(store->putModel(row));
    session.print(source.toJson(), modelText(source.toJson()));
    return {};
}

}

const Command& model_add()
{
    static const Command command {"model add", "Register a GGUF file or Hugging Face folder under a name", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("path", flags->path, "GGUF file, or folder with config.json and model.safetensors")->required();
        app.add_option("--name", flags->name, "Name to use it by (default: the file's)");
        return [flags](Session& session) { return addModel(session, *flags); };
    }};
    return command;
}

}
