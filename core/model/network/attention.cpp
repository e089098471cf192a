// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/input.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace attune::model {

namespace {

using families::FusedQkv;

/// Rotates the first 2 · (D/2) values of each head by halves, as transformers does: x [T, H, D].
at::Tensor rotate(const at::Tensor& x, const NetworkInput::Angles& angles)
{
    if (!angles.cosines.defined())
        return x;
    const auto half = angles.cosines.size(-1), width = x.size(-1);
    const auto wide = x.to(at::kFloat);
    const auto a = wide.narrow(-1, 0, half), b = wide.narrow(-1, half, half);
    const auto first = a * angles.cosines - b * angles.sines, second = b * angles.cosines + a * angles.sines;
    if (2 * half == width)
        return at::cat({first, second}, -1).to(x.scalar_type());
    return at::cat({first, second, wide.narrow(-1, 2 * half, width - 2 * half)}, -1).to(x.scalar_type());
}

/// What each of n queries, the last of m positions, may see: true = attend. window 0 = all before it.
at::Tensor maskOf(std::int64_t n, std::int64_t m, std::int64_t window, bool isCausal, at::Device device)
{
    const auto keys = at::arange(m, at::TensorOptions().dtype(at::kLong).device(device)).unsqueeze(0);
    const auto queries = keys.narrow(1, m - n, n).t();
    auto mask = isCausal ? keys <= queries : (keys - queries).abs() <= window;
    return isCausal && window > 0 ? mask.logical_and(keys > queries - window) : mask;
}

}

at::Tensor Network::attention(const NetworkLayer& layer, const at::Tensor& x, NetworkInput& input, NetworkCache* cache)
{
    const auto T = x.size(0), H = m_spec.heads, K = m_spec.kvHeads, D = m_spec.headDim;
    at::Tensor q, k, v;
    if (layer.qkv && m_spec.fusedQkv == FusedQkv::Groups) {
        const auto groups = layer.qkv->forward(x, m_state).view({T, K, H / K + 2, D});
        q = groups.narrow(2, 0, H / K).reshape({T, H * D});
        k = groups.select(2, H / K).reshape({T, K * D});
        v = groups.select(2, H / K + 1).reshape({T, K * D});
    } else if (layer.qkv) {
        const auto parts = layer.qkv->forward(x, m_state).split_with_sizes({H * D, K * D, K * D}, -1);
        q = parts[0], k = parts[1], v = parts[2];
    } else {
        q = layer.query->forward(x, m_state);
        k = layer.key->forward(x, m_state);
        v = layer.value->forward(x, m_state);
    }
    const auto heads = [&](const at::Tensor& flat, std::int64_t count, const NetworkTensor* weight, const NetworkTensor* bias) {
        if (!weight || !m_spec.queryKeyNormIsWhole)
            return norm(flat.view({T, count, D}), weight, bias);
        return norm(flat, weight, bias).view({T, count, D});
    };
    const auto& angles = layer.isSliding && m_localRope ? input.localAngles : input.angles;
    q = rotate(heads(q, H, layer.queryNorm, layer.queryNormBias), angles);
    k = rotate(heads(k, K, layer.keyNorm, layer.keyNormBias), angles);
    v = v.reshape({T, K, D});
    std::vector<at::Tensor> outputs;
    for (const auto& row : input.rows)
        outputs.push_back(attendRow(layer, row, q.narrow(0, row.begin, row.length), k.narrow(0, row.begin, row.length), v.narrow(0, row.begin, row.length), input, cache));
    return layer.attentionOutput->forward(outputs.size() == 1 ? outputs[0] : at::cat(outputs), m_state);
}

/// q [n, H, D], k and v [n, K, D] of one row; returns [n, H · D].
at::Tensor Network::attendRow(const NetworkLayer& layer, const NetworkRow& row, const at::Tensor& q, at::Tensor k, at::Tensor v, NetworkInput& input, NetworkCache* cache)
{
    const auto index = static_cast<std::size_t>(layer.index);
    if (m_virtualTokens && m_virtualTokens->isPrefix() && m_state.adapterScale != 0 && (!cache || cache->used == 0)) {
        const auto prefix = m_virtualTokens->keysValues(layer.index);
        k = at::cat({prefix.keys.to(k.scalar_type()), k});
        v = at::cat({prefix.values.to(v.scalar_type()), v});
    }
    if (cache) {
        const auto end = row.past + row.length;
        auto& held = cache->layers[index];
        held.keys.narrow(0, end - k.size(0), k.size(0)).copy_(k);
        held.values.narrow(0, end - v.size(0), v.size(0)).copy_(v);
        k = held.keys.narrow(0, 0, end);
        v = held.values.narrow(0, 0, end);
    }
    const auto n = q.size(0), m = k.size(0);
    const bool isCausal = layer.isCausal;
    const auto window = layer.isSliding && (m > m_spec.slidingWindow || !isCausal) ? m_spec.slidingWindow : 0;
    const bool needsMask = window > 0 || (isCausal && n != m && n > 1);
    auto& mask = input.masks[{n, m, window}];
    if (needsMask && !mask.defined())
        mask = maskOf(n, m, window, isCausal, q.device());
    double scale = m_spec.attentionScale > 0 ? m_spec.attentionScale : 1.0 / std::sqrt(static_cast<double>(m_spec.headDim));
    if (m_spec.scoresByLayer)
        scale /= static_cast<double>(layer.index + 1);
    const auto batched = [](const at::Tensor& t) { return t.transpose(0, 1).unsqueeze(0); };
    if (m_spec.attentionSoftcap == 0 && !m_spec.alibi && m_spec.relativeBuckets == 0) {
        const auto y = at::scaled_dot_product_attention(batched(q), batched(k), batched(v), needsMask ? std::optional<at::Tensor>(mask) : std::nullopt, 0.0,
            isCausal && !needsMask && n > 1, scale, m_spec.heads != m_spec.kvHeads);
        return y.squeeze(0).transpose(0, 1).reshape({n, -1});
    }
    if (!needsMask && isCausal && n > 1 && !mask.defined())
        mask = maskOf(n, m, 0, true, q.device());
    return m_spec.relativeBuckets > 0 ? biasedAttention(q, k, v, mask, distanceBias(layer, n, m), scale) : explicitAttention(q, k, v, mask, scale);
}

/// x [T, C] of a decoder to what it finds in the encoder's states of its own row.
at::Tensor Network::crossAttention(const NetworkLayer& layer, const at::Tensor& x, const NetworkInput& input)
{
    const auto H = m_spec.heads, D = m_spec.headDim;
    const double scale = m_spec.attentionScale > 0 ? m_spec.attentionScale : 1.0 / std::sqrt(static_cast<double>(D));
    const auto queries = layer.crossQuery->forward(x, m_state).view({-1, H, D});
    std::vector<at::Tensor> outputs;
    for (std::size_t r = 0; r < input.rows.size(); ++r) {
        const auto& row = input.rows[r];
        const auto keys = layer.crossKey->forward(input.sources[r], m_state).view({-1, H, D}), values = layer.crossValue->forward(input.sources[r], m_state).view({-1, H, D});
        outputs.push_back(explicitAttention(queries.narrow(0, row.begin, row.length), keys, values, {}, scale));
    }
    return layer.crossOutput->forward(outputs.size() == 1 ? outputs[0] : at::cat(outputs), m_state);
}

/// bias [H, n, m] is added to the scores; keys and values have as many heads as queries.
at::Tensor Network::biasedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, const at::Tensor& bias, double scale) const
{
    auto scores = at::matmul(q.transpose(0, 1), k.transpose(0, 1).transpose(1, 2)).to(at::kFloat) * scale + bias;
    if (mask.defined())
        scores = scores.masked_fill(mask.logical_not(), -std::numeric_limits<float>::infinity());
    return at::matmul(at::softmax(scores, -1).to(v.scalar_type()), v.transpose(0, 1)).transpose(0, 1).reshape({q.size(0), -1});
}

/// T5's table by distance: near ones have a row each, far ones share rows that grow as a logarithm does; where both directions
/// are seen, the later tokens have the second half. The first layer of either stack holds the table for all. [H, n, m]
at::Tensor Network::distanceBias(const NetworkLayer& layer, std::int64_t n, std::int64_t m)
{
    const auto* table = find(layer.isCausal ? "dec.blk.0.attn_rel_b.weight" : "enc.blk.0.attn_rel_b.weight");
    std::vector<std::int64_t> rows;
    rows.reserve(static_cast<std::size_t>(n * m));
    const auto buckets = layer.isCausal ? m_spec.relativeBuckets : m_spec.relativeBuckets / 2, exact = buckets / 2;
    for (std::int64_t query = m - n; query < m; ++query)
        for (std::int64_t key = 0; key < m; ++key) {
            const auto ahead = key - query, distance = layer.isCausal ? std::max<std::int64_t>(0, -ahead) : std::abs(ahead);
            auto row = distance;
            if (distance >= exact) {
                // In float32, as the reference rounds at the edges of its rows.
                const float share = std::log(static_cast<float>(distance) / static_cast<float>(exact)) / static_cast<float>(std::log(static_cast<double>(m_spec.relativeDistance) / static_cast<double>(exact)));
                row = std::min(buckets - 1, exact + static_cast<std::int64_t>(share * static_cast<float>(buckets - exact)));
            }
            rows.push_back(row + (!layer.isCausal && ahead > 0 ? buckets : 0));
        }
    const auto index = at::tensor(rows, at::kLong).to(m_placement.device);
    return table->useFloat().index_select(0, index).view({n, m, m_spec.heads}).permute({2, 0, 1});
}

/// Scores written out, for the caps and slopes that the fused product lacks.
at::Tensor Network::explicitAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, double scale) const
{
    const auto n = q.size(0), m = k.size(0), H = m_spec.heads, K = m_spec.kvHeads;
    const auto queries = q.transpose(0, 1);                                              // [H, n, D]
    const auto keys = k.transpose(0, 1).repeat_interleave(H / K, 0), values = v.transpose(0, 1).repeat_interleave(H / K, 0);
    auto scores = at::matmul(queries, keys.transpose(1, 2)).to(at::kFloat) * scale;      // [H, n, m]
    if (m_spec.attentionSoftcap > 0)
        scores = at::tanh(scores / m_spec.attentionSoftcap) * m_spec.attentionSoftcap;
    if (m_spec.alibi) {
        const auto positions = at::arange(m, scores.options()).view({1, 1, m});
        scores = scores + alibiSlopes().to(scores.device()).view({H, 1, 1}) * positions * scale;
    }
    if (mask.defined())
        scores = scores.masked_fill(mask.logical_not(), -std::numeric_limits<float>::infinity());
    const auto shares = at::softmax(scores, -1).to(v.scalar_type());
    return at::matmul(shares, values).transpose(0, 1).reshape({n, -1});
}

/// Press et al. 2022: 2^(-8 i / n) for i = 1 … n, and for head counts that are no power of two the odd
/// powers of the next one in between.
at::Tensor Network::alibiSlopes() const
{
    const auto heads = m_spec.heads;
    std::int64_t power = 1;
    while (power * 2 <= heads)
        power *= 2;
    std::vector<double> slopes;
    for (std::int64_t i = 1; i <= power; ++i)
        slopes.push_back(std::pow(2.0, -8.0 * static_cast<double>(i) / static_cast<double>(power)));
    for (std::int64_t i = 1; static_cast<std::int64_t>(slopes.size()) < heads; i += 2)
        slopes.push_back(std::pow(2.0, -4.0 * static_cast<double>(i) / static_cast<double>(power)));
    return at::tensor(slopes, at::kDouble).to(at::kFloat);
}

}
