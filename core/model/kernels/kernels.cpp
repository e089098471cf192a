// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/kernels.h"

namespace attune::model::kernels {

void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out)
{
    reference::rmsNorm(x, weight, epsilon, out);
}

void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight)
{
    reference::rmsNormBackward(gradOut, x, weight, epsilon, gradX, gradWeight);
}

void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation)
{
    reference::rotary(x, heads, table, positions, rotation);
}

void swiglu(const at::Tensor& gateUp, const at::Tensor& out)
{
    reference::swiglu(gateUp, out);
}

void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp)
{
    reference::swigluBackward(gradOut, gateUp);
}

void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp)
{
    reference::attention(q, k, v, shape, out, logSumExp);
}

void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV)
{
    reference::attentionBackward(gradOut, q, k, v, out, logSumExp, shape, gradQ, gradK, gradV);
}

void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses)
{
    reference::crossEntropy(logits, targets, losses);
}

void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, double gradScale, const at::Tensor& losses)
{
    reference::crossEntropyBackward(logits, targets, gradScale, losses);
}

void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out)
{
    reference::dropout(x, p, stream, out);
}

}
