// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/log.h"
#include "cli/usage.h"

#include <fmt/format.h>

#include <iostream>
#include <map>

namespace attune::cli {
namespace {

const auto everyApp = [](const CLI::App*) { return true; };

constexpr std::string_view kDescription
    = "Attune fine-tunes language models on your own PC. A result goes to standard output, progress to standard error.";
constexpr std::string_view kFooter
    = "Exit codes: 0 done, 1 internal, 2 usage, 3 recipe, 4 data, 5 memory or disk, 6 device, 7 safety rule, 8 verification, 9 locked, 130 interrupted.";

struct Program {
    CLI::App app {std::string(kDescription), "attune"};
    std::map<const CLI::App*, Action> actions;
    bool json = false, jsonLines = false, showVersion = false;
};

const std::map<std::string, std::string> kNouns = {{"data", "Import, look at, clean and export datasets"},
    {"model", "Add and inspect base models"}, {"recipe", "Write and check recipes"}, {"run", "Start, watch and steer training runs"},
    {"export", "Turn a run into files that other programs read"}, {"bench", "Measure this machine, beside other programs where they are installed"}};

CLI::App* nounApp(CLI::App& app, const std::string& noun)
{
    if (childOf(app, noun))
        return app.get_subcommand(noun);
    const auto it = kNouns.find(noun);
    auto* made = app.add_subcommand(noun, it == kNouns.end() ? "" : it->second);
    made->require_subcommand(1);
    return made;
}

void addCommands(Program& program)
{
    for (const Command* command : all()) {
        const auto space = command->path.find(' ');
        CLI::App* parent = space == std::string::npos ? &program.app : nounApp(program.app, command->path.substr(0, space));
        const std::string verb = space == std::string::npos ? command->path : command->path.substr(space + 1);
        CLI::App* leaf = parent->add_subcommand(verb, command->summary);
        program.actions[leaf] = command->configure(*leaf);
    }
}

int report(const Error& error, bool asJson, std::ostream& err)
{
    if (asJson) {
        Json body {{"code", error.codeName()}, {"message", error.message}, {"hint", error.hint}, {"where", error.where}};
        if (!error.details.empty())
            if (auto details = parseJson(error.details))
                body["errors"] = *details;
        err << toLine(Json {{"error", body}}) << '\n';
    } else {
        err << error.message << '\n';
        if (!error.details.empty())
            if (auto details = parseJson(error.details); details && details->is_array() && details->size() > 1)
                for (const auto& problem : *details)
                    err << "  " << problem.value("message", "") << ' ' << problem.value("hint", "") << '\n';
        if (!error.hint.empty())
            err << error.hint << '\n';
        if (!error.where.empty())
            err << "(" << error.where << ", " << error.codeName() << ")\n";
    }
    err << std::flush;
    return error.exitCode();
}

const CLI::App* chosenLeaf(const CLI::App& app)
{
    const CLI::App* place = &app;
    while (!place->get_subcommands().empty())
        place = place->get_subcommands().front();
    return place;
}

}

int run(const std::vector<std::string>& words, std::istream& in, std::ostream& out, std::ostream& err)
{
    std::vector<std::string> arguments = words;
    if (!arguments.empty() && arguments.front() == "help") {  // `attune help data` is `attune data --help`
        arguments.erase(arguments.begin());
        arguments.push_back("--help");
    }
    Session session(in, out, err);
    Program program;
    CLI::App& app = program.app;
    app.footer(std::string(kFooter));
    app.require_subcommand(0, 1);
    app.fallthrough(true);
    app.add_option("--workspace", session.workspacePath, "Folder of datasets, models, runs and history (else $ATTUNE_WORKSPACE, else ~/Attune)");
    app.add_flag("--json", program.json, "Print one JSON value; errors as a JSON object on standard error");
    app.add_flag("--jsonl", program.jsonLines, "Print JSON lines as they happen");
    app.add_flag("-q,--quiet", session.isQuiet, "No progress and no notes");
    app.add_flag("-v,--verbose", session.isVerbose, "Log to standard error");
    app.add_flag("--version", program.showVersion, "Print the version");
    addCommands(program);
    // Global flags may stand behind the verb, too.
    for (auto* sub : app.get_subcommands(everyApp)) {
        sub->fallthrough(true);
        for (auto* leaf : sub->get_subcommands(everyApp))
            leaf->fallthrough(true);
    }
    const bool asJson = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end()
        || std::find(arguments.begin(), arguments.end(), "--jsonl") != arguments.end();
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        out << chosenLeaf(app)->help() << std::flush;
        return 0;
    } catch (const CLI::ParseError& e) {
        return report(usageError(app, arguments, e.what()), asJson, err);
    }
    session.format = program.jsonLines ? OutputFormat::JsonLines : program.json ? OutputFormat::Json : OutputFormat::Text;
    if (program.showVersion) {
        out << "attune " << ATTUNE_VERSION << '\n';
        return 0;
    }
    const auto action = program.actions.find(chosenLeaf(app));
    if (action == program.actions.end()) {
        if (arguments.empty()) {
            out << app.help() << std::flush;
            return 0;
        }
        return report(usageError(app, arguments, {}), asJson, err);
    }
    openLog({}, LogLevel::Info, session.isVerbose ? LogLevel::Debug : LogLevel::Error);
    try {
        const Status status = action->second(session);
        if (!status)
            return report(status.error(), session.isJson(), err);
        out << std::flush;
        return 0;
    } catch (const std::bad_alloc&) {
        return report(fail(ErrorCode::OutOfMemory, "There is not enough memory for this.", "Close other programs, or work on less data at once."), session.isJson(), err);
    } catch (const std::exception& e) {
        return report(fail(ErrorCode::Internal, e.what()), session.isJson(), err);
    }
}

}
