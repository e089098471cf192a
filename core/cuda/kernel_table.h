// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/cuda_kernels.h"

namespace attune::cuda {

// The functions of CudaKernels, one file a group; see cuda_kernels.h for what they do.

void rmsNorm(const Matrix& x, const float* weight, float epsilon, const Matrix& out);
void rmsNormBackward(const Matrix& gradOut, const Matrix& x, const float* weight, float epsilon, const Matrix& gradX, float* gradWeight, float* scratch);
void rotary(const Matrix& x, std::int64_t heads, std::int64_t half, const float* table, const std::int32_t* positions, float sign);
void swiglu(const Matrix& gateUp, const Matrix& out);
void swigluBackward(const Matrix& gradOut, const Matrix& gateUp);
void crossEntropy(const Matrix& logits, const std::int64_t* targets, const float* gradScale, float* losses);
void dropout(const Matrix& x, float p, std::uint64_t stream, const Matrix& out);
void dequantiseNf4(const Nf4Blocks& blocks, const Matrix& out);
void quantiseNf4(const float* values, std::int64_t count, std::uint8_t* codes, float* scales);
void dequantiseInt8(const std::int8_t* codes, const float* scales, const Matrix& out);
void adamw8(const EightBitAdamw& step);
const char* launchError();

}
