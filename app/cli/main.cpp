// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <iostream>

int main(int argc, char** argv)
{
    std::ios::sync_with_stdio(false);
    return attune::cli::run({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
