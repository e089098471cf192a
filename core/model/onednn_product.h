// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace attune::model {

/// Whether float32 products run through oneDNN, as LibTorch carries it, and not through the BLAS behind at::mm: on processors
/// with AVX-512 that are not Intel's. MKL gives those its AVX2 kernels (on Zen 5: 110 GFLOP/s a core, against oneDNN's 240).
bool prefersOneDnn();

/// Whether oneDnnProduct() takes these: float32 matrices in a CPU's memory, dense along either dimension, out by rows.
bool servesOneDnnProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b);

/// out [M, N] = scale · a [M, K] b [K, N], plus out where it adds.
void oneDnnProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b, double scale, bool adds);

}
