// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/kernels.h"

#include <ATen/ATen.h>

namespace attune::model::kernels::reference {

namespace {

at::Tensor toFloat(const at::Tensor& x)
{
    return x.to(at::kFloat);
}

/// Rows [begin, begin + length) of x [T, heads · D] as float32 [heads, length, D].
at::Tensor headsOf(const at::Tensor& x, std::int64_t begin, std::int64_t length, std::int64_t heads)
{
    return toFloat(x.narrow(0, begin, length)).view({length, heads, -1}).transpose(0, 1);
}

/// Scores of one segment, scaled and masked: [H, Tq, Tk].
at::Tensor maskedScores(const at::Tensor& q, const at::Tensor& k, const Segment& s, const AttentionShape& shape)
{
    const auto query = headsOf(q, s.query, s.queryLength, shape.heads);
    const auto key = headsOf(k, s.key, s.keyLength, shape.kvHeads).repeat_interleave(shape.heads / shape.kvHeads, 0);
    const auto scores = at::matmul(query, key.transpose(1, 2)) * shape.scale;
    const auto allowed = at::ones({s.queryLength, s.keyLength}, scores.options().dtype(at::kBool)).tril(s.keyLength - s.queryLength);
    return scores.masked_fill(allowed.logical_not(), -std::numeric_limits<float>::infinity());
}

/// Sums the query heads that share a key-value head and writes rows [T, kvHeads · D].
void storeShared(const at::Tensor& grad, const Segment& s, const AttentionShape& shape, const at::Tensor& out)
{
    const auto sum = grad.view({shape.kvHeads, shape.heads / shape.kvHeads, s.keyLength, shape.headDim}).sum(1);
    out.narrow(0, s.key, s.keyLength).copy_(sum.transpose(0, 1).reshape({s.keyLength, -1}));
}

}

void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out)
{
    const auto xf = toFloat(x);
    const auto r = (xf.square().mean(-1, true) + epsilon).rsqrt();
    out.copy_(xf * r * toFloat(weight));
}

void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight)
{
    const auto xf = toFloat(x);
    const auto r = (xf.square().mean(-1, true) + epsilon).rsqrt();
    const auto normal = xf * r;
    const auto grad = toFloat(gradOut);
    const auto scaled = grad * toFloat(weight);
    const auto dx = (scaled - normal * (scaled * normal).mean(-1, true)) * r;
    gradX.copy_(toFloat(gradX) + dx);
    if (gradWeight.defined())
        gradWeight.add_((grad * normal).sum(0));
}

void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation)
{
    const auto T = x.size(0);
    const auto angles = table.index_select(0, positions.to(at::kLong));  // [T, 2, D/2]
    const auto half = table.size(2);
    const auto cos = angles.select(1, 0).unsqueeze(1);
    const auto sin = rotation == Rotation::Forward ? angles.select(1, 1).unsqueeze(1) : angles.select(1, 1).unsqueeze(1).neg();
    const auto xf = toFloat(x).view({T, heads, -1});
    const auto first = xf.narrow(2, 0, half), second = xf.narrow(2, half, half);
    const auto rest = xf.narrow(2, 2 * half, xf.size(2) - 2 * half);
    x.copy_(at::cat({first * cos - second * sin, second * cos + first * sin, rest}, 2).view({T, -1}));
}

void swiglu(const at::Tensor& gateUp, const at::Tensor& out)
{
    const auto F = gateUp.size(1) / 2;
    out.copy_(at::silu(toFloat(gateUp.narrow(1, 0, F))) * toFloat(gateUp.narrow(1, F, F)));
}

void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp)
{
    const auto F = gateUp.size(1) / 2;
    const auto gate = toFloat(gateUp.narrow(1, 0, F)), up = toFloat(gateUp.narrow(1, F, F)), grad = toFloat(gradOut);
    const auto sigmoid = gate.sigmoid();
    gateUp.copy_(at::cat({grad * up * sigmoid * (1 + gate * (1 - sigmoid)), grad * gate * sigmoid}, 1));
}

void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp)
{
    for (const auto& s : shape.segments) {
        const auto scores = maskedScores(q, k, s, shape);
        const auto value = headsOf(v, s.key, s.keyLength, shape.kvHeads).repeat_interleave(shape.heads / shape.kvHeads, 0);
        const auto result = at::matmul(scores.softmax(-1), value);  // [H, Tq, D]
        out.narrow(0, s.query, s.queryLength).copy_(result.transpose(0, 1).reshape({s.queryLength, -1}));
        if (logSumExp.defined())
            logSumExp.narrow(1, s.query, s.queryLength).copy_(scores.logsumexp(-1));
    }
}

void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV)
{
    const auto repeats = shape.heads / shape.kvHeads;
    for (const auto& s : shape.segments) {
        const auto lse = logSumExp.narrow(1, s.query, s.queryLength).unsqueeze(2);
        const auto p = (maskedScores(q, k, s, shape) - lse).exp();  // [H, T, T]
        const auto grad = headsOf(gradOut, s.query, s.queryLength, shape.heads);
        const auto delta = (grad * headsOf(out, s.query, s.queryLength, shape.heads)).sum(-1, true);
        const auto value = headsOf(v, s.key, s.keyLength, shape.kvHeads).repeat_interleave(repeats, 0);
        const auto key = headsOf(k, s.key, s.keyLength, shape.kvHeads).repeat_interleave(repeats, 0);
        const auto ds = p * (at::matmul(grad, value.transpose(1, 2)) - delta) * shape.scale;
        const auto dq = at::matmul(ds, key);
        gradQ.narrow(0, s.query, s.queryLength).copy_(dq.transpose(0, 1).reshape({s.queryLength, -1}));
        storeShared(at::matmul(ds.transpose(1, 2), headsOf(q, s.query, s.queryLength, shape.heads)), s, shape, gradK);
        storeShared(at::matmul(p.transpose(1, 2), grad), s, shape, gradV);
    }
}

void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses)
{
    const auto wanted = targets.clamp_min(0).unsqueeze(1);
    const auto values = toFloat(logits);
    losses.copy_((values.logsumexp(1) - values.gather(1, wanted).squeeze(1)) * targets.ge(0));
}

void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses)
{
    crossEntropy(logits, targets, losses);
    auto grad = toFloat(logits).softmax(1);
    grad.scatter_add_(1, targets.clamp_min(0).unsqueeze(1), at::full({targets.size(0), 1}, -1.0, grad.options()));
    logits.copy_(grad * (gradScale * targets.ge(0)).unsqueeze(1));
}

void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out)
{
    auto generator = at::globalContext().defaultGenerator(x.device()).clone();
    generator.set_current_seed(stream);
    const auto keep = at::empty(x.sizes(), x.options()).bernoulli_(1.0 - p, generator);
    out.copy_(x * keep / (1.0 - p));
}

}
