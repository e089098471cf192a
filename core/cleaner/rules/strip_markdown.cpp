// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/markdown.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), stripMarkdown);
}

}

const Rule& strip_markdown()
{
    static const Rule rule {"strip_markdown", "Strip Markdown",
        "Takes headings, emphasis, links, quotes, bullets and code marks out; the text stays, code to the letter.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
