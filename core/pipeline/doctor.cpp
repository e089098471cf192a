// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/doctor.h"

#include "base/file.h"
#include "pipeline/forecast.h"
#include "store/store.h"

#include <llama.h>

#include <dlfcn.h>
#include <thread>
#include <unistd.h>

namespace attune::pipeline {
namespace {

using Status = HealthCheck::Status;

std::string gib(std::uint64_t bytes)
{
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1ULL << 30));
}

/// The folder of the running program.
fs::path programFolder()
{
    std::error_code error;
    const auto path = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path(".") : path.parent_path();
}

HealthCheck checkProcessor()
{
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return {Status::Fail, "processor", "This processor has no AVX2 or FMA.", "Attune needs an x86-64 processor of 2013 or later with both."};
#endif
    return {Status::Pass, "processor", fmt::format("{} cores; bfloat16 {}.", cores, planner::cpuHasBfloat16() ? "in hardware" : "not in hardware, so float32 is used"), {}};
}

HealthCheck checkMemory()
{
    const auto free = static_cast<std::uint64_t>(planner::availableMemoryBytes());
    const std::string detail = fmt::format("{} available.", gib(free));
    if (free < 1ULL << 30)
        return {Status::Fail, "memory", detail, "Close other programs; even the starter model needs about 1 GiB."};
    if (free < 4ULL << 30)
        return {Status::Warn, "memory", detail, "Enough for models of a few hundred million parameters; `attune model fit` tells what fits."};
    return {Status::Pass, "memory", detail, {}};
}

HealthCheck checkDisk(const std::string& workspace)
{
    const std::uint64_t free = freeDiskBytes(workspace);
    const std::string detail = fmt::format("{} free in {}.", gib(free), workspace);
    if (free < 512ULL << 20)
        return {Status::Fail, "disk", detail, "Free some space, or choose a workspace on another disk with --workspace."};
    if (free < 5ULL << 30)
        return {Status::Warn, "disk", detail, "Checkpoints and exports of larger models will not fit; free some space."};
    return {Status::Pass, "disk", detail, {}};
}

HealthCheck checkWorkspace(const std::string& workspace)
{
    auto status = makeFolder(workspace);
    const std::string probe = fmt::format("{}/.probe-{}", workspace, ::getpid());
    if (status)
        status = writeFileAtomically(probe, "probe");
    std::error_code ignored;
    fs::remove(probe, ignored);
    if (!status)
        return {Status::Fail, "workspace", status.error().message, status.error().hint};
    return {Status::Pass, "workspace", fmt::format("{} can be written.", workspace), {}};
}

HealthCheck checkDatabase(const std::string& workspace)
{
    auto store = store::Store::open(workspace);
    if (!store)
        return {Status::Fail, "database", store.error().message, store.error().hint};
    if (const auto status = (*store)->checkIntegrity(); !status)
        return {Status::Fail, "database", status.error().message, status.error().hint};
    const auto runs = (*store)->runs();
    return {Status::Pass, "database", fmt::format("Intact, {} run{}.", runs ? runs->size() : 0, runs && runs->size() == 1 ? "" : "s"), {}};
}

HealthCheck checkEngine()
{
    const std::string fix = "Run `bash packaging/run.sh` again: it builds and fetches what is missing.";
    for (const auto& place : {programFolder() / "../lib/libattune_engine.so", programFolder() / "libattune_engine.so"}) {
        std::error_code error;
        const auto bytes = fs::file_size(place, error);
        if (error)
            continue;
        const auto file = MappedFile::open(place.string());
        if (!file || !file->text().starts_with("\x7f" "ELF"))
            return {Status::Fail, "engine", fmt::format("{} is damaged.", place.lexically_normal().string()), fix};
        return {Status::Pass, "engine", fmt::format("{} ({:.1f} MB).", place.lexically_normal().string(), static_cast<double>(bytes) / 1e6), {}};
    }
    return {Status::Fail, "engine", "libattune_engine.so is not beside this program, so nothing can be trained.", fix};
}

HealthCheck checkLlama()
{
    Dl_info info {};
    if (!dladdr(reinterpret_cast<const void*>(&llama_print_system_info), &info) || !info.dli_fname)
        return {Status::Fail, "llama.cpp", "libllama is not loaded.", "Run `bash packaging/run.sh` again."};
    return {Status::Pass, "llama.cpp", fs::path(info.dli_fname).lexically_normal().string() + ".", {}};
}

HealthCheck checkStarterModel()
{
    const auto models = programFolder() / "../share/attune/models";
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(models, error))
        if (entry.path().extension() == ".gguf")
            return {Status::Pass, "starter model", entry.path().filename().string() + " is there.", {}};
    return {Status::Warn, "starter model", "The starter model is not there.", "Run `bash packaging/run.sh` to fetch it, or add another model with `attune model add`."};
}

HealthCheck checkGpu()
{
    if (const std::string problem = cardLimitProblem(); !problem.empty())
        return {Status::Warn, "gpu", problem, "Set it to MiB, such as 8192, or unset it."};
    const auto& cards = cudaCards();
    if (cards.empty()) {
        std::error_code error;
        if (fs::exists("/dev/nvidiactl", error) || fs::exists("/proc/driver/nvidia/version", error))
            return {Status::Warn, "gpu", "An NVIDIA driver is loaded, but nvidia-smi does not answer.", "Install the driver's tools (nvidia-smi), version 580 or newer."};
        return {Status::Pass, "gpu", "No NVIDIA GPU; training uses the processor.", {}};
    }
    for (const auto& card : cards)
        if (card.isUsable())
            return {Status::Pass, "gpu", fmt::format("{}, driver {}, {} of {} free.", card.name, card.driver, gib(static_cast<std::uint64_t>(card.freeBytes)),
                gib(static_cast<std::uint64_t>(card.totalBytes))), {}};
    const bool isDriver = cards.front().reason().find("driver") != std::string::npos;
    return {Status::Warn, "gpu", cards.front().reason(), isDriver ? "Install NVIDIA's driver 580 or newer; until then training uses the processor." : "Training uses the processor; a card of the 16 or 20 series or newer would be used."};
}

}

Json HealthCheck::toJson() const
{
    constexpr const char* kNames[] = {"pass", "warn", "fail"};
    return {{"name", name}, {"status", kNames[static_cast<int>(status)]}, {"detail", detail}, {"fix", fix}};
}

std::vector<HealthCheck> checkHealth(const std::string& workspace)
{
    return {checkProcessor(), checkMemory(), checkWorkspace(workspace), checkDatabase(workspace), checkDisk(workspace), checkEngine(), checkLlama(),
        checkStarterModel(), checkGpu()};
}

}
