// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace attune::shell {

/// The desktop program: `attune-studio [--workspace DIR] [--new-window] [FILE…]`, and for documentation
/// and tests `--screenshot-pages DIR [--theme light|dark] [--size WxH] [--scale F]`. A second start on
/// the same workspace raises the first window and hands its files over. Returns the exit code.
int runStudio(int argc, char** argv);

}
