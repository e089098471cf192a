// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/language.h"
#include "cleaner/rule.h"

#include "base/edit_distance.h"

namespace attune::cleaner {
namespace {

Result<std::vector<std::string>> kept(const Json& options)
{
    std::vector<std::string> codes;
    for (const auto& code : options.at("keep")) {
        std::string name = code.is_string() ? code.get<std::string>() : toLine(code);
        name = name == "no" ? "nb" : name == "false" ? "nb" : name;  // Norwegian; YAML 1.1 readers take "no" for false
        if (std::find(knownLanguages().begin(), knownLanguages().end(), name) == knownLanguages().end())
            return fail(ErrorCode::FileCorrupt, fmt::format("\"{}\" is no language that is recognised.", name), fmt::format("Codes are {}.", fmt::join(knownLanguages(), ", ")));
        codes.push_back(std::move(name));
    }
    if (codes.empty())
        return fail(ErrorCode::FileCorrupt, "The option \"keep\" names no language.", "Write keep: [en], for example.");
    return codes;
}

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    ATTUNE_TRY(auto codes, kept(options));
    return makeRowTest([column, codes = std::move(codes)](const Row& row) {
        const std::string code = languageOf(CellText(row[column]));
        return code.empty() || std::find(codes.begin(), codes.end(), code) != codes.end();
    });
}

}

const Rule& language()
{
    static const Rule rule {"language", "Keep languages",
        "Keeps rows whose text is in one of these languages; texts too short to tell stay.",
        OptionSchema({
            {.key = "keep", .type = OptionType::List, .defaultValue = Json::array(), .label = "Keep", .help = "Codes of the languages to keep, such as en, de, zh."},
            columnOptionRow()}), prepare};
    return rule;
}

}
