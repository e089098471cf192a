// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/kernels.h"

namespace attune::model::kernels::on_card {

// The operations of kernels.h on a CUDA card: our own kernels (core/cuda), attention through the flash
// kernels in LibTorch. Each says false, and does nothing, where it does not serve (no library, another
// device, an old card, float32 attention); the caller then takes the ATen formulas.

bool rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out);
bool rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight);
bool rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation);
bool swiglu(const at::Tensor& gateUp, const at::Tensor& out);
bool swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp);
bool attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp);
bool attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV);
/// scale: null = losses only.
bool crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses);
bool dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out);

}
