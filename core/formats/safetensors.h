// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "formats/dtype.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::formats {

/// One tensor of a file: row-major, little-endian; bytes lie in the mapped file and promise no alignment.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::uint8_t> bytes;

    std::int64_t count() const;  ///< number of elements; 1 for a scalar
};

/// A safetensors file, mapped. Every length, offset, type and overlap is checked by open(), so that
/// the views are safe whatever the file holds. Format: huggingface/safetensors README, formats.md §1.
/// Move-only; views live as long as the object. Any thread may read.
class SafetensorsFile
{
public:
    /// Errors: FileMissing, FileUnreadable, FileCorrupt naming file and tensor.
    static Result<SafetensorsFile> open(const std::string& path);

    const std::vector<TensorView>& tensors() const { return m_tensors; }  ///< by name
    const TensorView* find(std::string_view name) const;
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    const std::string& path() const { return m_file.path(); }
    /// Tells the kernel that a tensor's pages are not needed any more.
    void release(const TensorView& tensor) const;

private:
    Status parse();

    MappedFile m_file;
    std::vector<TensorView> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

/// A tensor to write. bytes() is called once, when its turn comes, so that only one tensor has to be
/// in memory; the span must stay valid until the next call.
struct TensorToWrite {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::function<Result<std::span<const std::uint8_t>>()> bytes;

    std::uint64_t byteCount() const;
};

/// From memory that outlives the write.
TensorToWrite toWrite(const TensorView& view);

/// Writes a file byte-equal to the reference writer: tensors by type descending, then name; compact
/// JSON; header padded with spaces to a multiple of 8. Errors: DiskFull, DiskWrite, and those of bytes().
Status writeSafetensors(const std::string& path, std::vector<TensorToWrite> tensors,
    const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

/// An HF folder's weights: model.safetensors, or the shards that model.safetensors.index.json lists.
class ShardedSafetensors
{
public:
    /// Errors: ModelMissing when the folder holds no weights, FileCorrupt when a shard lacks a tensor
    /// that the index puts there.
    static Result<ShardedSafetensors> open(const std::string& folder);

    const TensorView* find(std::string_view name) const;
    std::vector<const TensorView*> tensors() const;  ///< by name
    void release(const TensorView& tensor) const;

private:
    std::vector<SafetensorsFile> m_files;
    std::map<std::string, std::pair<std::size_t, const TensorView*>, std::less<>> m_tensors;
};

/// Writes model.safetensors into the folder, or shards of at most maxShardBytes with their index.
Status writeShardedSafetensors(const std::string& folder, std::vector<TensorToWrite> tensors, std::uint64_t maxShardBytes = 5'000'000'000);

}
