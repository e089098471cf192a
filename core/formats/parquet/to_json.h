// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arrow/type_fwd.h>

#include <string>
#include <string_view>

namespace attune::formats {

/// Text between quotation marks; bytes that are not UTF-8 become U+FFFD.
void appendQuoted(std::string& out, std::string_view text);

/// How the values of a column become JSON.
struct ValueStyle {
    bool isJsonText = false;    ///< texts are JSON themselves and stand as they are
    bool omitsNulls = false;    ///< null fields of objects are fields that were not there
};
/// The value at `row`, as JSON. Numbers that JSON cannot hold (NaN, infinity) become null; bytes become base64
/// unless they are text; dates and times ISO 8601. Throws what Arrow throws.
void appendValue(std::string& out, const arrow::Array& array, std::int64_t row, const ValueStyle& style);

}
