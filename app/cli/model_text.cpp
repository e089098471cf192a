// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/model_text.h"

#include <fmt/format.h>

namespace attune::cli {

std::string countText(std::int64_t count)
{
    const double value = static_cast<double>(count);
    return value >= 1e9 ? fmt::format("{:.2f} B", value / 1e9) : value >= 1e6 ? fmt::format("{:.1f} M", value / 1e6) : fmt::format("{}", count);
}

std::string modelText(const Json& facts)
{
    const auto whole = [&](const char* key) { return facts.value(key, std::int64_t(0)); };
    const auto text = [&](const char* key) { return facts.value(key, std::string()); };
    std::string lines = fmt::format("{}  ({})\n", text("name"), text("path"));
    lines += fmt::format("  {} parameters, {} layers, hidden size {}, vocabulary {}, context {}\n", countText(whole("parameters")), whole("layers"), whole("hidden_size"),
        whole("vocab_size"), whole("context_length"));
    lines += fmt::format("  architecture {}, stored as {} ({}), tokenizer {}, {}\n", text("architecture"), text("stored_type"), text("format"), text("tokenizer"),
        facts.value("chat_template", false) ? "with a chat template" : "no chat template");
    lines += facts.value("trainable", false) ? std::string("  can be trained\n") : fmt::format("  cannot be trained: {}\n", text("reason"));
    return lines;
}

}
