// SPDX-License-Identifier: GPL-3.0-or-later
// Plain text: what nothing else claims, as long as it is text.
#include "importer/text_rows.h"

namespace attune::importer {
namespace {

int sniff(const Head& head)
{
    const auto first = head.text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || !looksLikeText(head.text))
        return 0;
    // Broken JSON, and JSON without rows, is better told than trained on.
    const bool isJsonByName = head.fileName.ends_with(".json") || head.fileName.ends_with(".jsonl");
    if (isJsonByName && (head.text[first] == '{' || head.text[first] == '[' || parseJson(head.text.substr(first, head.text.find('\n', first) - first))))
        return 0;
    return head.fileName.ends_with(".txt") ? 40 : 10;
}

}

const Source& text()
{
    static const Source source {"text", "Plain text", ".txt", sniff, indexText, readText};
    return source;
}

}
