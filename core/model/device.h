// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

namespace attune::model {

/// The device behind "auto", "cpu", "cuda" or "cuda:N". auto is the first CUDA card where one works,
/// else the CPU. Opens libtorch_cuda.so before the first question to ATen, which remembers a no.
/// Errors: DeviceMissing. Any thread.
Result<at::Device> resolveDevice(const std::string& name);

/// Whether the device multiplies bfloat16 in hardware: AVX512_BF16 or AMX, sm_80 or newer.
bool hasBfloat16(at::Device device);

/// "auto" (bfloat16 where the device has it, else float32), "float32", "bfloat16", "float16" and their
/// short forms. Errors: RecipeValue.
Result<at::ScalarType> resolveDtype(const std::string& name, at::Device device);

/// What matrix products run in: the stored type, but float32 where a CPU cannot multiply it.
at::ScalarType computeType(at::ScalarType stored, at::Device device);

/// Opens libtorch_cuda.so (RTLD_GLOBAL) where an NVIDIA driver is; false without one.
bool openCudaLibrary();

}
