// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace attune::cleaner {

/// How much of a text repeats itself, 0 to 1: 1 - distinct / all of its runs of three words, or of its
/// lines where that is more. Texts with few spaces (Chinese; "hahaha") go by runs of four characters. Case and
/// white space do not count; fewer than eight runs are no repetition. (Rae et al. 2021, appendix A.1.1,
/// filter web text by such shares.) Any thread.
double repetitionOf(std::string_view text);

}
