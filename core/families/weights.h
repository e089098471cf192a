// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "formats/safetensors.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace attune::families {

/// A model's weights by slot, whatever the file format: names, orientation and row order are those of
/// Hugging Face (llama.cpp's interleaved Q and K rows are put back, "1 + w" norms become w). The files
/// stay mapped as long as the object lives. Any thread may read.
class Weights
{
public:
    /// Errors: ModelMissing, ModelCorrupt, ModelUnsupported when source.isTrainable is false.
    static Result<Weights> open(const ModelSource& source);
    Weights(Weights&&) noexcept;
    Weights& operator=(Weights&&) noexcept;
    ~Weights();

    bool has(const TensorSlot& slot) const;

    /// How a weight lies in the file.
    struct Stored {
        int ggmlType = -1;               ///< formats::GgmlType or another ggml number; -1 for types that ggml has not
        std::string typeName;            ///< "Q4_1", "BF16", "F8_E4M3"
        std::vector<std::int64_t> shape; ///< row-major, equal to the slot's
        std::uint64_t bytes = 0;
    };
    Result<Stored> stored(const TensorSlot& slot) const;

    /// All values as float32, row-major; out.size() is the product of the shape. Errors: ModelCorrupt, Unsupported.
    Status read(const TensorSlot& slot, std::span<float> out) const;
    /// Rows first … first + out.size() / width.
    Status readRows(const TensorSlot& slot, std::int64_t firstRow, std::span<float> out) const;
    /// The stored bytes with rows in Hugging Face order (rows of blocks move as a whole); for quantised bases.
    Status readRaw(const TensorSlot& slot, std::span<std::uint8_t> out) const;
    /// The stored bytes in place, without a copy, where their order needs no change.
    std::optional<std::span<const std::uint8_t>> rawView(const TensorSlot& slot) const;
    /// Tells the kernel that the weight's pages of the file are not needed any more.
    void release(const TensorSlot& slot) const;

private:
    Weights();
    struct Private;
    std::unique_ptr<Private> d;
};

/// Row r of the Hugging Face order lies at the returned row of a llama.cpp file: heads of d rows,
/// h·d + c·d/2 + j ← h·d + 2j + c (formats.md §4.6).
std::int64_t interleavedRow(std::int64_t row, std::int64_t headDim);
/// The same for fused Q, K and V: rows of (queries, key, value) per head of keys lie there as all queries,
/// then all keys, then all values.
std::int64_t ungroupedRow(std::int64_t row, const ModelSpec& spec);
/// Whichever of the two a weight asks for, or the row itself.
bool movesRows(const TensorSlot& slot);
std::int64_t ggufRow(const TensorSlot& slot, const ModelSpec& spec, std::int64_t row);

/// The weight of a folder under the name that the family gives it, or one that older and nested checkpoints use:
/// without the name of the model inside ("transformer."), or with "language_model." before it.
const formats::TensorView* findInFolder(const formats::ShardedSafetensors& folder, const TensorSlot& slot);

}
