// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/token_loss.h"

namespace attune::trainer {

const ObjectiveKind& sft()
{
    static const ObjectiveKind kind {"sft", "cross-entropy of answers; TRL SFTTrainer",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<NextToken>(options); }};
    return kind;
}

}
