// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

namespace attune::pipeline {

/// The fields of `attune version` (cli.md): version, commit, libtorch, llama_cpp, cuda.
Json versions();

}
