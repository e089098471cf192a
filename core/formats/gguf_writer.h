// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/gguf_file.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::formats {

/// Writes a GGUF v3 file: values first, then tensors one after another, so that only one tensor has
/// to be in memory. Setting a key again replaces its value in place. One thread.
class GgufWriter
{
public:
    void setText(const std::string& key, std::string_view value);
    void setU32(const std::string& key, std::uint32_t value);
    void setF32(const std::string& key, float value);
    void setBool(const std::string& key, bool value);
    void setTexts(const std::string& key, std::span<const std::string> values);
    void setI32s(const std::string& key, std::span<const std::int32_t> values);
    void setF32s(const std::string& key, std::span<const float> values);
    /// A value of another file, byte for byte.
    void copy(const GgufValue& value);
    void remove(const std::string& key);
    bool has(const std::string& key) const { return find(key) != nullptr; }

    /// shape is row-major. write() is called once, in order, and hands over the tensor's bytes (piece by piece
    /// if it likes); together they must be as many as type and shape say.
    using Sink = std::function<Status(std::span<const std::uint8_t>)>;
    void addTensor(const std::string& name, int type, std::vector<std::int64_t> shape, std::function<Status(const Sink&)> write);
    /// From memory that outlives the write.
    void addTensor(const std::string& name, int type, std::vector<std::int64_t> shape, std::span<const std::uint8_t> bytes);

    /// Bytes of all tensors with padding, for checks of free disk.
    std::uint64_t dataBytes() const;
    /// Errors: DiskFull, DiskWrite, and those of the tensors' write().
    Status write(const std::string& path) const;

private:
    struct Entry {
        std::string key;
        std::string bytes;  ///< type and value as they lie in the file
    };
    struct Tensor {
        std::string name;
        int type;
        std::vector<std::int64_t> shape;
        std::function<Status(const Sink&)> write;
        std::uint64_t byteCount() const;
    };
    const Entry* find(const std::string& key) const;
    void set(const std::string& key, std::string bytes);
    std::uint64_t alignment() const;

    std::vector<Entry> m_entries;
    std::vector<Tensor> m_tensors;
};

}
