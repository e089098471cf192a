// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/json_rows.h"

#include <simdjson.h>

namespace attune::importer {
namespace {

// Above this a row goes to a parser that needs less memory per byte (simdjson takes about 14).
constexpr std::size_t kLongRow = std::size_t(4) << 20;

Cell::Kind kindOf(simdjson::dom::element_type type)
{
    switch (type) {
    case simdjson::dom::element_type::ARRAY: return Cell::Kind::List;
    case simdjson::dom::element_type::OBJECT: return Cell::Kind::Object;
    case simdjson::dom::element_type::STRING: return Cell::Kind::Text;
    case simdjson::dom::element_type::BOOL: return Cell::Kind::Boolean;
    case simdjson::dom::element_type::NULL_VALUE: return Cell::Kind::Null;
    default: return Cell::Kind::Number;
    }
}

std::string reasonOf(simdjson::error_code error)
{
    switch (error) {
    case simdjson::UTF8_ERROR: return "The bytes are not UTF-8.";
    case simdjson::DEPTH_ERROR: return fmt::format("Not valid JSON: nested deeper than {} levels.", kMostLevels);
    case simdjson::UNCLOSED_STRING: return "Not valid JSON: a string is not closed.";
    case simdjson::UNESCAPED_CHARS: return "Not valid JSON: a control character in a string.";
    case simdjson::STRING_ERROR: return "Not valid JSON: a wrong escape in a string.";
    case simdjson::NUMBER_ERROR: return "Not valid JSON: a wrong number.";
    case simdjson::EMPTY: return "The line is empty.";
    default: return "Not valid JSON.";
    }
}

/// Learns the columns of rows that go through the slow parser: only the outermost level counts.
struct TopLevel : nlohmann::json_sax<Json> {
    std::function<void(std::string_view, Cell::Kind)> onField;
    std::string current;
    int depth = 0;
    bool isObject = false, isTooDeep = false;

    bool value(Cell::Kind kind)
    {
        if (depth == 1 && isObject)
            onField(current, kind);
        return true;
    }
    bool open(Cell::Kind kind)
    {
        if (depth == 0)
            isObject = kind == Cell::Kind::Object;
        value(kind);
        isTooDeep = ++depth > kMostLevels;
        return !isTooDeep;
    }
    bool null() override { return value(Cell::Kind::Null); }
    bool boolean(bool) override { return value(Cell::Kind::Boolean); }
    bool number_integer(number_integer_t) override { return value(Cell::Kind::Number); }
    bool number_unsigned(number_unsigned_t) override { return value(Cell::Kind::Number); }
    bool number_float(number_float_t, const string_t&) override { return value(Cell::Kind::Number); }
    bool string(string_t&) override { return value(Cell::Kind::Text); }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return open(Cell::Kind::Object); }
    bool start_array(std::size_t) override { return open(Cell::Kind::List); }
    bool end_object() override { return --depth >= 0; }
    bool end_array() override { return --depth >= 0; }
    bool key(string_t& name) override
    {
        if (depth == 1)
            current = name;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

}

struct JsonRowChecker::Private {
    simdjson::dom::parser parser;
    std::string padded, reason;
    std::vector<ColumnFacts> columns;
    std::size_t hint = 0;

    void see(std::string_view name, Cell::Kind kind)
    {
        if (hint >= columns.size() || columns[hint].name != name) {
            hint = 0;
            while (hint < columns.size() && columns[hint].name != name)
                ++hint;
        }
        if (hint == columns.size()) {
            if (columns.size() == kMostColumns)
                return;
            columns.push_back({std::string(name)});
        }
        columns[hint].kinds |= 1u << static_cast<unsigned>(kind);
        ++hint;
    }

    Verdict broken(std::string why, Verdict verdict = Verdict::Broken)
    {
        reason = std::move(why);
        return verdict;
    }

    Verdict checkSlowly(std::string_view bytes)
    {
        if (!simdjson::validate_utf8(bytes.data(), bytes.size()))
            return broken("The bytes are not UTF-8.", Verdict::NotUtf8);
        std::vector<std::pair<std::string, Cell::Kind>> fields;
        TopLevel sax;
        sax.onField = [&](std::string_view name, Cell::Kind kind) {
            if (fields.size() < kMostColumns)
                fields.emplace_back(name, kind);
        };
        if (!Json::sax_parse(bytes.begin(), bytes.end(), &sax))
            return broken(sax.isTooDeep ? reasonOf(simdjson::DEPTH_ERROR) : "Not valid JSON.");
        if (!sax.isObject)
            return broken("Not a JSON object with named values.");
        for (const auto& [name, kind] : fields)
            see(name, kind);
        return Verdict::Good;
    }
};

JsonRowChecker::JsonRowChecker()
    : d(std::make_unique<Private>())
{
}
JsonRowChecker::~JsonRowChecker() = default;
JsonRowChecker::JsonRowChecker(JsonRowChecker&&) noexcept = default;
JsonRowChecker& JsonRowChecker::operator=(JsonRowChecker&&) noexcept = default;

const std::string& JsonRowChecker::reason() const
{
    return d->reason;
}

std::vector<ColumnFacts> JsonRowChecker::takeColumns()
{
    d->hint = 0;
    return std::exchange(d->columns, {});
}

JsonRowChecker::Verdict JsonRowChecker::check(std::string_view bytes, std::size_t readable)
{
    if (bytes.size() > kLongRow)
        return d->checkSlowly(bytes);
    if (readable < bytes.size() + simdjson::SIMDJSON_PADDING) {
        d->padded.assign(bytes);
        d->padded.resize(bytes.size() + simdjson::SIMDJSON_PADDING);
        bytes = std::string_view(d->padded).substr(0, bytes.size());
    }
    if (d->parser.capacity() < bytes.size() || d->parser.max_depth() != kMostLevels)
        if (const auto error = d->parser.allocate(std::max<std::size_t>(std::size_t(1) << 14, 2 * bytes.size()), kMostLevels))
            return d->broken(reasonOf(error));
    simdjson::dom::element element;
    if (const auto error = d->parser.parse(bytes.data(), bytes.size(), false).get(element)) {
        if (error == simdjson::NUMBER_ERROR)
            return d->checkSlowly(bytes);  // numbers beyond 64 bits are valid JSON
        return d->broken(reasonOf(error), error == simdjson::UTF8_ERROR ? Verdict::NotUtf8 : Verdict::Broken);
    }
    simdjson::dom::object object;
    if (element.get(object))
        return d->broken("Not a JSON object with named values.");
    d->hint = 0;
    for (const auto field : object)
        d->see(field.key, kindOf(field.value.type()));
    return Verdict::Good;
}

void mergeColumns(std::vector<ColumnFacts>& columns, const std::vector<ColumnFacts>& more)
{
    for (const auto& column : more) {
        const auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == column.name; });
        if (it != columns.end()) {
            it->kinds |= column.kinds;
            it->looksNumeric = it->looksNumeric && column.looksNumeric;
        } else if (columns.size() < kMostColumns) {
            columns.push_back(column);
        }
    }
}

}
