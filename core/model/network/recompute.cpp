// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/input.h"
#include "model/network/network.h"

#include <torch/torch.h>

namespace attune::model {

namespace {

struct Call : torch::CustomClassHolder {
    explicit Call(std::function<at::Tensor(const at::Tensor&)> function) : run(std::move(function)) {}
    std::function<at::Tensor(const at::Tensor&)> run;
};

using CallPointer = c10::intrusive_ptr<Call>;

CallPointer savedCall(torch::autograd::AutogradContext* context)
{
    return c10::static_intrusive_pointer_cast<Call>(context->saved_data["call"].toCapsule());
}

/// run(x), of which the tape keeps x. The backward pass runs it once more with a tape and goes through that;
/// gradients of what trains inside are added on the way. anchor: any tensor with a gradient, so that the result
/// has one although x may not.
class Recomputed : public torch::autograd::Function<Recomputed>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& /*anchor*/, const CallPointer& call)
    {
        context->saved_data["call"] = c10::IValue::make_capsule(call);
        context->saved_data["wanted"] = x.requires_grad();
        context->save_for_backward({x});
        return call->run(x);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const at::AutoGradMode withTape(true);
        const auto input = context->get_saved_variables()[0].detach().requires_grad_(context->saved_data["wanted"].toBool());
        const auto output = savedCall(context)->run(input);
        torch::autograd::backward({output}, {gradients[0]});
        return {input.grad(), at::Tensor(), at::Tensor()};
    }
};

/// Losses of rows that depend on nothing that trains but the rows: the gradients are made with them, chunk by chunk.
class LossWithGradient : public torch::autograd::Function<LossWithGradient>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& rows, const CallPointer& call)
    {
        const at::AutoGradMode withTape(true);
        const auto leaf = rows.detach().requires_grad_(true);
        const auto losses = call->run(leaf);
        context->save_for_backward({torch::autograd::grad({losses.sum()}, {leaf})[0]});
        return losses.detach();
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const auto perRow = context->get_saved_variables()[0];
        return {perRow * gradients[0].unsqueeze(1).to(perRow.scalar_type()), at::Tensor()};
    }
};

at::Tensor anchor(const at::Tensor& like)
{
    return at::zeros({}, like.options().dtype(at::kFloat)).requires_grad_(true);
}

}

bool Network::isTrained(const NetworkLinear& linear) const
{
    std::vector<Parameter*> parameters;
    if (linear.hook())
        linear.hook()->appendParameters(parameters);
    return !parameters.empty() || linear.weight().isTrained() || (linear.bias() && linear.bias()->isTrained());
}

/// Whether anything between the last layer and the logits trains.
bool Network::isHeadTrained()
{
    const auto* dense = findLinear("mlm.dense");
    bool isAny = isTrained(*m_head) || (dense && isTrained(*dense));
    for (const char* name : {"mlm.norm.weight", "mlm.norm.bias", "output.bias"})
        if (const auto* tensor = find(name))
            isAny = isAny || tensor->isTrained();
    return isAny;
}

std::vector<bool> Network::trainedLayers() const
{
    std::vector<bool> trained(m_layers.size(), false);
    const auto mark = [&](std::int64_t layer) {
        if (layer >= 0 && layer < static_cast<std::int64_t>(trained.size()))
            trained[static_cast<std::size_t>(layer)] = true;
    };
    for (const auto& tensor : m_tensors) {
        if (tensor.isTrained())
            mark(tensor.slot().layer);
    }
    for (const auto& linear : m_linears) {
        if (isTrained(linear))
            mark(linear.layer());
    }
    for (const auto& [place, hook] : m_blockHooks)
        mark(place.first);
    return trained;
}

/// Whether the tape of this pass would be large. Keys and values of a prefix share one graph between the layers, as do the states
/// of a source; such a graph can be gone through once only.
bool Network::recomputes(const NetworkInput& input) const
{
    if (!at::GradMode::is_enabled() || !input.sources.empty() || (m_virtualTokens && m_virtualTokens->isPrefix()))
        return false;
    const auto wide = 14 * m_spec.hiddenSize + 4 * (m_spec.queryWidth() + 2 * m_spec.kvWidth()) + 5 * m_spec.intermediateSize;
    std::int64_t kept = input.tokens * wide * 4;
    if (m_spec.attentionSoftcap > 0 || m_spec.alibi) {
        for (const auto& row : input.rows)
            kept += 4 * m_spec.heads * row.length * (row.past + row.length) * 4;
    }
    return kept * m_spec.layers > m_keptBytes;
}

at::Tensor Network::runRecomputed(const NetworkLayer& layer, const at::Tensor& x, const std::shared_ptr<NetworkInput>& input, std::uint64_t seed)
{
    const auto run = [this, &layer, input, seed, state = m_state](const at::Tensor& values) {
        // An objective may have switched the adapter off since (reference models).
        const auto now = m_state;
        const auto use = [&](const HookState& wanted) {
            if (m_state.adapterScale != wanted.adapterScale)
                setAdapterScale(wanted.adapterScale);
            m_state = wanted;
        };
        use(state);
        m_generator.set_current_seed(seed);
        auto result = runLayer(layer, values, *input, nullptr);
        use(now);
        return result;
    };
    return Recomputed::apply(x, anchor(x), c10::make_intrusive<Call>(run));
}

at::Tensor Network::tokenLosses(const at::Tensor& rows, const at::Tensor& targets)
{
    TORCH_CHECK(m_head, "the model has no head that names tokens");
    const bool hasTrainedHead = isHeadTrained();
    std::vector<at::Tensor> losses;
    for (std::int64_t begin = 0; begin < rows.size(0); begin += kLossRows) {
        const auto count = std::min(kLossRows, rows.size(0) - begin);
        const auto part = rows.narrow(0, begin, count);
        const auto call = c10::make_intrusive<Call>([this, ids = targets.narrow(0, begin, count)](const at::Tensor& values) {
            return at::cross_entropy_loss(logitsOf(values), ids, {}, at::Reduction::None);
        });
        if (!at::GradMode::is_enabled())
            losses.push_back(call->run(part));
        else if (hasTrainedHead)
            losses.push_back(Recomputed::apply(part, anchor(part), call));
        else
            losses.push_back(part.requires_grad() ? LossWithGradient::apply(part, call) : call->run(part));
    }
    return losses.empty() ? at::zeros({0}, rows.options().dtype(at::kFloat)) : at::cat(losses);
}

}
