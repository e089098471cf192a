// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/gguf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace attune::formats {
namespace {

/// Bytes of a scalar by GgufType; 0 for strings and arrays.
constexpr std::size_t kScalarBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
constexpr std::uint32_t kTypes = 13;
constexpr std::uint32_t kMaxDimensions = 4;      // GGML_MAX_DIMS
constexpr std::size_t kMaxTensorName = 63;       // GGML_MAX_NAME less its NUL
constexpr std::uint64_t kMaxText = 1ull << 30;   // ggml's limit
constexpr std::uint64_t kMaxAlignment = 1 << 20;

template<typename T>
T load(const std::uint8_t* at)
{
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

bool isInteger(GgufType type)
{
    return type != GgufType::F32 && type != GgufType::F64 && type != GgufType::String && type != GgufType::Array;
}

std::int64_t integerAt(GgufType type, const std::uint8_t* at)
{
    switch (type) {
    case GgufType::U8: return *at;
    case GgufType::I8: return static_cast<std::int8_t>(*at);
    case GgufType::U16: return load<std::uint16_t>(at);
    case GgufType::I16: return load<std::int16_t>(at);
    case GgufType::U32: return load<std::uint32_t>(at);
    case GgufType::I32: return load<std::int32_t>(at);
    case GgufType::Bool: return *at != 0;
    case GgufType::U64:
    case GgufType::I64: return load<std::int64_t>(at);
    default: return 0;
    }
}

double numberAt(GgufType type, const std::uint8_t* at)
{
    if (type == GgufType::F32)
        return load<float>(at);
    if (type == GgufType::F64)
        return load<double>(at);
    return static_cast<double>(integerAt(type, at));
}

}

/// Walks the header; every read is checked against what is left.
class GgufFile::Parser
{
public:
    explicit Parser(GgufFile& file) : m_out(file), m_bytes(file.m_file.bytes()) {}

    Status parse()
    {
        ATTUNE_RETURN_IF_ERROR(readPreamble());
        for (std::uint64_t i = 0; i < m_valueCount; ++i)
            ATTUNE_RETURN_IF_ERROR(readValue());
        ATTUNE_RETURN_IF_ERROR(readAlignment());
        for (std::uint64_t i = 0; i < m_tensorCount; ++i)
            ATTUNE_RETURN_IF_ERROR(readTensor());
        return placeTensors();
    }

private:
    Error corrupt(const std::string& what) const
    {
        return fail(ErrorCode::FileCorrupt, fmt::format("{}: {}.", m_out.path(), what), "The file is damaged or cut off; fetch it again.");
    }
    std::size_t left() const { return m_bytes.size() - m_position; }

    template<typename T>
    Result<T> read()
    {
        if (left() < sizeof(T))
            return corrupt(fmt::format("the file ends inside its header, at byte {}", m_position));
        const T value = load<T>(m_bytes.data() + m_position);
        m_position += sizeof(T);
        return value;
    }

    Result<std::string_view> readText()
    {
        ATTUNE_TRY(const auto length, read<std::uint64_t>());
        if (length > left() || length > kMaxText)
            return corrupt(fmt::format("a text at byte {} claims {} bytes, {} are left", m_position - 8, length, left()));
        const std::string_view text(reinterpret_cast<const char*>(m_bytes.data()) + m_position, length);
        m_position += length;
        return text;
    }

    Status readPreamble()
    {
        if (m_bytes.size() < 4 || std::memcmp(m_bytes.data(), "GGUF", 4) != 0)
            return corrupt("it does not begin with \"GGUF\"");
        m_position = 4;
        ATTUNE_TRY(const auto version, read<std::uint32_t>());
        if (version != 2 && version != 3) {
            const bool isBigEndian = (version & 0xFFFFu) == 0;
            return fail(isBigEndian || version == 1 ? ErrorCode::Unsupported : ErrorCode::FileCorrupt,
                isBigEndian ? fmt::format("{} is a big-endian GGUF file.", m_out.path()) : fmt::format("{} claims GGUF version {}.", m_out.path(), version),
                "Versions 2 and 3, little-endian, can be read; convert the model again.");
        }
        ATTUNE_TRY(m_tensorCount, read<std::uint64_t>());
        ATTUNE_TRY(m_valueCount, read<std::uint64_t>());
        // The smallest entries: key length + one character + type + one byte; name length + dimensions + type + offset.
        if (m_valueCount > left() / 14 || m_tensorCount > left() / 24)
            return corrupt(fmt::format("it claims {} values and {} tensors in {} bytes", m_valueCount, m_tensorCount, m_bytes.size()));
        return {};
    }

    Status readValue()
    {
        GgufValue value;
        ATTUNE_TRY(value.key, readText());
        if (value.key.empty() || value.key.size() > 65535 || value.key.find('\0') != std::string_view::npos)
            return corrupt(fmt::format("value {} has an impossible name", m_out.m_values.size()));
        ATTUNE_TRY(auto type, read<std::uint32_t>());
        if (type == static_cast<std::uint32_t>(GgufType::Array)) {
            value.isArray = true;
            ATTUNE_TRY(type, read<std::uint32_t>());
            ATTUNE_TRY(value.count, read<std::uint64_t>());
        }
        if (type >= kTypes || type == static_cast<std::uint32_t>(GgufType::Array))
            return corrupt(fmt::format("\"{}\" has the unknown type {}", value.key, type));
        value.type = static_cast<GgufType>(type);
        const std::size_t begin = m_position;
        if (value.type == GgufType::String) {
            if (value.count > left() / 8)
                return corrupt(fmt::format("\"{}\" claims {} texts, {} bytes are left", value.key, value.count, left()));
            for (std::uint64_t i = 0; i < value.count; ++i)
                ATTUNE_RETURN_IF_ERROR(skipText());
        } else {
            const std::size_t size = kScalarBytes[type];
            if (value.count > left() / size)
                return corrupt(fmt::format("\"{}\" claims {} values, {} bytes are left", value.key, value.count, left()));
            m_position += value.count * size;
        }
        value.bytes = m_bytes.subspan(begin, m_position - begin);
        if (!m_out.m_keys.emplace(value.key, m_out.m_values.size()).second)
            return corrupt(fmt::format("\"{}\" occurs twice", value.key));
        m_out.m_values.push_back(value);
        return {};
    }

    Status skipText()
    {
        if (auto text = readText(); !text)
            return text.error();
        return {};
    }

    Status readAlignment()
    {
        const auto* value = m_out.find("general.alignment");
        if (!value)
            return {};
        m_alignment = value->isArray || value->type != GgufType::U32 ? 0 : load<std::uint32_t>(value->bytes.data());
        if (m_alignment == 0 || (m_alignment & (m_alignment - 1)) != 0 || m_alignment > kMaxAlignment)
            return corrupt("general.alignment is no power of two");
        return {};
    }

    Status readTensor()
    {
        GgufTensor tensor;
        ATTUNE_TRY(const auto name, readText());
        if (name.empty() || name.size() > kMaxTensorName || name.find('\0') != std::string_view::npos)
            return corrupt(fmt::format("tensor {} has a name of {} bytes; 1 to {} without NUL are allowed", m_out.m_tensors.size(), name.size(), kMaxTensorName));
        tensor.name = name;
        const auto bad = [&](const std::string& what) { return corrupt(fmt::format("tensor \"{}\" {}", tensor.name, what)); };
        ATTUNE_TRY(const auto dimensions, read<std::uint32_t>());
        if (dimensions > kMaxDimensions)
            return bad(fmt::format("has {} dimensions, at most 4 are allowed", dimensions));
        std::uint64_t count = 1;
        for (std::uint32_t i = 0; i < dimensions; ++i) {
            ATTUNE_TRY(const auto size, read<std::uint64_t>());
            if (size > (1ull << 48) || __builtin_mul_overflow(count, size, &count) || count > (1ull << 60))
                return bad("has a shape whose size cannot be counted");
            tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(size));
        }
        ATTUNE_TRY(const auto type, read<std::uint32_t>());
        ATTUNE_TRY(tensor.offset, read<std::uint64_t>());
        tensor.type = static_cast<int>(type);
        if (type > 1000 || !isGgmlType(tensor.type))
            return bad(fmt::format("has the unknown type {}", type));
        if (tensor.width() % ggmlBlockSize(tensor.type) != 0)
            return bad(fmt::format("has rows of {} values, no multiple of the block of {}", tensor.width(), ggmlTypeName(tensor.type)));
        if (!m_out.m_names.emplace(tensor.name, m_out.m_tensors.size()).second)
            return bad("occurs twice");
        m_out.m_tensors.push_back(std::move(tensor));
        return {};
    }

    /// Offsets are relative to the data and must follow one another, each padded to the alignment.
    Status placeTensors()
    {
        if (m_out.m_tensors.empty())
            return {};
        const std::uint64_t data = pad(m_position);
        std::uint64_t position = 0;
        for (auto& tensor : m_out.m_tensors) {
            const auto blocks = static_cast<std::uint64_t>(tensor.count() / ggmlBlockSize(tensor.type));
            std::uint64_t size = 0;
            if (__builtin_mul_overflow(blocks, static_cast<std::uint64_t>(ggmlBlockBytes(tensor.type)), &size))
                return corrupt(fmt::format("tensor \"{}\" has a shape whose size cannot be counted", tensor.name));
            if (tensor.offset != position)
                return corrupt(fmt::format("tensor \"{}\" begins at {}, expected {}", tensor.name, tensor.offset, position));
            if (data > m_bytes.size() || tensor.offset > m_bytes.size() - data || size > m_bytes.size() - data - tensor.offset)
                return corrupt(fmt::format("tensor \"{}\" needs {} bytes at {}, the file has {}", tensor.name, size, data + tensor.offset, m_bytes.size()));
            tensor.bytes = m_bytes.subspan(data + tensor.offset, size);
            tensor.offset += data;
            position = pad(position + size);
        }
        return {};
    }

    std::uint64_t pad(std::uint64_t value) const { return (value + m_alignment - 1) / m_alignment * m_alignment; }

    GgufFile& m_out;
    std::span<const std::uint8_t> m_bytes;
    std::size_t m_position = 0;
    std::uint64_t m_tensorCount = 0, m_valueCount = 0, m_alignment = 32;
};

std::int64_t GgufTensor::count() const
{
    std::int64_t count = 1;
    for (const auto dimension : shape)
        count *= dimension;
    return count;
}

Result<GgufFile> GgufFile::open(const std::string& path)
{
    GgufFile file;
    ATTUNE_TRY(file.m_file, MappedFile::open(path));
    ATTUNE_RETURN_IF_ERROR(Parser(file).parse());
    return file;
}

bool GgufFile::looksLikeGguf(const std::string& path)
{
    char magic[4] = {};
    std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
    return std::memcmp(magic, "GGUF", 4) == 0;
}

const GgufTensor* GgufFile::findTensor(std::string_view name) const
{
    const auto it = m_names.find(name);
    return it == m_names.end() ? nullptr : &m_tensors[it->second];
}

const GgufValue* GgufFile::find(std::string_view key) const
{
    const auto it = m_keys.find(key);
    return it == m_keys.end() ? nullptr : &m_values[it->second];
}

std::optional<std::string> GgufFile::text(std::string_view key) const
{
    const auto* value = find(key);
    if (!value || value->isArray || value->type != GgufType::String)
        return std::nullopt;
    return std::string(reinterpret_cast<const char*>(value->bytes.data()) + 8, value->bytes.size() - 8);
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const
{
    const auto* value = find(key);
    if (!value || !isInteger(value->type) || value->count == 0)
        return std::nullopt;
    return integerAt(value->type, value->bytes.data());
}

std::optional<double> GgufFile::number(std::string_view key) const
{
    const auto* value = find(key);
    if (!value || value->type == GgufType::String || value->count == 0)
        return std::nullopt;
    return numberAt(value->type, value->bytes.data());
}

std::optional<bool> GgufFile::boolean(std::string_view key) const
{
    const auto value = integer(key);
    return value ? std::optional(*value != 0) : std::nullopt;
}

std::vector<std::string_view> GgufFile::texts(std::string_view key) const
{
    const auto* value = find(key);
    std::vector<std::string_view> list;
    if (!value || value->type != GgufType::String)
        return list;
    list.reserve(value->count);
    const auto* at = value->bytes.data();
    for (std::uint64_t i = 0; i < value->count; ++i) {
        const auto length = load<std::uint64_t>(at);
        list.emplace_back(reinterpret_cast<const char*>(at) + 8, length);
        at += 8 + length;
    }
    return list;
}

std::vector<std::int64_t> GgufFile::integers(std::string_view key) const
{
    const auto* value = find(key);
    std::vector<std::int64_t> list;
    if (!value || !isInteger(value->type))
        return list;
    const std::size_t size = kScalarBytes[static_cast<std::size_t>(value->type)];
    for (std::uint64_t i = 0; i < value->count; ++i)
        list.push_back(integerAt(value->type, value->bytes.data() + i * size));
    return list;
}

std::vector<double> GgufFile::numbers(std::string_view key) const
{
    const auto* value = find(key);
    std::vector<double> list;
    if (!value || value->type == GgufType::String)
        return list;
    const std::size_t size = kScalarBytes[static_cast<std::size_t>(value->type)];
    for (std::uint64_t i = 0; i < value->count; ++i)
        list.push_back(numberAt(value->type, value->bytes.data() + i * size));
    return list;
}

std::uint64_t GgufFile::arrayLength(std::string_view key) const
{
    const auto* value = find(key);
    return value && value->isArray ? value->count : 0;
}

std::string GgufFile::archKey(std::string_view name) const
{
    return fmt::format("{}.{}", architecture(), name);
}

std::string GgufFile::mainType() const
{
    std::map<int, std::uint64_t> bytes;
    for (const auto& tensor : m_tensors)
        if (tensor.shape.size() > 1)
            bytes[tensor.type] += tensor.bytes.size();
    const auto most = std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == bytes.end() ? std::string() : ggmlTypeName(most->first);
}

void GgufFile::release(const GgufTensor& tensor) const
{
    m_file.release(tensor.offset, tensor.bytes.size());
}

Status dequantise(const GgufTensor& tensor, std::span<float> out)
{
    return dequantise(tensor.type, tensor.bytes, out);
}

}
