// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

#include "base/file.h"
#include "pipeline/peer_process.h"

#include <unistd.h>

namespace attune::cli {
namespace {

std::string programPath()
{
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).string();
}

/// A file of <bin>/../share/attune, or empty.
std::string shared(const std::string& name)
{
    std::error_code error;
    const fs::path path = fs::path(programPath()).parent_path().parent_path() / "share/attune" / name;
    if (!fs::is_directory(path, error))
        return fs::exists(path, error) ? path.string() : std::string();
    for (const auto& entry : fs::directory_iterator(path, error))
        if (entry.path().extension() == ".gguf")
            return entry.path().string();
    return {};
}

}

void addBenchFlags(CLI::App& app, BenchFlags& flags, bool hasModel)
{
    app.add_option("--python", flags.python, "A Python that has the peers (else $ATTUNE_REFEREE_PYTHON, else python3)");
    if (!hasModel)
        return;
    app.add_option("-m,--model", flags.model, "GGUF file or Hugging Face folder (else the starter model)");
    app.add_option("--rows", flags.rows, "JSON lines with question and answer (else the sample of GSM8K)");
}

Result<pipeline::BenchmarkOptions> benchOptions(Session& session, const BenchFlags& flags, const std::string& name)
{
    ATTUNE_TRY(auto* store, session.store());
    pipeline::BenchmarkOptions options;
    options.folder = fmt::format("{}/{}-{}", store->folder("cache/benchmark"), name, ::getpid());
    options.python = pipeline::peerPython(flags.python);
    options.program = programPath();
    options.model = absolutePath(flags.model.empty() ? shared("models") : flags.model);
    options.rows = absolutePath(flags.rows.empty() ? shared("datasets/gsm8k/train.jsonl") : flags.rows);
    options.amount = flags.amount;
    return options;
}

void printBenchmark(Session& session, const std::vector<pipeline::BenchmarkLine>& lines, const std::string& head)
{
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : lines) {
        list.push_back(line.toJson());
        rows.push_back({line.task, fmt::format("{:.4g} {}", line.attune, line.unit), line.peerValue ? fmt::format("{:.4g} {} ({})", *line.peerValue, line.unit, line.peer) : "",
            line.peerValue && *line.peerValue != 0 ? fmt::format("{:.3g}", line.attune / *line.peerValue) : "", line.goal});
    }
    session.print(list, head + "\n" + table({"task", "Attune", "peer", "ratio", "goal"}, rows));
}

}
