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
    const bool isJsonByName = head.fileName.ends_with(".json") || head.fileName.ends_with(".jsonl");
    if (isJsonByName && (head.text[first] == '{' || head.text[first] == '['))
        return 0;  // broken JSON is better told than trained on
    return head.fileName.ends_with(".txt") ? 40 : 10;
}

}

const Source& text()
{
    static const Source source {"text", "Plain text", ".txt", sniff, indexText, readText};
    return source;
}

}
