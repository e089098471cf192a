// SPDX-License-Identifier: GPL-3.0-or-later
// Markdown: text with headings, lists and fences; kept as it is written.
#include "importer/text_rows.h"

namespace attune::importer {
namespace {

int sniff(const Head& head)
{
    if (!looksLikeText(head.text) || head.text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return 0;
    const bool isNamed = head.fileName.ends_with(".md") || head.fileName.ends_with(".markdown");
    const bool hasHeading = head.text.starts_with("# ") || head.text.find("\n# ") != std::string_view::npos || head.text.find("\n## ") != std::string_view::npos;
    return isNamed ? 45 : hasHeading ? 20 : 0;
}

}

const Source& markdown()
{
    static const Source source {"markdown", "Markdown", ".md", sniff, indexText, readText};
    return source;
}

}
