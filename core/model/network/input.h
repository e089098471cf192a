// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/causal_lm.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace attune::model {

/// A row within a forward pass.
struct NetworkRow {
    std::int64_t begin = 0, length = 0;  ///< its tokens among those of the pass
    std::int64_t past = 0;               ///< positions before its first token (cache, prefix)
};

struct NetworkInput {
    std::int64_t tokens = 0;     ///< T, with virtual tokens
    std::int64_t virtualTokens = 0;  ///< embeddings at the start of each row
    at::Tensor ids;              ///< int64, the rows' own tokens
    at::Tensor positions;        ///< int64 [T]
    at::Tensor types;            ///< int64 [T]; undefined: all are 0
    at::Tensor ownRows;          ///< int64: which of the T are the rows' own; undefined when all are
    std::vector<NetworkRow> rows;
    /// Encoder-decoders: what the encoder made of each row's source [*, C], on the tape; one a row. Else empty.
    std::vector<at::Tensor> sources;
    struct Angles { at::Tensor cosines, sines; };  ///< [T, 1, D/2]
    Angles angles, localAngles;
    /// Masks of attention by (queries, keys, window), made once for all layers.
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, at::Tensor> masks;
};

/// Keys and values of all layers for generation; rows are positions, virtual ones included.
class NetworkCache final : public KvCache
{
public:
    std::int64_t length() const override { return std::max<std::int64_t>(0, used - virtualTokens); }
    void truncate(std::int64_t length) override
    {
        used = length == 0 ? 0 : std::min(used, length + virtualTokens);
    }

    at::Tensor source;  ///< of an encoder-decoder, once the encoder has read

    struct Layer { at::Tensor keys, values; };  ///< [capacity, kvHeads, D]
    std::vector<Layer> layers;
    std::int64_t used = 0, capacity = 0, virtualTokens = 0;
};

}
