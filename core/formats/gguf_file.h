// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "formats/ggml_types.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::formats {

/// GGUF's value types, numbered as in files (ggml docs/gguf.md).
enum class GgufType : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

/// One metadata value: where it lies in the file. Array elements follow one another; strings carry a
/// 64-bit length each. The ranges are checked by GgufFile::open().
struct GgufValue {
    std::string_view key;
    GgufType type = GgufType::U8;     ///< of an element, for arrays
    bool isArray = false;
    std::uint64_t count = 1;
    std::span<const std::uint8_t> bytes;
};

struct GgufTensor {
    std::string name;
    int type = kGgmlF32;              ///< ggml type
    std::vector<std::int64_t> shape;  ///< row-major: the file's dimensions reversed
    std::uint64_t offset = 0;         ///< in the file
    std::span<const std::uint8_t> bytes;

    std::int64_t count() const;
    std::int64_t width() const { return shape.empty() ? 1 : shape.back(); }
};

/// A GGUF v2 or v3 file, mapped. open() walks the whole header and checks every count, length, type
/// and offset against the file size before anything is used (ggml's own reader asserts or allocates
/// on some of them), so that a hostile file gives FileCorrupt and nothing else.
/// Move-only; views live as long as the object. Any thread may read.
class GgufFile
{
public:
    /// Errors: FileMissing, FileUnreadable, FileCorrupt, Unsupported (version 1, big-endian).
    static Result<GgufFile> open(const std::string& path);
    static bool looksLikeGguf(const std::string& path);  ///< the first four bytes are "GGUF"

    const std::string& path() const { return m_file.path(); }
    std::uint64_t size() const { return m_file.size(); }
    const std::vector<GgufValue>& values() const { return m_values; }
    const std::vector<GgufTensor>& tensors() const { return m_tensors; }  ///< in file order
    const GgufTensor* findTensor(std::string_view name) const;

    // Typed access. Nothing when the key is absent or of another kind; numbers convert between widths.
    const GgufValue* find(std::string_view key) const;
    std::optional<std::string> text(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key) const;  ///< also of an array: its first element
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::vector<std::string_view> texts(std::string_view key) const;
    std::vector<std::int64_t> integers(std::string_view key) const;   ///< a scalar counts as one element
    std::vector<double> numbers(std::string_view key) const;
    std::uint64_t arrayLength(std::string_view key) const;            ///< 0 when it is no array

    std::string architecture() const { return text("general.architecture").value_or(""); }
    /// `{architecture}.{name}`.
    std::string archKey(std::string_view name) const;
    /// What most weight bytes are stored as: "Q4_1".
    std::string mainType() const;
    void release(const GgufTensor& tensor) const;

private:
    class Parser;
    MappedFile m_file;
    std::vector<GgufValue> m_values;
    std::vector<GgufTensor> m_tensors;
    std::map<std::string_view, std::size_t> m_keys;
    std::map<std::string, std::size_t, std::less<>> m_names;
};

/// Tensor to float32 values, row-major; out.size() is count().
Status dequantise(const GgufTensor& tensor, std::span<float> out);

}
