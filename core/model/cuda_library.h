// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/cuda_api.h"

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>

namespace attune::model {

/// libattune_cuda.so beside the engine, opened once after LibTorch's CUDA library; null without a card,
/// a driver or the library. Any thread.
const cuda::CudaApi* cudaLibrary();

/// Its kernels; null where the library is missing or was built without nvcc. ATen serves then.
const cuda::CudaKernels* cudaKernels();

/// What our kernels call a type; empty for types that they do not have.
std::optional<cuda::Element> cudaElement(at::ScalarType type);

/// Throws c10::Error when the launch before it failed, before its result is read.
void checkLaunch(const cuda::CudaKernels& kernels, const char* name);

/// Compute capability times ten (90 = sm_90) of a card; 0 when unknown.
int computeCapability(std::int64_t device);

}
