// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/versions.h"

namespace attune::pipeline {

Json versions()
{
    return Json {{"version", ATTUNE_VERSION}, {"commit", ATTUNE_COMMIT}, {"libtorch", ATTUNE_TORCH_VERSION}, {"llama_cpp", ATTUNE_LLAMA_VERSION}, {"cuda", "13.0"}};
}

}
