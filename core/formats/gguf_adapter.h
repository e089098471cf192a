// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/gguf_file.h"

#include <memory>
#include <string>
#include <vector>

namespace attune::formats {

/// A LoRA adapter in llama.cpp's format (formats.md §4.9): pairs of matrices under the names of the
/// base model's GGUF tensors. Row order is the file's; families::readAdapter puts it into HF's.
struct GgufAdapter {
    struct Pair {
        std::string base;              ///< "blk.0.attn_q.weight"
        const GgufTensor* a = nullptr; ///< [r, in]; for token_embd [vocab, r]
        const GgufTensor* b = nullptr; ///< [out, r]; for token_embd [hidden, r]
    };
    std::string architecture;
    double alpha = 0.0;                ///< as stored; the scale is alpha / r, and 1 when alpha is 0
    std::vector<Pair> pairs;
    std::shared_ptr<const GgufFile> file;

    /// Errors: FileCorrupt when a pair is incomplete or its ranks disagree; FormatUnknown when the
    /// file is no LoRA adapter.
    static Result<GgufAdapter> open(const std::string& path);
};

/// A pair to write, float32, row order of the file.
struct GgufAdapterPair {
    std::string base;
    std::int64_t rank = 0;
    std::vector<std::int64_t> shapeA, shapeB;
    std::vector<float> a, b;
};

/// Writes an adapter whose matrices are stored as `type` (kGgmlF32 or kGgmlF16). Errors: DiskFull, DiskWrite.
Status writeGgufAdapter(const std::string& path, const std::string& architecture, const std::string& name, double alpha,
    const std::vector<GgufAdapterPair>& pairs, int type);

}
