// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/cuda_api.h"

#include <cstdint>

namespace attune::model {

/// libattune_cuda.so beside the engine, opened once after LibTorch's CUDA library; null without a card,
/// a driver or the library. Any thread.
const cuda::CudaApi* cudaLibrary();

/// Its kernels; null where the library is missing or was built without nvcc. ATen serves then.
const cuda::CudaKernels* cudaKernels();

/// Compute capability times ten (90 = sm_90) of a card; 0 when unknown.
int computeCapability(std::int64_t device);

}
