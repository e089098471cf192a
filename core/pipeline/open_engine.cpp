// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "pipeline/engine.h"

#include <fmt/format.h>

#include <cstdlib>
#include <mutex>

#include <dlfcn.h>

namespace attune::pipeline {
namespace {

constexpr const char* kLibrary = "libattune_engine.so";

/// Where the engine may lie: $ATTUNE_ENGINE, beside this library (build/release/lib, lib/attune), and
/// ../lib of the program.
std::vector<std::string> candidates()
{
    std::vector<std::string> paths;
    if (const char* chosen = std::getenv("ATTUNE_ENGINE"); chosen && *chosen)
        paths.emplace_back(chosen);
    Dl_info info {};
    if (::dladdr(reinterpret_cast<const void*>(&openEngine), &info) != 0 && info.dli_fname)
        paths.push_back((fs::path(absolutePath(info.dli_fname)).parent_path() / kLibrary).string());
    std::error_code error;
    if (const fs::path program = fs::read_symlink("/proc/self/exe", error); !error) {
        paths.push_back((program.parent_path().parent_path() / "lib" / kLibrary).string());
        paths.push_back((program.parent_path().parent_path() / "lib" / "attune" / kLibrary).string());
    }
    return paths;
}

/// Packed batches have a new length every time, and oneDNN keeps a compiled product for each: its default of
/// 1 024 grew a run by 0.1 GB a step. 48 serve a forward and backward pass. A setting of the user's wins.
void boundPrimitiveCache()
{
    ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "48", 0);
    ::setenv("LRU_CACHE_CAPACITY", "48", 0);
}

Result<Engine*> open()
{
    boundPrimitiveCache();
    std::string reason;
    for (const auto& path : candidates()) {
        std::error_code error;
        if (!fs::exists(path, error))
            continue;
        void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            reason = ::dlerror();
            continue;
        }
        using Door = Engine* (*)();
        if (const auto door = reinterpret_cast<Door>(::dlsym(library, "attuneEngine")))
            return door();
        reason = fmt::format("{} has no attuneEngine", path);
    }
    if (reason.empty())
        return fail(ErrorCode::EngineMissing, fmt::format("The engine ({}) is not there.", kLibrary), "Build or install Attune again: bash packaging/run.sh.");
    return fail(ErrorCode::EngineMissing, fmt::format("The engine cannot be opened: {}.", reason),
        "LibTorch may be missing: bash packaging/run.sh fetches it again.");
}

}

Result<Engine*> openEngine()
{
    static std::mutex mutex;
    static Engine* engine = nullptr;
    const std::scoped_lock lock(mutex);
    if (!engine) {
        ATTUNE_TRY(engine, open());
    }
    return engine;
}

}
