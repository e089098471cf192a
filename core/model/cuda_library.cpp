// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/cuda_library.h"

#include "base/log.h"
#include "model/device.h"

#include <dlfcn.h>

#include <array>
#include <filesystem>

namespace attune::model {

namespace {

const cuda::CudaApi* openLibrary()
{
    if (!openCudaLibrary())
        return nullptr;
    Dl_info info {};
    dladdr(reinterpret_cast<const void*>(&cudaLibrary), &info);
    const auto path = std::filesystem::path(info.dli_fname ? info.dli_fname : "").parent_path() / "libattune_cuda.so";
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        logInfo("Attune's own CUDA kernels are not there ({}); ATen's serve.", dlerror());
        return nullptr;
    }
    const auto get = reinterpret_cast<decltype(&attuneCudaApi)>(dlsym(library, "attuneCudaApi"));
    const auto* api = get ? get() : nullptr;
    if (api && api->version == cuda::kCudaApiVersion)
        return api;
    logWarning("{} is of another version of Attune; ATen's kernels serve.", path.string());
    return nullptr;
}

}

const cuda::CudaApi* cudaLibrary()
{
    static const cuda::CudaApi* const api = openLibrary();
    return api;
}

const cuda::CudaKernels* cudaKernels()
{
    const auto* api = cudaLibrary();
    return api ? api->kernels : nullptr;
}

std::optional<cuda::Element> cudaElement(at::ScalarType type)
{
    switch (type) {
    case at::kFloat: return cuda::Element::Float32;
    case at::kHalf: return cuda::Element::Float16;
    case at::kBFloat16: return cuda::Element::Bfloat16;
    default: return std::nullopt;
    }
}

void checkLaunch(const cuda::CudaKernels& kernels, const char* name)
{
    const char* error = kernels.launchError();
    TORCH_CHECK(!error, "The CUDA kernel ", name, " did not start: ", error ? error : "");
}

int computeCapability(std::int64_t device)
{
    static const std::array<int, 16> known = [] {
        std::array<int, 16> result {};
        const auto* api = cudaLibrary();
        for (int i = 0; api && i < std::min(api->deviceCount(), 16); ++i) {
            cuda::DeviceFacts facts;
            if (api->deviceFacts(i, facts))
                result[static_cast<std::size_t>(i)] = facts.capabilityMajor * 10 + facts.capabilityMinor;
        }
        return result;
    }();
    return device < 16 ? known[static_cast<std::size_t>(device < 0 ? 0 : device)] : 0;
}

}
