// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/device.h"

#include "base/log.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace attune::model {

namespace {

/// The driver's own library: without it CUDA cannot work, and opening 1.5 GB of libtorch_cuda is vain.
bool hasNvidiaDriver()
{
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    return driver != nullptr && std::filesystem::exists("/dev/nvidiactl");
}

bool openOnce()
{
    if (!hasNvidiaDriver())
        return false;
    // Segments that grow keep the cache from filling with blocks of the wrong size; read at the first CUDA call.
    ::setenv("PYTORCH_ALLOC_CONF", "expandable_segments:True", 0);
    if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL)) {
        // Beside libtorch_cpu.so, wherever that was loaded from.
        Dl_info info {};
        dladdr(reinterpret_cast<const void*>(&at::globalContext), &info);
        const auto path = std::filesystem::path(info.dli_fname ? info.dli_fname : "").parent_path() / "libtorch_cuda.so";
        if (!dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
            logWarning("libtorch_cuda.so cannot be opened: {}", dlerror());
            return false;
        }
    }
    return true;
}

}

bool openCudaLibrary()
{
    static std::once_flag once;
    static bool isOpen = false;
    std::call_once(once, [] { isOpen = openOnce(); });
    return isOpen;
}

Result<at::Device> resolveDevice(const std::string& name)
{
    if (name == "cpu")
        return at::Device(at::kCPU);
    if (name != "auto" && name != "cuda" && name.rfind("cuda:", 0) != 0)
        return fail(ErrorCode::DeviceMissing, fmt::format("There is no device \"{}\".", name), "Use auto, cpu, cuda or cuda:1.");
    const bool hasCuda = openCudaLibrary() && at::globalContext().hasCUDA();
    const auto count = hasCuda ? at::detail::getCUDAHooks().getNumGPUs() : 0;
    if (name == "auto")
        return count > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    const std::string digits = name == "cuda" ? "0" : name.substr(5);
    const bool isNumber = !digits.empty() && digits.size() < 4 && digits.find_first_not_of("0123456789") == std::string::npos;
    if (!isNumber || std::stoi(digits) >= count)
        return fail(ErrorCode::DeviceMissing, fmt::format("The device \"{}\" is not there; this machine has {} usable CUDA cards.", name, count),
            "Use device: auto or cpu, or see `attune doctor` for what is missing.");
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(std::stoi(digits)));
}

bool hasBfloat16(at::Device device)
{
    // The hook asks for compute capability 8 or more, which is what bfloat16 matrix products need too.
    if (device.is_cuda())
        return at::globalContext().hasCUDA() && at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16");
#else
    return false;
#endif
}

Result<at::ScalarType> resolveDtype(const std::string& name, at::Device device)
{
    if (name == "auto")
        return hasBfloat16(device) ? at::kBFloat16 : at::kFloat;
    if (name == "float32" || name == "f32" || name == "fp32")
        return at::kFloat;
    if (name == "bfloat16" || name == "bf16")
        return at::kBFloat16;
    if (name == "float16" || name == "f16" || name == "fp16")
        return at::kHalf;
    return fail(ErrorCode::RecipeValue, fmt::format("There is no dtype \"{}\".", name), "Use auto, float32, bfloat16 or float16.");
}

at::ScalarType computeType(at::ScalarType stored, at::Device device)
{
    if (stored == at::kBFloat16)
        return hasBfloat16(device) || device.is_cuda() ? at::kBFloat16 : at::kFloat;
    return stored == at::kHalf && !device.is_cuda() ? at::kFloat : stored;
}

}
