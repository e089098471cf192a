// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/token_loss.h"

namespace attune::trainer {

const ObjectiveKind& pretrain()
{
    static const ObjectiveKind kind {"pretrain", "cross-entropy of all tokens of blocks; HF run_clm",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<NextToken>(options); }};
    return kind;
}

}
