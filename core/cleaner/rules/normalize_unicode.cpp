// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    const bool compatibility = options.at("form") == "NFKC";
    return makeTextEdit(std::move(chosen), [compatibility](std::string_view text, std::string& out) { return normalizeUnicode(text, compatibility, out); }, kWide);
}

}

const Rule& normalize_unicode()
{
    static const Rule rule {"normalize_unicode", "Normalise Unicode",
        "Brings characters that look the same to one spelling (NFC), or also ligatures, full-width and other variants (NFKC).",
        OptionSchema({
            {.key = "form", .type = OptionType::Choice, .defaultValue = "NFC", .label = "Form", .help = "NFC keeps the look, NFKC also unifies variants.",
                .choices = {{"NFC", "NFC", "Canonical composition"}, {"NFKC", "NFKC", "Compatibility composition"}}},
            columnsOptionRow()}), prepare};
    return rule;
}

}
