// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/checkpoints.h"

#include "base/file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace attune::pipeline {
namespace {

constexpr std::string_view kPrefix = "step-";

bool parseNumber(std::string_view text, std::int64_t& value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

}

std::string Checkpoint::weights() const
{
    return folder + (isFullModel() ? "/model" : "/adapter");
}

bool Checkpoint::isFullModel() const
{
    std::error_code ignored;
    return fs::is_directory(folder + "/model", ignored);
}

std::string checkpointName(std::int64_t step)
{
    return fmt::format("{}{:06}", kPrefix, step);
}

std::vector<Checkpoint> checkpointsOf(const std::string& runFolder)
{
    std::vector<Checkpoint> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(runFolder + "/checkpoints", error)) {
        const std::string name = entry.path().filename().string();
        Checkpoint checkpoint;
        if (!name.starts_with(kPrefix) || !parseNumber(std::string_view(name).substr(kPrefix.size()), checkpoint.step))
            continue;
        checkpoint.folder = entry.path().string();
        std::error_code ignored;
        if (fs::exists(checkpoint.folder + "/state.json", ignored))
            found.push_back(std::move(checkpoint));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
    return found;
}

Result<Checkpoint> findCheckpoint(const std::string& runFolder, const std::string& which, std::int64_t bestStep)
{
    const auto all = checkpointsOf(runFolder);
    std::vector<std::int64_t> steps;
    for (const auto& checkpoint : all)
        steps.push_back(checkpoint.step);
    if (all.empty())
        return fail(ErrorCode::CheckpointMissing, fmt::format("No checkpoint lies in {}.", runFolder),
            "The run ended before its first checkpoint; resume it with attune run resume.");
    if (which.empty() || which == "last")
        return all.back();
    std::int64_t step = 0;
    if (which == "best")
        step = bestStep;
    else if (!parseNumber(which, step))
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no checkpoint.", which), "Give best, last or a step number.");
    for (const auto& checkpoint : all)
        if (checkpoint.step == step)
            return checkpoint;
    return fail(ErrorCode::CheckpointMissing, fmt::format("The run has no checkpoint of step {}.", step),
        fmt::format("There are checkpoints of the steps {}. checkpoints.keep_best keeps the best one.", fmt::join(steps, ", ")));
}

}
