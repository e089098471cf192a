// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "formats/pattern.h"

#include <pcre2.h>

#include <memory>
#include <string>

namespace attune::formats {
namespace {

constexpr std::uint32_t kMatchLimit = 100'000, kDepthLimit = 1'000;
constexpr std::size_t kMaxPattern = 10'000;

bool matchesAnchored(const std::string& expression, std::string_view text)
{
    if (expression.size() > kMaxPattern)
        return false;
    int error = 0;
    PCRE2_SIZE offset = 0;
    const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &offset, nullptr), pcre2_code_free);
    if (!code)
        return false;
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(pcre2_match_context_create(nullptr), pcre2_match_context_free);
    pcre2_set_match_limit(context.get(), kMatchLimit);
    pcre2_set_depth_limit(context.get(), kDepthLimit);
    return pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data.get(), context.get()) >= 0;
}

}

bool matchesModulePattern(std::string_view key, std::string_view module)
{
    return matchesAnchored("(?:.*\\.)?(?:" + std::string(key) + ")", module);
}

bool matchesWhole(std::string_view expression, std::string_view module)
{
    return matchesAnchored(std::string(expression), module);
}

}
