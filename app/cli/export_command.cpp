// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

#include "base/file.h"
#include "pipeline/checkpoints.h"
#include "pipeline/engine.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string run, out, checkpoint, type;
    bool skipsVerification = false;
};

/// The checkpoint that was asked for; left open, the best one where the run kept it.
Result<pipeline::Checkpoint> checkpointOf(const store::RunRow& run, const pipeline::Recipe& recipe, const std::string& asked)
{
    std::string which = asked;
    if (which.empty())
        which = recipe.boolean("checkpoints.keep_best") && !recipe.isDefault("checkpoints.keep_best") && run.bestStep > 0 ? "best" : "last";
    return pipeline::findCheckpoint(run.folder, which, run.bestStep);
}

std::string summary(const pipeline::ExportReport& report)
{
    std::string text = fmt::format("{}  ({:.1f} MB)\n", report.path, static_cast<double>(report.bytes) / 1e6);
    if (!report.verified)
        return text + "not verified\n";
    text += fmt::format("verified over {} tokens: mean KL {:.5f}, same likeliest token {:.1f} %\n", report.verification.tokens, report.verification.meanKl, 100 * report.verification.top1Agreement);
    if (report.hasParity)
        text += fmt::format("distance to the run: {} (mean KL {:.5f}, same likeliest token {:.1f} %)\n", report.parity.word, report.parity.meanKl, 100 * report.parity.top1Agreement);
    return text;
}

Status runExport(Session& session, const std::string& target, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto run, store->run(flags.run));
    pipeline::ExportRequest request;
    ATTUNE_TRY(request.recipe, pipeline::Recipe::read(run.folder + "/recipe.yaml"));
    ATTUNE_TRY(const auto checkpoint, checkpointOf(run, request.recipe, flags.checkpoint));
    // The frozen recipe names the base by its absolute path; an older row may hold a registered name.
    const auto openStore = [&] { return session.store(); };
    const std::string base = request.recipe.text("model.base");
    ATTUNE_TRY(request.base, pipeline::openModelArgument(openStore, base.empty() ? run.model : base));
    request.target = target;
    request.run = run.id;
    request.checkpoint = checkpoint.folder;
    request.out = absolutePath(flags.out);
    request.type = flags.type;
    request.verify = !flags.skipsVerification;
    ATTUNE_TRY(auto* engine, pipeline::openEngine());
    ATTUNE_TRY(const auto report, engine->exportRun(request, session.context()));
    Json info = report.toJson();
    session.print(info, summary(report));
    info["target"] = target;
    info["type"] = flags.type;
    info["step"] = checkpoint.step;
    info["created"] = store::nowUtc();
    return store->putExport(run.id, info);
}

}

Action configureExport(CLI::App& app, const std::string& target, const std::string& defaultType, const std::string& types)
{
    auto flags = std::make_shared<Flags>();
    flags->type = defaultType;
    app.add_option("run", flags->run, "Run: its id, or a name that only one run has")->required();
    app.add_option("--out,-o", flags->out, "File or folder to write")->required();
    app.add_option("--checkpoint", flags->checkpoint, "best, last or a step (default: best where the run kept it, else last)");
    if (!types.empty())
        app.add_option("--type", flags->type, types)->capture_default_str();
    app.add_flag("--no-verify", flags->skipsVerification, "Do not compare the written file with the run");
    return [flags, target](Session& session) { return runExport(session, target, *flags); };
}

}
