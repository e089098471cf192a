// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "formats/file_writer.h"

#include <string_view>

namespace attune::importer {

enum class Encoding { Utf8, Utf8Bom, Utf16Le, Utf16Be, Utf32Le, Utf32Be, Windows1252 };

/// "UTF-8", "UTF-16 LE" …
std::string_view encodingName(Encoding encoding);
/// By byte order mark, else by where the zero bytes stand; Utf8 when neither says otherwise.
Encoding detectEncoding(std::string_view head);
/// Whether text that is not clean UTF-8 is Windows-1252 (of which Latin-1 is a part): its bytes above
/// 127 hardly ever form UTF-8 sequences.
bool looksLikeWindows1252(std::string_view text);
/// Writes the text as UTF-8 without a byte order mark. Halves of surrogate pairs become U+FFFD.
Status writeAsUtf8(std::string_view text, Encoding encoding, formats::FileWriter& out, const JobContext& context);

}
