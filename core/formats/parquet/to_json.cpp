// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/parquet/to_json.h"

#include <arrow/api.h>
#include <arrow/util/base64.h>
#include <arrow/util/utf8.h>

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace attune::formats {
namespace {

template<typename Number>
void appendNumber(std::string& out, Number value)
{
    if (!std::isfinite(static_cast<double>(value))) {
        out += "null";
        return;
    }
    const std::size_t at = out.size();
    fmt::format_to(std::back_inserter(out), "{}", value);
    // A whole float stays a float: 1.0, not 1.
    if (out.find_first_of(".eE", at) == std::string::npos)
        out += ".0";
}

/// Valid UTF-8 up to `at`, then one replacement for each byte that is none.
void appendRepaired(std::string& out, std::string_view text)
{
    std::string repaired;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = 1;
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t wanted = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        const bool isValid = at + wanted <= text.size() && arrow::util::ValidateUTF8(reinterpret_cast<const std::uint8_t*>(text.data() + at), static_cast<std::int64_t>(wanted));
        size = isValid ? wanted : 1;
        repaired += isValid ? text.substr(at, size) : std::string_view("\xEF\xBF\xBD");
        at += size;
    }
    appendQuoted(out, repaired);
}

bool isUtf8(std::string_view text)
{
    arrow::util::InitializeUTF8();
    return arrow::util::ValidateUTF8(reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<std::int64_t>(text.size()));
}

void appendText(std::string& out, std::string_view text, const ValueStyle& style)
{
    if (style.isJsonText)
        out += text;
    else
        appendQuoted(out, text);
}

void appendBytes(std::string& out, std::string_view bytes)
{
    appendQuoted(out, isUtf8(bytes) ? std::string(bytes) : arrow::util::base64_encode(bytes));
}

void appendList(std::string& out, const arrow::Array& values, std::int64_t begin, std::int64_t end, const ValueStyle& style)
{
    out += '[';
    for (std::int64_t i = begin; i < end; ++i) {
        if (i > begin)
            out += ',';
        appendValue(out, values, i, style);
    }
    out += ']';
}

void appendObject(std::string& out, const arrow::StructArray& array, std::int64_t row, const ValueStyle& style)
{
    out += '{';
    bool isFirst = true;
    for (int f = 0; f < array.num_fields(); ++f) {
        const auto field = array.field(f);
        if (style.omitsNulls && field->IsNull(row))
            continue;
        if (!isFirst)
            out += ',';
        isFirst = false;
        appendQuoted(out, array.struct_type()->field(f)->name());
        out += ':';
        appendValue(out, *field, row, style);
    }
    out += '}';
}

/// A map with texts for keys is an object; any other a list of pairs.
void appendMap(std::string& out, const arrow::MapArray& array, std::int64_t row, const ValueStyle& style)
{
    const std::int64_t begin = array.value_offset(row), end = begin + array.value_length(row);
    const auto& keys = *array.keys();
    const bool isObject = keys.type_id() == arrow::Type::STRING;
    out += isObject ? '{' : '[';
    for (std::int64_t i = begin; i < end; ++i) {
        if (i > begin)
            out += ',';
        if (!isObject)
            out += '[';
        appendValue(out, keys, i, {});
        out += isObject ? ':' : ',';
        appendValue(out, *array.items(), i, style);
        if (!isObject)
            out += ']';
    }
    out += isObject ? '}' : ']';
}

template<typename Array>
const Array& as(const arrow::Array& array)
{
    return static_cast<const Array&>(array);
}

/// What Arrow itself has words for: dates, times, decimals of a quoted or plain kind.
void appendScalar(std::string& out, const arrow::Array& array, std::int64_t row, bool isQuoted)
{
    const auto scalar = array.GetScalar(row);
    if (!scalar.ok())
        throw std::runtime_error(scalar.status().message());
    const std::string text = (*scalar)->ToString();
    if (isQuoted)
        appendQuoted(out, text);
    else
        out += text;
}

}

void appendQuoted(std::string& out, std::string_view text)
{
    if (!isUtf8(text))
        return appendRepaired(out, text);
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\')
            continue;
        out += text.substr(from, i - from);
        from = i + 1;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    out += text.substr(from);
    out += '"';
}

void appendValue(std::string& out, const arrow::Array& array, std::int64_t row, const ValueStyle& style)
{
    using arrow::Type;
    if (array.type_id() == Type::EXTENSION)
        return appendValue(out, *as<arrow::ExtensionArray>(array).storage(), row, style);
    if (array.type_id() == Type::NA || array.IsNull(row)) {
        out += "null";
        return;
    }
    const auto whole = [&](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
    switch (array.type_id()) {
    case Type::BOOL: out += as<arrow::BooleanArray>(array).Value(row) ? "true" : "false"; return;
    case Type::INT8: return whole(static_cast<int>(as<arrow::Int8Array>(array).Value(row)));
    case Type::INT16: return whole(as<arrow::Int16Array>(array).Value(row));
    case Type::INT32: return whole(as<arrow::Int32Array>(array).Value(row));
    case Type::INT64: return whole(as<arrow::Int64Array>(array).Value(row));
    case Type::UINT8: return whole(static_cast<unsigned>(as<arrow::UInt8Array>(array).Value(row)));
    case Type::UINT16: return whole(as<arrow::UInt16Array>(array).Value(row));
    case Type::UINT32: return whole(as<arrow::UInt32Array>(array).Value(row));
    case Type::UINT64: return whole(as<arrow::UInt64Array>(array).Value(row));
    case Type::FLOAT: return appendNumber(out, as<arrow::FloatArray>(array).Value(row));
    case Type::DOUBLE: return appendNumber(out, as<arrow::DoubleArray>(array).Value(row));
    case Type::STRING: return appendText(out, as<arrow::StringArray>(array).GetView(row), style);
    case Type::LARGE_STRING: return appendText(out, as<arrow::LargeStringArray>(array).GetView(row), style);
    case Type::STRING_VIEW: return appendText(out, as<arrow::StringViewArray>(array).GetView(row), style);
    case Type::BINARY: return appendBytes(out, as<arrow::BinaryArray>(array).GetView(row));
    case Type::LARGE_BINARY: return appendBytes(out, as<arrow::LargeBinaryArray>(array).GetView(row));
    case Type::BINARY_VIEW: return appendBytes(out, as<arrow::BinaryViewArray>(array).GetView(row));
    case Type::FIXED_SIZE_BINARY: return appendBytes(out, as<arrow::FixedSizeBinaryArray>(array).GetView(row));
    case Type::DICTIONARY: {
        const auto& dictionary = as<arrow::DictionaryArray>(array);
        return appendValue(out, *dictionary.dictionary(), dictionary.GetValueIndex(row), style);
    }
    case Type::LIST: {
        const auto& list = as<arrow::ListArray>(array);
        return appendList(out, *list.values(), list.value_offset(row), list.value_offset(row) + list.value_length(row), style);
    }
    case Type::LARGE_LIST: {
        const auto& list = as<arrow::LargeListArray>(array);
        return appendList(out, *list.values(), list.value_offset(row), list.value_offset(row) + list.value_length(row), style);
    }
    case Type::FIXED_SIZE_LIST: {
        const auto& list = as<arrow::FixedSizeListArray>(array);
        return appendList(out, *list.values(), list.value_offset(row), list.value_offset(row) + list.value_length(row), style);
    }
    case Type::STRUCT: return appendObject(out, as<arrow::StructArray>(array), row, style);
    case Type::MAP: return appendMap(out, as<arrow::MapArray>(array), row, style);
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256: return appendScalar(out, array, row, false);
    default: return appendScalar(out, array, row, true);
    }
}

}
