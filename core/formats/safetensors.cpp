// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/safetensors.h"

#include "base/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <set>

namespace attune::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read as they lie in the file");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the reference reader's limit
constexpr std::size_t kMaxDimensions = 32;

Error corrupt(const std::string& path, const std::string& what)
{
    return fail(ErrorCode::FileCorrupt, fmt::format("{}: {}", path, what), "The file is damaged or cut off; fetch it again.");
}

/// Product of the dimensions, or nothing on overflow or a negative one.
std::optional<std::uint64_t> elements(const std::vector<std::int64_t>& shape)
{
    std::uint64_t count = 1;
    for (const auto dimension : shape)
        if (dimension < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(dimension), &count))
            return std::nullopt;
    return count;
}

/// nlohmann keeps the last of two equal keys; the format forbids them, so they are looked for while parsing.
class DuplicateFinder : public nlohmann::json_sax<nlohmann::json>
{
public:
    bool hasDuplicate = false;
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override
    {
        m_keys.emplace_back();
        return true;
    }
    bool key(string_t& name) override
    {
        hasDuplicate |= !m_keys.back().insert(name).second;
        return !hasDuplicate;
    }
    bool end_object() override
    {
        m_keys.pop_back();
        return true;
    }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

private:
    std::vector<std::set<std::string>> m_keys;
};

std::optional<std::vector<std::int64_t>> readIntegers(const nlohmann::json& list)
{
    if (!list.is_array())
        return std::nullopt;
    std::vector<std::int64_t> values;
    for (const auto& item : list) {
        if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
            return std::nullopt;
        values.push_back(item.get<std::int64_t>());
    }
    return values;
}

struct Entry {
    TensorView view;
    std::uint64_t begin = 0, end = 0;
};

Result<Entry> readEntry(const std::string& path, const std::string& name, const nlohmann::json& json)
{
    const auto bad = [&](const std::string& what) { return corrupt(path, fmt::format("tensor \"{}\" {}", name, what)); };
    if (name.find('\0') != std::string::npos)
        return corrupt(path, "a tensor's name holds a NUL byte");
    if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets"))
        return bad("lacks dtype, shape or data_offsets");
    const auto type = json["dtype"].is_string() ? dtypeFromName(json["dtype"].get<std::string>()) : std::nullopt;
    if (!type)
        return bad(fmt::format("has the unknown type {}", json["dtype"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
    auto shape = readIntegers(json["shape"]);
    if (!shape || shape->size() > kMaxDimensions)
        return bad("has a shape that is no list of sizes");
    const auto offsets = readIntegers(json["data_offsets"]);
    if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1])
        return bad("has offsets that are no [begin, end]");
    const auto count = elements(*shape);
    std::uint64_t bits = 0;
    if (!count || __builtin_mul_overflow(*count, static_cast<std::uint64_t>(bitsOf(*type)), &bits) || bits % 8 != 0)
        return bad("has a shape whose size cannot be counted");
    Entry entry {{name, *type, std::move(*shape), {}}, static_cast<std::uint64_t>((*offsets)[0]), static_cast<std::uint64_t>((*offsets)[1])};
    if (entry.end - entry.begin != bits / 8)
        return bad(fmt::format("has {} bytes where its shape needs {}", entry.end - entry.begin, bits / 8));
    return entry;
}

}

std::int64_t TensorView::count() const
{
    return static_cast<std::int64_t>(elements(shape).value_or(0));
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string& path)
{
    SafetensorsFile file;
    ATTUNE_TRY(file.m_file, MappedFile::open(path));
    ATTUNE_RETURN_IF_ERROR(file.parse());
    return file;
}

Status SafetensorsFile::parse()
{
    const std::string& path = m_file.path();
    const auto bytes = m_file.bytes();
    std::uint64_t header = 0;
    if (bytes.size() < sizeof header)
        return corrupt(path, "too short for a safetensors file");
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header > kMaxHeader || header > bytes.size() - sizeof header)
        return corrupt(path, fmt::format("the header claims {} bytes, the file has {}", header, bytes.size()));
    const std::string_view text = m_file.text().substr(sizeof header, header);
    if (!text.starts_with('{'))
        return corrupt(path, "the header is no JSON object");
    auto json = parseJsonTree(text, 8);
    if (!json || !json->is_object())
        return corrupt(path, "the header is no JSON object");
    DuplicateFinder finder;
    nlohmann::json::sax_parse(text.begin(), text.end(), &finder);
    if (finder.hasDuplicate)
        return corrupt(path, "the header names a tensor twice");

    std::vector<Entry> entries;
    for (const auto& [name, value] : json->items()) {
        if (name == "__metadata__") {
            for (const auto& [key, item] : value.items()) {
                if (!value.is_object() || !item.is_string())
                    return corrupt(path, "__metadata__ holds something else than texts");
                m_metadata[key] = item.get<std::string>();
            }
            continue;
        }
        ATTUNE_TRY(auto entry, readEntry(path, name, value));
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
    const auto data = bytes.subspan(sizeof header + header);
    std::uint64_t position = 0;
    for (auto& entry : entries) {
        if (entry.begin != position)
            return corrupt(path, fmt::format("tensor \"{}\" begins at {}, expected {}: holes and overlaps are not allowed", entry.view.name, entry.begin, position));
        if (entry.end > data.size())
            return corrupt(path, fmt::format("tensor \"{}\" ends at {}, the file holds {} bytes of data", entry.view.name, entry.end, data.size()));
        entry.view.bytes = data.subspan(entry.begin, entry.end - entry.begin);
        position = entry.end;
        m_tensors.push_back(std::move(entry.view));
    }
    if (position != data.size())
        return corrupt(path, fmt::format("{} bytes of data belong to no tensor", data.size() - position));
    std::sort(m_tensors.begin(), m_tensors.end(), [](const TensorView& a, const TensorView& b) { return a.name < b.name; });
    return {};
}

const TensorView* SafetensorsFile::find(std::string_view name) const
{
    const auto it = std::lower_bound(m_tensors.begin(), m_tensors.end(), name, [](const TensorView& t, std::string_view n) { return t.name < n; });
    return it != m_tensors.end() && it->name == name ? &*it : nullptr;
}

void SafetensorsFile::release(const TensorView& tensor) const
{
    if (!tensor.bytes.empty())
        m_file.release(static_cast<std::size_t>(tensor.bytes.data() - m_file.bytes().data()), tensor.bytes.size());
}

}
