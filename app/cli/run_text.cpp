// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/run_text.h"

#include "cli/session.h"

#include <fmt/format.h>

#include <filesystem>

namespace attune::cli {

std::string shortNumber(std::optional<double> number)
{
    return number ? fmt::format("{:.4g}", *number) : "";
}

std::string runText(const store::RunRow& run)
{
    std::string text = fmt::format("{}  {}\n", run.id, store::statusName(run.status));
    auto line = [&](const char* name, const std::string& value) {
        if (!value.empty())
            text += fmt::format("  {:<18}{}\n", name, value);
    };
    line("model", run.model);
    line("method", run.method);
    line("dataset", run.dataset);
    line("steps", fmt::format("{} of {}", run.stepsDone, run.stepsTotal));
    line("tokens", fmt::format("{}", run.tokens));
    line("training loss", shortNumber(run.trainLoss));
    line("evaluation loss", shortNumber(run.evalLoss));
    line("best step", run.bestStep ? fmt::format("{}", run.bestStep) : "");
    line("tokens per second", fmt::format("{:.0f}", run.tokensPerSecond));
    line("peak memory", fmt::format("{:.2f} GiB, forecast {:.2f}", static_cast<double>(run.peakMemoryBytes) / (1LL << 30), static_cast<double>(run.estimateBytes) / (1LL << 30)));
    line("started", run.started);
    line("seconds", fmt::format("{:.0f}", run.seconds));
    line("folder", run.folder);
    line("error", run.error);
    line("notes", run.notes);
    return text;
}

std::string runTable(const std::vector<store::RunRow>& runs)
{
    std::vector<std::vector<std::string>> rows;
    for (const auto& run : runs)
        rows.push_back({run.id, std::string(store::statusName(run.status)), std::filesystem::path(run.model).filename().string(), run.method,
            fmt::format("{}/{}", run.stepsDone, run.stepsTotal), shortNumber(run.trainLoss), shortNumber(run.evalLoss), fmt::format("{:.0f}", run.tokensPerSecond), run.started});
    return table({"run", "status", "model", "method", "steps", "loss", "eval loss", "tokens/s", "started"}, rows);
}

}
