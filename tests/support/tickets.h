// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace attune::tests {

/// Rows of a help desk as JSON lines: id, messages, lang, product. The same in every run; among them empty and short
/// answers, equal and similar questions, e-mail addresses and phone numbers, German rows and logs that are too long.
std::string ticketLines(int rows);

}
