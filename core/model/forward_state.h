// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/buffer.h"
#include "model/kernels/kernels.h"
#include "model/linear_group.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace attune::model {

/// A piece of a micro-batch on the device.
struct Piece {
    at::Tensor ids;                 ///< int64 [T]
    at::Tensor positions;           ///< int32 [T], restart at each row
    at::Tensor targets;             ///< int64 [M]
    at::Tensor targetRows;          ///< int64 [M]: rows whose next token is a target
    at::Tensor table;               ///< rotary angles
    kernels::AttentionShape attention;
    std::int64_t tokens = 0, trained = 0;
    at::Tensor gradScale;           ///< float32 scalar, of a backward pass
    DropoutState dropout;
    bool onlyTargets = false;       ///< the last layer drops the rows that no loss needs
    /// Where all rows begin alike, that beginning stands once, before what is each row's own: rows of keys and values
    /// as attention reads them, the beginning in front of each row again (int64). Undefined where nothing is shared.
    at::Tensor keyRows;
    std::int64_t shared = 0;        ///< tokens of the beginning
};

/// What a layer keeps for its backward pass; all else is computed again from this.
struct LayerState {
    Buffer input, qkv, qkvLow, mixed, logSumExp, middle, gateUp, upLow, downLow, selected;
    at::Tensor x;          ///< [T, C] input of the layer
    at::Tensor projected;  ///< [T, q + 2k] rotated queries and keys, values
    at::Tensor attended;   ///< [T, q + R] what attention gave (and its x A^T)
    at::Tensor lse;        ///< [H, T] float32
    at::Tensor h;          ///< [M, C] after attention
    at::Tensor gates;      ///< [M, 2F] gate | up, or tiled
    at::Tensor lowQkv;     ///< [T, R] x A^T of the three; undefined under dropout
    at::Tensor lowUp, lowDown;  ///< [M, R] where gates are tiled
    at::Tensor picked;     ///< [M, q + R] rows of attended that go on, when rows were dropped
};

/// Buffers that all layers share.
struct Workspace {
    Buffer normed, hidden, gradHidden, gradNormed, gradLow, keys, gradKeys, gradQkv, gradAttended, gradX, gradFull, gradMixed, dropped, headRows, headNormed, headGrad, headLogits, losses;
};

}
