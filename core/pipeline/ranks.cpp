// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/ranks.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace attune::pipeline {
namespace {

using Lookup = std::function<std::optional<std::string>(const char*)>;

constexpr int kTorchPort = 29500;  // where torch.distributed meets by default
constexpr int kMostRanks = 1 << 16;

Result<int> numberOf(const Lookup& variable, const char* name, int otherwise, int most)
{
    const auto text = variable(name);
    if (!text)
        return otherwise;
    int number = -1;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size() || number < 0 || number > most)
        return fail(ErrorCode::Usage, fmt::format("The environment variable {} is \"{}\", which is no number from 0 to {}.", name, *text, most),
            "torchrun and srun set it; unset it to train in one process.");
    return number;
}

Result<Ranks> checked(Ranks ranks)
{
    if (ranks.rank >= std::max(1, ranks.size))
        return fail(ErrorCode::Usage, fmt::format("This process has rank {} of {}.", ranks.rank, ranks.size), "Ranks count from 0; start all processes with torchrun or srun.");
    if (!ranks.isAlone() && ranks.address.empty())
        return fail(ErrorCode::Usage, "MASTER_ADDR is not set, so the processes of this run cannot meet.", "Start them with torchrun --no-python, or set MASTER_ADDR and MASTER_PORT.");
    return ranks;
}

Result<Ranks> fromTorchrun(const Lookup& variable)
{
    Ranks ranks;
    ATTUNE_TRY(ranks.rank, numberOf(variable, "RANK", 0, kMostRanks));
    ATTUNE_TRY(ranks.size, numberOf(variable, "WORLD_SIZE", 1, kMostRanks));
    ATTUNE_TRY(ranks.localRank, numberOf(variable, "LOCAL_RANK", ranks.rank, kMostRanks));
    ATTUNE_TRY(ranks.localSize, numberOf(variable, "LOCAL_WORLD_SIZE", ranks.size, kMostRanks));
    ATTUNE_TRY(ranks.port, numberOf(variable, "MASTER_PORT", kTorchPort, 65535));
    ranks.address = variable("MASTER_ADDR").value_or(std::string());
    if (variable("TORCHELASTIC_USE_AGENT_STORE").value_or(std::string()) == "True")
        ranks.storePrefix = "/worker/attempt_" + variable("TORCHELASTIC_RESTART_COUNT").value_or("0");
    return checked(std::move(ranks));
}

/// "2(x3),1" is two on each of three computers and one on the last; they are the same or nearly so everywhere.
int tasksPerNode(const std::string& text)
{
    int number = 1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::max(1, number);
}

Result<Ranks> fromSlurm(const Lookup& variable)
{
    Ranks ranks;
    ATTUNE_TRY(ranks.rank, numberOf(variable, "SLURM_PROCID", 0, kMostRanks));
    ATTUNE_TRY(ranks.size, numberOf(variable, "SLURM_STEP_NUM_TASKS", 1, kMostRanks));
    ATTUNE_TRY(ranks.localRank, numberOf(variable, "SLURM_LOCALID", 0, kMostRanks));
    ranks.localSize = tasksPerNode(variable("SLURM_STEP_TASKS_PER_NODE").value_or("1"));
    ranks.address = variable("MASTER_ADDR").value_or(firstNode(variable("SLURM_STEP_NODELIST").value_or(std::string())));
    // Jobs that share a computer must not meet each other: the job's number chooses the port.
    ATTUNE_TRY(const int job, numberOf(variable, "SLURM_JOB_ID", 0, std::numeric_limits<int>::max()));
    ATTUNE_TRY(ranks.port, numberOf(variable, "MASTER_PORT", 20000 + job % 20000, 65535));
    return checked(std::move(ranks));
}

}

std::string firstNode(const std::string& list)
{
    const auto end = list.find_first_of("[,");
    if (end == std::string::npos || list[end] == ',')
        return list.substr(0, end);
    const auto stop = list.find_first_of("-,]", end + 1);
    return stop == std::string::npos ? list : list.substr(0, end) + list.substr(end + 1, stop - end - 1);
}

Result<Ranks> ranksFrom(const Lookup& variable)
{
    const bool hasRank = variable("RANK").has_value(), hasSize = variable("WORLD_SIZE").has_value();
    if (hasRank != hasSize)
        return fail(ErrorCode::Usage, fmt::format("The environment has {} without {}.", hasRank ? "RANK" : "WORLD_SIZE", hasRank ? "WORLD_SIZE" : "RANK"),
            "Start the processes with torchrun --no-python, or unset it to train in one process.");
    if (hasRank)
        return fromTorchrun(variable);
    // Only a step that srun started: a batch script itself is one process, whatever was asked for.
    return variable("SLURM_STEP_NUM_TASKS") && variable("SLURM_PROCID") ? fromSlurm(variable) : Result<Ranks>(Ranks());
}

Result<Ranks> ranksFromEnvironment()
{
    return ranksFrom([](const char* name) -> std::optional<std::string> {
        const char* text = std::getenv(name);
        return text ? std::optional<std::string>(text) : std::nullopt;
    });
}

}
