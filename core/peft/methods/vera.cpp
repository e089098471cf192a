// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <fmt/format.h>

#include <cmath>

namespace attune::peft {
namespace {

using formats::PeftAdapter;
using model::HookState;
using model::Network;
using model::NetworkLinear;

/// The random matrices that all layers share: A [r, widest input] and B [widest output, r].
struct Projection {
    at::Tensor a, b;
};

/// VeRA (Kopiczko et al. 2024): y + b ⊙ B (d ⊙ A dropout(x)), with the corners of A and B that fit the layer.
class VeraHook final : public model::LinearHook
{
public:
    VeraHook(const std::string& module, std::shared_ptr<const Projection> projection, const at::Tensor& b, const at::Tensor& d, double dropout, bool isTrained)
        : m_projection(std::move(projection))
        , m_b("base_model.model." + module + ".vera_lambda_b", b, isTrained)
        , m_d("base_model.model." + module + ".vera_lambda_d", d, isTrained)
        , m_dropout(dropout)
    {
    }

    at::Tensor apply(const NetworkLinear& linear, const at::Tensor& x, const at::Tensor& y, const HookState& state) override
    {
        const auto down = at::linear(state.dropout(x.to(at::kFloat), m_dropout), m_projection->a.narrow(1, 0, linear.inputs()));
        const auto update = m_b.leaf() * at::linear(m_d.leaf() * down, m_projection->b.narrow(0, 0, linear.outputs()));
        return y + (update * state.adapterScale).to(y.scalar_type());
    }

    at::Tensor merged(const NetworkLinear& linear, const at::Tensor& weight, double scale) override
    {
        const auto down = d().unsqueeze(1) * m_projection->a.narrow(1, 0, linear.inputs());
        return weight + b().unsqueeze(1) * at::matmul(m_projection->b.narrow(0, 0, linear.outputs()), down) * scale;
    }

    void appendParameters(std::vector<model::Parameter*>& parameters) override { appendTrained(parameters, {&m_b, &m_d}); }
    const at::Tensor& b() const { return m_b.parameter.value; }
    const at::Tensor& d() const { return m_d.parameter.value; }
    const Projection& projection() const { return *m_projection; }

private:
    const std::shared_ptr<const Projection> m_projection;
    model::TrainedTensor m_b, m_d;
    const double m_dropout;
};

/// Kaiming-uniform values from a generator of their own, as PEFT draws them: U(-sqrt(6 / fan_in), …).
std::shared_ptr<const Projection> drawn(std::int64_t rank, std::int64_t in, std::int64_t out, std::uint64_t key, at::Device device)
{
    auto generator = at::detail::createCPUGenerator(key);
    const auto draw = [&](std::int64_t rows, std::int64_t columns) {
        const double bound = std::sqrt(3.0) * (std::sqrt(2.0) / std::sqrt(static_cast<double>(columns)));
        return at::empty({rows, columns}).uniform_(-bound, bound, generator);
    };
    auto projection = std::make_shared<Projection>();
    projection->a = draw(rank, in).to(device);
    projection->b = draw(out, rank).to(device);
    return projection;
}

PeftAdapter collect(Network& network, Json config)
{
    std::set<std::string> targets;
    PeftAdapter adapter;
    const Projection* projection = nullptr;
    for (const auto* linear : network.linears()) {
        const auto* hook = dynamic_cast<VeraHook*>(linear->hook());
        if (!hook)
            continue;
        targets.insert(linear->name());
        projection = &hook->projection();
        addTensor(adapter, linear->name(), "vera_lambda_b", hook->b());
        addTensor(adapter, linear->name(), "vera_lambda_d", hook->d());
        if (linear->slot().isTransposed)
            config["fan_in_fan_out"] = true;
    }
    if (projection && config.value("save_projection", true)) {
        addTensor(adapter, "", "vera_A", projection->a);
        addTensor(adapter, "", "vera_B", projection->b);
    }
    config["target_modules"] = namesOf(targets, linearNames(network));
    adapter.setConfig(std::move(config));
    addSaved(adapter, network);
    return adapter;
}

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    ATTUNE_TRY(const auto targets, methods::targetSlots(network.slots(), values.value("target_modules", Json("all-linear"))));
    std::int64_t in = 0, out = 0;
    for (const auto& slot : targets) {
        out = std::max(out, slot.shape[0]);
        in = std::max(in, slot.shape[1]);
    }
    auto config = baseConfig("VERA", network);
    const auto rank = values.value("r", std::int64_t(16));
    const auto key = values.value("projection_prng_key", std::int64_t(0));
    const auto dropout = values.value("vera_dropout", 0.0), initial = values.value("d_initial", 0.1);
    config.update({{"r", rank}, {"projection_prng_key", key}, {"save_projection", values.value("save_projection", true)}, {"vera_dropout", dropout}, {"d_initial", initial},
        {"fan_in_fan_out", false}, {"bias", "none"}, {"init_weights", true}, {"layers_to_transform", nullptr}, {"layers_pattern", nullptr}});
    const auto projection = drawn(rank, in, out, static_cast<std::uint64_t>(key), network.placement().device);
    std::set<std::string> saved;
    for (const auto& slot : methods::savedSlots(network.slots(), values))
        saved.insert(slot.name);
    for (const auto& slot : targets) {
        auto* linear = network.findLinear(moduleOf(slot));
        if (!linear)
            return fail(ErrorCode::Unsupported, fmt::format("method.target_modules: VeRA cannot change {}.", moduleOf(slot)), "Name linear layers such as q_proj.");
        if (saved.contains(slot.name))
            continue;
        const auto device = network.placement().device;
        linear->setHook(std::make_shared<VeraHook>(linear->name(), projection, at::zeros({slot.shape[0]}).to(device), at::full({rank}, initial, at::kFloat).to(device), dropout, true));
    }
    ATTUNE_RETURN_IF_ERROR(trainSaved(network, values));
    network.seedDropout(seed);
    setCollector(network, [config](Network& model) { return collect(model, config); });
    return {};
}

/// The matrices from the file, or drawn again from the key where it holds none.
Result<std::shared_ptr<const Projection>> projectionOf(Network& network, const PeftAdapter& adapter, std::int64_t rank, std::int64_t in, std::int64_t out)
{
    if (!adapter.find("", "vera_A")) {
        const auto key = adapter.config().find("projection_prng_key");
        return drawn(rank, in, out, key != adapter.config().end() && key->is_number_unsigned() ? key->get<std::uint64_t>() : 0, network.placement().device);
    }
    auto projection = std::make_shared<Projection>();
    ATTUNE_TRY(projection->a, adapterTensor(adapter, network, "", "vera_A", {rank, -1}));
    ATTUNE_TRY(projection->b, adapterTensor(adapter, network, "", "vera_B", {-1, rank}));
    if (projection->a.size(1) < in || projection->b.size(0) < out)
        return fail(ErrorCode::AdapterMismatch, "The adapter's shared matrices are smaller than the base model's layers.", "Choose the base model that the adapter was trained on.");
    return std::shared_ptr<const Projection>(projection);
}

Status load(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    std::vector<model::NetworkLinear*> targets;
    std::int64_t in = 0, out = 0, rank = 0;
    for (const auto& tensor : adapter.tensors()) {
        if (tensor.part != "vera_lambda_d")
            continue;
        auto* linear = network.findLinear(tensor.module);
        if (!linear || tensor.shape.size() != 1)
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter changes {}, which is no layer of the base model.", tensor.module), "Choose the base model that the adapter was trained on.");
        targets.push_back(linear);
        in = std::max(in, linear->inputs());
        out = std::max(out, linear->outputs());
        rank = tensor.shape[0];
    }
    ATTUNE_TRY(const auto projection, projectionOf(network, adapter, rank, in, out));
    const auto dropout = adapter.config().value("vera_dropout", 0.0);
    for (auto* linear : targets) {
        ATTUNE_TRY(const auto b, adapterTensor(adapter, network, linear->name(), "vera_lambda_b", {linear->outputs()}));
        ATTUNE_TRY(const auto d, adapterTensor(adapter, network, linear->name(), "vera_lambda_d", {rank}));
        linear->setHook(std::make_shared<VeraHook>(linear->name(), projection, b, d, dropout, isTrainable));
    }
    ATTUNE_RETURN_IF_ERROR(loadSaved(network, adapter, isTrainable));
    network.seedDropout(0);
    setCollector(network, [config = adapter.config()](Network& model) { return collect(model, config); });
    return {};
}

}

const PeftMethod& vera()
{
    static const PeftMethod method {.id = "vera", .peftType = "VERA", .applyTo = apply, .loadInto = load};
    return method;
}

}
