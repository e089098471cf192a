// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/nested.h"

#include <simdjson.h>

#include <algorithm>
#include <vector>

namespace attune::cleaner {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// The parser keeps its memory, and the value, until the thread's next call.
bool parse(std::string_view json, element& value)
{
    thread_local simdjson::dom::parser parser;
    return json.size() < (std::size_t(1) << 30) && parser.parse(json.data(), json.size()).get(value) == simdjson::SUCCESS;
}

bool contentOf(element message, std::string_view& content)
{
    simdjson::dom::object object;
    if (message.get(object) != simdjson::SUCCESS)
        return false;
    for (const char* key : {"content", "value"})
        if (object[key].get(content) == simdjson::SUCCESS)
            return true;
    return false;
}

void append(std::string& key, char kind, std::string_view bytes)
{
    const std::uint64_t size = bytes.size();
    key += kind;
    key.append(reinterpret_cast<const char*>(&size), sizeof size);
    key += bytes;
}

void appendValue(std::string& key, element value);

void appendObject(std::string& key, simdjson::dom::object object)
{
    std::vector<std::pair<std::string_view, element>> fields;
    for (const auto field : object)
        fields.emplace_back(field.key, field.value);
    std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    key += '{';
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i + 1 < fields.size() && fields[i].first == fields[i + 1].first)
            continue;  // the last counts
        append(key, 'k', fields[i].first);
        appendValue(key, fields[i].second);
    }
    key += '}';
}

void appendValue(std::string& key, element value)
{
    const auto number = [&key](char kind, auto n) { append(key, kind, {reinterpret_cast<const char*>(&n), sizeof n}); };
    switch (value.type()) {
    case element_type::ARRAY:
        key += '[';
        for (const element item : simdjson::dom::array(value))
            appendValue(key, item);
        key += ']';
        break;
    case element_type::OBJECT: appendObject(key, value); break;
    case element_type::STRING: append(key, 's', std::string_view(value)); break;
    case element_type::INT64: number('i', std::int64_t(value)); break;
    case element_type::UINT64: number('u', std::uint64_t(value)); break;
    case element_type::DOUBLE: number('d', double(value)); break;
    case element_type::BOOL: key += bool(value) ? 't' : 'f'; break;
    case element_type::NULL_VALUE: key += 'n'; break;
    }
}

}

bool eachContent(std::string_view json, const std::function<bool(std::string_view)>& take)
{
    element value;
    simdjson::dom::array list;
    if (!parse(json, value) || value.get(list) != simdjson::SUCCESS)
        return false;
    bool isConversation = false;
    std::string_view content;
    for (const element message : list)
        if (contentOf(message, content)) {
            isConversation = true;
            if (!take(content))
                break;
        }
    return isConversation;
}

bool appendCanonical(std::string& key, std::string_view json)
{
    element value;
    if (!parse(json, value))
        return false;
    appendValue(key, value);
    return true;
}

}
