// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.h"

#include "base/file.h"
#include "base/json_tree.h"

#include <fmt/format.h>

namespace attune {
namespace {

/// Depth of nesting outside strings, without parsing; -1 once it passes the limit.
bool isDeeperThan(std::string_view text, int maxDepth)
{
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > maxDepth)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

template<typename Tree>
Result<Tree> parseAs(std::string_view text, int maxDepth)
{
    if (isDeeperThan(text, maxDepth))
        return fail(ErrorCode::FileCorrupt, fmt::format("The JSON is nested deeper than {} levels.", maxDepth),
            "This is no file that Attune or Hugging Face writes; check where it comes from.");
    try {
        return Tree::parse(text.begin(), text.end());
    } catch (const nlohmann::json::parse_error& e) {
        return fail(ErrorCode::FileCorrupt, fmt::format("The JSON is broken at byte {}.", e.byte),
            "The file may be cut off or edited by hand; fetch it again or mend that place.");
    } catch (const std::exception&) {
        return fail(ErrorCode::FileCorrupt, "The JSON holds a value that cannot be read.", "Fetch the file again.");
    }
}

}

Result<Json> parseJson(std::string_view text, int maxDepth)
{
    return parseAs<Json>(text, maxDepth);
}

Result<nlohmann::json> parseJsonTree(std::string_view text, int maxDepth)
{
    return parseAs<nlohmann::json>(text, maxDepth);
}

Result<Json> readJsonFile(const std::string& path, std::size_t maxBytes)
{
    ATTUNE_TRY(auto text, readFile(path, maxBytes));
    auto json = parseJson(text);
    if (!json)
        return json.error().in(path);
    return json;
}

std::string toLine(const Json& json)
{
    std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    // Line ends beside \n that Unicode has are escaped, because many readers split lines there.
    for (const auto& [raw, escaped] : {std::pair {"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}})
        for (auto at = line.find(raw); at != std::string::npos; at = line.find(raw, at))
            line.replace(at, std::string_view(raw).size(), escaped);
    return line;
}

}
