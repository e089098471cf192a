// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/optimizer.h"

#include <algorithm>

namespace attune::trainer {

const OptimizerKind* findOptimizer(std::string_view id)
{
    for (const OptimizerKind* kind : optimizers())
        if (kind->id == id)
            return kind;
    return nullptr;
}

std::vector<ParameterGroup> groupParameters(const std::vector<model::Parameter*>& parameters, double weightDecay)
{
    std::vector<ParameterGroup> groups;
    for (model::Parameter* parameter : parameters) {
        const double decay = parameter->decays ? weightDecay : 0.0;
        auto group = std::find_if(groups.begin(), groups.end(), [&](const ParameterGroup& g) {
            return g.weightDecay == decay && g.learningRateScale == parameter->learningRateScale && g.firstStep == parameter->firstStep;
        });
        if (group == groups.end())
            group = groups.insert(groups.end(), ParameterGroup {decay, parameter->learningRateScale, parameter->firstStep});
        group->names.push_back(parameter->name);
        group->values.push_back(parameter->value);
        group->gradients.push_back(parameter->grad);
        group->parameters.push_back(parameter);
    }
    return groups;
}

bool isKnownBad(const at::Tensor& foundInf)
{
    return foundInf.is_cpu() && foundInf.item<float>() != 0.0f;
}

void dropIfBad(const at::Tensor& gradient, const at::Tensor& foundInf)
{
    if (!foundInf.is_cpu())
        gradient.nan_to_num_(0.0, 0.0, 0.0).mul_(1.0 - foundInf);
}

void holdBack(const std::vector<model::Parameter*>& parameters, std::int64_t step)
{
    for (const auto* parameter : parameters)
        if (parameter->firstStep > step)
            parameter->grad.zero_();
}

}
