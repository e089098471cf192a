// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/html.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), stripHtml, kMarkup);
}

}

const Rule& strip_html()
{
    static const Rule rule {"strip_html", "Strip HTML",
        "Takes tags, comments, scripts and styles out; the text stays, entities become characters.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
