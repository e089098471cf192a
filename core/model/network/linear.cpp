// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/linear.h"

#include "model/onednn_product.h"
#include "model/products.h"

#include <torch/torch.h>

namespace attune::model {

namespace {

/// A float weight that is kept in a narrower or just another type than products run in.
class ConvertedWeight final : public WeightSource
{
public:
    explicit ConvertedWeight(at::Tensor value) : m_value(std::move(value)) {}
    at::Tensor weight(at::ScalarType type) const override { return m_value.to(type); }
    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override { return m_value.index_select(0, ids).to(type); }
    std::uint64_t bytes() const override { return m_value.nbytes(); }

private:
    const at::Tensor m_value;
};

/// Carries a C++ object through the tape's saved data.
struct SourceHolder : torch::CustomClassHolder {
    explicit SourceHolder(std::shared_ptr<const WeightSource> source) : source(std::move(source)) {}
    std::shared_ptr<const WeightSource> source;
};

at::Tensor matrixProduct(const at::Tensor& a, const at::Tensor& b)
{
    return a.dim() == 2 ? productOf(a, b) : at::matmul(a, b);
}

/// x W^T for a frozen W that is made anew in each direction, so that the tape holds neither W nor x.
class FrozenProduct : public torch::autograd::Function<FrozenProduct>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const c10::intrusive_ptr<SourceHolder>& holder)
    {
        context->saved_data["source"] = c10::IValue::make_capsule(holder);
        if (auto direct = holder->source->product(x); direct.defined())
            return direct;
        return matrixProduct(x, holder->source->weight(x.scalar_type()).t());
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const auto holder = c10::static_intrusive_pointer_cast<SourceHolder>(context->saved_data["source"].toCapsule());
        return {matrixProduct(gradients[0], holder->source->weight(gradients[0].scalar_type())), at::Tensor()};
    }
};

/// at::linear of a plain W through matrixProduct.
class PlainProduct : public torch::autograd::Function<PlainProduct>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight)
    {
        context->save_for_backward({weight.requires_grad() ? x : at::Tensor(), weight});
        return matrixProduct(x, weight.t());
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &gradient = gradients[0], &x = saved[0], &weight = saved[1];
        return {context->needs_input_grad(0) ? matrixProduct(gradient, weight) : at::Tensor(), context->needs_input_grad(1) ? matrixProduct(gradient.t(), x) : at::Tensor()};
    }
};

}

at::Tensor WeightSource::rows(const at::Tensor& ids, at::ScalarType type) const
{
    return weight(type).index_select(0, ids);
}

TrainedTensor::TrainedTensor(const std::string& name, const at::Tensor& value, bool isTrained)
{
    const at::NoGradGuard noGrad;
    parameter.name = name;
    parameter.value = value.detach().to(at::kFloat).contiguous();
    m_leaf = parameter.value.detach();
    if (!isTrained)
        return;
    parameter.grad = at::zeros_like(parameter.value);
    m_leaf.requires_grad_(true);
    m_leaf.mutable_grad() = parameter.grad;
}

void appendTrained(std::vector<Parameter*>& parameters, std::initializer_list<TrainedTensor*> tensors)
{
    for (auto* tensor : tensors) {
        if (tensor && tensor->isTrained())
            parameters.push_back(&tensor->parameter);
    }
}

at::Tensor HookState::dropout(const at::Tensor& x, double share) const
{
    if (!isTraining || share <= 0 || !generator)
        return x;
    const auto mask = at::empty_like(x, at::MemoryFormat::Contiguous).bernoulli_(1 - share, *generator).div_(1 - share);
    return x * mask;
}

NetworkTensor::NetworkTensor(const families::TensorSlot& slot, at::Tensor value, at::ScalarType compute)
    : m_slot(slot)
    , m_compute(compute)
{
    if (value.scalar_type() != compute && value.dim() > 1)
        m_source = std::make_shared<ConvertedWeight>(std::move(value));
    else
        m_value = std::move(value);
}

NetworkTensor::NetworkTensor(const families::TensorSlot& slot, std::shared_ptr<const WeightSource> source, at::ScalarType compute)
    : m_slot(slot)
    , m_source(std::move(source))
    , m_compute(compute)
{
}

at::Tensor NetworkTensor::use() const
{
    if (trained())
        return trained()->leaf().to(m_compute);
    return source() ? source()->weight(m_compute) : frozen().to(m_compute);
}

at::Tensor NetworkTensor::useFloat() const
{
    if (trained())
        return trained()->leaf();
    return source() ? source()->weight(at::kFloat) : frozen().to(at::kFloat);
}

at::Tensor NetworkTensor::values() const
{
    const at::NoGradGuard noGrad;
    return useFloat().detach();
}

at::Tensor NetworkTensor::rows(const at::Tensor& ids) const
{
    if (trained())
        return at::embedding(trained()->leaf(), ids).to(m_compute);
    return source() ? source()->rows(ids, m_compute) : frozen().index_select(0, ids).to(m_compute);
}

at::Tensor NetworkTensor::productWith(const at::Tensor& x) const
{
    if (trained() || !source()) {
        const auto weight = use();
        return prefersOneDnn() && x.dim() == 2 ? PlainProduct::apply(x, weight) : at::linear(x, weight);
    }
    return FrozenProduct::apply(x, c10::make_intrusive<SourceHolder>(m_source));
}

Parameter& NetworkTensor::train(const at::Tensor& master, bool keepsBase)
{
    if (!m_trained) {
        m_trained = std::make_unique<TrainedTensor>(m_slot.name, master, true);
        m_keepsBase = keepsBase;
        if (!keepsBase) {
            m_value.reset();
            m_source.reset();
        }
    }
    return m_trained->parameter;
}

void NetworkTensor::replace(const at::Tensor& values)
{
    m_replacement = values.to(values.dim() > 1 ? m_compute : at::kFloat).clone();
}

std::uint64_t NetworkTensor::bytes() const
{
    const auto base = m_source ? m_source->bytes() : m_value.defined() ? m_value.nbytes() : 0;
    return base + (m_trained ? m_trained->parameter.value.nbytes() : 0) + (m_replacement.defined() ? m_replacement.nbytes() : 0);
}

NetworkLinear::NetworkLinear(std::string name, NetworkTensor* weight, NetworkTensor* bias)
    : m_name(std::move(name))
    , m_weight(weight)
    , m_bias(bias)
{
}

at::Tensor NetworkLinear::forward(const at::Tensor& x, const HookState& state) const
{
    const auto input = m_hook && state.adapterScale != 0 ? m_hook->input(*this, x, state) : x;
    auto y = m_weight->productWith(input);
    if (m_bias)
        y = y + m_bias->use();
    if (!m_hook || state.adapterScale == 0)
        return y;
    return m_hook->apply(*this, input, y, state).to(y.scalar_type());
}

at::Tensor NetworkLinear::mergedWeight(double scale) const
{
    const at::NoGradGuard noGrad;
    auto weight = m_weight->values();
    return m_hook && scale != 0 ? m_hook->merged(*this, weight, scale) : weight;
}

at::Tensor NetworkLinear::mergedBias(double scale) const
{
    const at::NoGradGuard noGrad;
    auto bias = m_bias->values();
    return m_hook && scale != 0 ? m_hook->mergedBias(*this, bias, scale) : bias;
}

}
