// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/model_spec.h"

namespace attune::families {

std::string_view roleName(Role role)
{
    switch (role) {
    case Role::AttnQuery: return "attn_q";
    case Role::AttnKey: return "attn_k";
    case Role::AttnValue: return "attn_v";
    case Role::AttnOutput: return "attn_output";
    case Role::MlpGate: return "mlp_gate";
    case Role::MlpUp: return "mlp_up";
    case Role::MlpDown: return "mlp_down";
    case Role::Embedding: return "embedding";
    case Role::LmHead: return "lm_head";
    case Role::Norm: return "norm";
    case Role::Other: return "other";
    }
    return "other";
}

std::int64_t parameterCount(const std::vector<TensorSlot>& slots)
{
    std::int64_t total = 0;
    for (const auto& slot : slots) {
        if (slot.isOptional && slot.role == Role::LmHead)
            continue;  // a tied head is the embedding once more
        std::int64_t count = 1;
        for (const auto dimension : slot.shape)
            count *= dimension;
        total += count;
    }
    return total;
}

}
