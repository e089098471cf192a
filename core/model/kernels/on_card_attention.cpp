// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/on_card.h"

#include "model/cuda_library.h"

#include <ATen/ATen.h>
#include <ATen/ops/_flash_attention_backward.h>
#include <ATen/ops/_flash_attention_forward.h>

#include <algorithm>

namespace attune::model::kernels::on_card {

namespace {

/// Flash attention (Dao 2023) as LibTorch carries it: 16-bit types, sm_80 and newer, heads of up to 256.
bool serves(const at::Tensor& q, const AttentionShape& shape)
{
    const auto type = q.scalar_type();
    return q.is_cuda() && (type == at::kBFloat16 || type == at::kHalf) && shape.headDim % 8 == 0 && shape.headDim <= 256
        && q.stride(0) % 8 == 0 && computeCapability(q.device().index()) >= 80;
}

at::Tensor heads(const at::Tensor& x, std::int64_t count)
{
    return x.unflatten(1, {count, -1});
}

/// Where segments begin, int32 [S+1]: those of the queries, or of the keys.
struct Starts {
    at::Tensor query, key;
    std::int64_t longestQuery = 0, longestKey = 0;
};

Starts startsOf(const AttentionShape& shape, at::Device device)
{
    Starts result;
    if (shape.starts.defined()) {
        result.query = result.key = shape.starts;
        result.longestQuery = result.longestKey = shape.longest;
        return result;
    }
    std::vector<std::int32_t> query {0}, key {0};
    for (const auto& s : shape.segments) {
        query.push_back(s.query + s.queryLength);
        key.push_back(s.key + s.keyLength);
        result.longestQuery = std::max<std::int64_t>(result.longestQuery, s.queryLength);
        result.longestKey = std::max<std::int64_t>(result.longestKey, s.keyLength);
    }
    result.query = at::tensor(query, at::kInt).to(device);
    result.key = query == key ? result.query : at::tensor(key, at::kInt).to(device);
    return result;
}

}

bool attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape, const at::Tensor& out, const at::Tensor& logSumExp)
{
    if (!serves(q, shape))
        return false;
    const auto starts = startsOf(shape, q.device());
    const auto keyRows = shape.starts.defined() ? k.size(0) : shape.segments.empty() ? 0 : shape.segments.back().key + shape.segments.back().keyLength;
    const auto result = at::_flash_attention_forward(heads(q, shape.heads), heads(k.narrow(0, 0, keyRows), shape.kvHeads), heads(v.narrow(0, 0, keyRows), shape.kvHeads),
        starts.query, starts.key, starts.longestQuery, starts.longestKey, 0.0, true, false, shape.scale);
    heads(out, shape.heads).copy_(std::get<0>(result));
    if (logSumExp.defined())
        logSumExp.copy_(std::get<1>(result));
    return true;
}

bool attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV)
{
    if (!serves(q, shape))
        return false;
    const auto starts = startsOf(shape, q.device());
    const auto unused = at::empty({2}, q.options().dtype(at::kLong));  // the state of dropout, which is off
    const auto result = at::_flash_attention_backward(heads(gradOut, shape.heads).contiguous(), heads(q, shape.heads), heads(k, shape.kvHeads), heads(v, shape.kvHeads),
        heads(out, shape.heads).contiguous(), logSumExp.contiguous(), starts.query, starts.key, starts.longestQuery, starts.longestKey, 0.0, true, unused, unused, shape.scale);
    heads(gradQ, shape.heads).copy_(std::get<0>(result));
    heads(gradK, shape.kvHeads).copy_(std::get<1>(result));
    heads(gradV, shape.kvHeads).copy_(std::get<2>(result));
    return true;
}

}
