// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/gguf_writer.h"

#include "base/file_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace attune::formats {
namespace {

template<typename T>
void append(std::string& out, T value)
{
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void appendText(std::string& out, std::string_view text)
{
    append<std::uint64_t>(out, text.size());
    out += text;
}

template<typename T>
std::string scalar(GgufType type, T value)
{
    std::string bytes;
    append(bytes, static_cast<std::uint32_t>(type));
    append(bytes, value);
    return bytes;
}

std::string arrayHead(GgufType type, std::uint64_t count)
{
    std::string bytes;
    append(bytes, static_cast<std::uint32_t>(GgufType::Array));
    append(bytes, static_cast<std::uint32_t>(type));
    append(bytes, count);
    return bytes;
}

template<typename T>
std::string array(GgufType type, std::span<const T> values)
{
    std::string bytes = arrayHead(type, values.size());
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return bytes;
}

std::uint64_t pad(std::uint64_t value, std::uint64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

}

void GgufWriter::setText(const std::string& key, std::string_view value)
{
    std::string bytes;
    append(bytes, static_cast<std::uint32_t>(GgufType::String));
    appendText(bytes, value);
    set(key, std::move(bytes));
}

void GgufWriter::setU32(const std::string& key, std::uint32_t value) { set(key, scalar(GgufType::U32, value)); }
void GgufWriter::setF32(const std::string& key, float value) { set(key, scalar(GgufType::F32, value)); }
void GgufWriter::setBool(const std::string& key, bool value) { set(key, scalar<std::uint8_t>(GgufType::Bool, value)); }
void GgufWriter::setI32s(const std::string& key, std::span<const std::int32_t> values) { set(key, array(GgufType::I32, values)); }
void GgufWriter::setF32s(const std::string& key, std::span<const float> values) { set(key, array(GgufType::F32, values)); }

void GgufWriter::setTexts(const std::string& key, std::span<const std::string> values)
{
    std::string bytes = arrayHead(GgufType::String, values.size());
    for (const auto& value : values)
        appendText(bytes, value);
    set(key, std::move(bytes));
}

void GgufWriter::copy(const GgufValue& value)
{
    std::string bytes;
    if (value.isArray)
        bytes = arrayHead(value.type, value.count);
    else
        append(bytes, static_cast<std::uint32_t>(value.type));
    bytes.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
    set(std::string(value.key), std::move(bytes));
}

void GgufWriter::remove(const std::string& key)
{
    std::erase_if(m_entries, [&](const Entry& e) { return e.key == key; });
}

const GgufWriter::Entry* GgufWriter::find(const std::string& key) const
{
    const auto it = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& e) { return e.key == key; });
    return it == m_entries.end() ? nullptr : &*it;
}

void GgufWriter::set(const std::string& key, std::string bytes)
{
    ATTUNE_CHECK(!key.empty() && key.size() <= 65535, "a key must have 1 to 65535 bytes");
    if (const auto* entry = find(key))
        const_cast<Entry*>(entry)->bytes = std::move(bytes);
    else
        m_entries.push_back({key, std::move(bytes)});
}

void GgufWriter::addTensor(const std::string& name, int type, std::vector<std::int64_t> shape, std::function<Status(const Sink&)> write)
{
    ATTUNE_CHECK(!name.empty() && name.size() <= 63 && shape.size() <= 4 && isGgmlType(type), "a tensor that GGUF cannot hold: " + name);
    ATTUNE_CHECK((shape.empty() ? 1 : shape.back()) % ggmlBlockSize(type) == 0, "rows must be whole blocks: " + name);
    m_tensors.push_back({name, type, std::move(shape), std::move(write)});
}

void GgufWriter::addTensor(const std::string& name, int type, std::vector<std::int64_t> shape, std::span<const std::uint8_t> bytes)
{
    addTensor(name, type, std::move(shape), [bytes](const Sink& sink) { return sink(bytes); });
}

std::uint64_t GgufWriter::Tensor::byteCount() const
{
    std::int64_t count = 1;
    for (const auto dimension : shape)
        count *= dimension;
    return static_cast<std::uint64_t>(count / ggmlBlockSize(type)) * ggmlBlockBytes(type);
}

std::uint64_t GgufWriter::alignment() const
{
    std::uint32_t value = 32;
    if (const auto* entry = find("general.alignment"))
        std::memcpy(&value, entry->bytes.data() + 4, sizeof value);
    return value;
}

std::uint64_t GgufWriter::dataBytes() const
{
    std::uint64_t total = 0;
    for (const auto& tensor : m_tensors)
        total += pad(tensor.byteCount(), alignment());
    return total;
}

Status GgufWriter::write(const std::string& path) const
{
    std::string header = "GGUF";
    append<std::uint32_t>(header, 3);
    append<std::uint64_t>(header, m_tensors.size());
    append<std::uint64_t>(header, m_entries.size());
    for (const auto& entry : m_entries) {
        appendText(header, entry.key);
        header += entry.bytes;
    }
    std::uint64_t position = 0;
    for (const auto& tensor : m_tensors) {
        appendText(header, tensor.name);
        append<std::uint32_t>(header, static_cast<std::uint32_t>(tensor.shape.size()));
        for (auto it = tensor.shape.rbegin(); it != tensor.shape.rend(); ++it)
            append<std::uint64_t>(header, static_cast<std::uint64_t>(*it));
        append<std::uint32_t>(header, static_cast<std::uint32_t>(tensor.type));
        append<std::uint64_t>(header, position);
        position += pad(tensor.byteCount(), alignment());
    }
    ATTUNE_TRY(auto file, FileWriter::create(path));
    ATTUNE_RETURN_IF_ERROR(file.write(header));
    for (const auto& tensor : m_tensors) {
        ATTUNE_RETURN_IF_ERROR(file.writeZeros(pad(file.size(), alignment()) - file.size()));
        const std::uint64_t begin = file.size();
        ATTUNE_RETURN_IF_ERROR(tensor.write([&](std::span<const std::uint8_t> bytes) { return file.write(bytes); }));
        ATTUNE_CHECK(file.size() - begin == tensor.byteCount(), fmt::format("tensor {} gave {} bytes, promised {}", tensor.name, file.size() - begin, tensor.byteCount()));
    }
    ATTUNE_RETURN_IF_ERROR(file.writeZeros(pad(file.size(), alignment()) - file.size()));
    return file.commit();
}

}
