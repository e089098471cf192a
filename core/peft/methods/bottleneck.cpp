// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"
#include "peft/virtual_embeddings.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <fmt/format.h>

namespace attune::peft {
namespace {

using formats::PeftAdapter;
using model::BlockPlace;
using model::HookState;
using model::Network;
using model::TrainedTensor;

/// Which tensor the small layers read.
enum class Reads { Output, Sum, Residual };

/// One placement, with the settings of the library `adapters` 1.2 for it (formats.md §3.9).
struct Placement {
    const char* id;
    bool afterAttention;
    Reads reads;
    const char* activation;  ///< as the library's configuration names it
    double scaling;
    const char* init;
};
constexpr Placement kPlacements[] = {
    {"pfeiffer", false, Reads::Sum, "relu", 1.0, "bert"},
    {"houlsby", true, Reads::Output, "swish", 1.0, "bert"},
    {"parallel", false, Reads::Residual, "relu", 4.0, "mam_adapter"},
};

const Placement& placementOf(std::string_view id)
{
    for (const auto& placement : kPlacements)
        if (placement.id == id)
            return placement;
    return kPlacements[0];
}

/// after(residual + output + scaling · up(act(down(z)))): z is the sublayer's output (Houlsby et al. 2019),
/// after(residual + output) (Pfeiffer et al. 2021), or the residual (He et al. 2022).
class BottleneckHook final : public model::BlockHook
{
public:
    BottleneckHook(const std::string& module, const Placement& placement, const at::Tensor& downWeight, const at::Tensor& downBias, const at::Tensor& upWeight,
        const at::Tensor& upBias, bool isTrained)
        : m_module(module)
        , m_placement(placement)
        , m_downWeight(module + ".adapter_down.0.weight", downWeight, isTrained)
        , m_downBias(module + ".adapter_down.0.bias", downBias, isTrained)
        , m_upWeight(module + ".adapter_up.weight", upWeight, isTrained)
        , m_upBias(module + ".adapter_up.bias", upBias, isTrained)
    {
        m_downBias.parameter.decays = m_upBias.parameter.decays = false;
    }

    at::Tensor combine(const BlockPlace& place, const at::Tensor&, const at::Tensor& output, const at::Tensor& residual, const HookState& state) override
    {
        const auto z = m_placement.reads == Reads::Output ? output : m_placement.reads == Reads::Sum ? place.after(residual + output) : residual;
        const auto down = at::linear(z.to(at::kFloat), m_downWeight.leaf(), m_downBias.leaf());
        const auto active = m_placement.activation == std::string_view("swish") ? at::silu(down) : at::relu(down);
        const auto up = at::linear(active, m_upWeight.leaf(), m_upBias.leaf()) * (m_placement.scaling * state.adapterScale);
        return place.after(residual + output + up.to(output.scalar_type()));
    }

    void appendParameters(std::vector<model::Parameter*>& parameters) override { appendTrained(parameters, {&m_downWeight, &m_downBias, &m_upWeight, &m_upBias}); }

    void addTo(PeftAdapter& adapter) const
    {
        addTensor(adapter, m_module, "adapter_down.0.weight", m_downWeight.parameter.value);
        addTensor(adapter, m_module, "adapter_down.0.bias", m_downBias.parameter.value);
        addTensor(adapter, m_module, "adapter_up.weight", m_upWeight.parameter.value);
        addTensor(adapter, m_module, "adapter_up.bias", m_upBias.parameter.value);
    }

private:
    const std::string m_module;
    const Placement& m_placement;
    TrainedTensor m_downWeight, m_downBias, m_upWeight, m_upBias;
};

/// "model.layers.3" of the names of that layer's weights.
std::string layerPath(const Network& network, std::int64_t layer)
{
    const auto part = fmt::format(".{}.", layer);
    for (const auto& slot : network.slots())
        if (slot.layer == layer)
            if (const auto at = slot.name.find(part); at != std::string::npos)
                return slot.name.substr(0, at + part.size() - 1);
    return fmt::format("layers.{}", layer);
}

/// Where `adapters` hangs them: beside a decoder's layers, inside the output layers of BERT and its kin.
std::string modulePath(const Network& network, std::int64_t layer, bool isMlp)
{
    const auto path = layerPath(network, layer);
    if (path.find("encoder.layer.") != std::string::npos)
        return path + (isMlp ? ".output" : ".attention.output");
    return path + (isMlp ? ".output_adapters" : ".attention_adapters");
}

using Hooks = std::vector<std::shared_ptr<BottleneckHook>>;

/// adapter_config.json of `adapters`: only what differs from its defaults is chosen here.
Json newConfig(const Network& network, const Json& values)
{
    const auto& placement = placementOf(values.value("placement", "pfeiffer"));
    Json config {{"mh_adapter", placement.afterAttention}, {"output_adapter", true}, {"reduction_factor", plainNumber(values.value("reduction_factor", 16.0))},
        {"non_linearity", placement.activation}, {"original_ln_before", placement.reads == Reads::Sum}, {"original_ln_after", true}, {"ln_before", false}, {"ln_after", false},
        {"init_weights", placement.init}, {"init_weights_seed", nullptr}, {"is_parallel", placement.reads == Reads::Residual}, {"scaling", placement.scaling},
        {"use_gating", false}, {"residual_before_ln", true}, {"adapter_residual_before_ln", false}, {"inv_adapter", nullptr}, {"inv_adapter_reduction_factor", nullptr},
        {"cross_adapter", false}, {"leave_out", Json::array()}, {"dropout", 0.0}, {"phm_layer", false}, {"phm_dim", 4}, {"factorized_phm_W", true},
        {"shared_W_phm", false}, {"shared_phm_rule", true}, {"factorized_phm_rule", false}, {"phm_c_init", "normal"}, {"phm_init_range", 0.0001}, {"learn_phm", true},
        {"hypercomplex_nonlinearity", "glorot-uniform"}, {"phm_rank", 1}, {"phm_bias", true}, {"stochastic_depth", 0.0}};
    const auto& spec = network.spec();
    const auto& family = network.source.family;
    return Json {{"config", config}, {"hidden_size", spec.hiddenSize}, {"model_class", family && !family->hfArchitectures.empty() ? family->hfArchitectures.front() : ""},
        {"model_name", ""}, {"model_type", family && !family->hfModelTypes.empty() ? family->hfModelTypes.front() : spec.family}, {"name", "attune"},
        {"version", "adapters.1.2.0"}};
}

void put(Network& network, Json config, const Hooks& hooks)
{
    setCollector(network, [config, hooks](Network& model) {
        PeftAdapter adapter(config);
        for (const auto& hook : hooks)
            hook->addTo(adapter);
        addSaved(adapter, model);
        return adapter;
    });
}

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    const auto& placement = placementOf(values.value("placement", "pfeiffer"));
    const auto hidden = network.spec().hiddenSize, width = methods::bottleneckWidth(network.spec(), values);
    const auto device = network.placement().device;
    auto generator = at::detail::createCPUGenerator(seed);
    const bool isMam = std::string_view(placement.init) == "mam_adapter";
    Hooks hooks;
    for (std::int64_t layer = 0; layer < network.spec().layers; ++layer)
        for (const bool isMlp : {false, true}) {
            if (!isMlp && !placement.afterAttention)
                continue;
            const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
            const auto down = isMam ? at::empty({width, hidden}).uniform_(-bound, bound, generator) : at::empty({width, hidden}).normal_(0, 0.02, generator);
            const auto up = isMam ? at::zeros({hidden, width}) : at::empty({hidden, width}).normal_(0, 0.02, generator);
            hooks.push_back(std::make_shared<BottleneckHook>(modulePath(network, layer, isMlp), placement, down.to(device), at::zeros({width}).to(device), up.to(device),
                at::zeros({hidden}).to(device), true));
            network.setBlockHook(layer, isMlp, hooks.back());
        }
    network.seedDropout(seed);
    put(network, newConfig(network, values), hooks);
    return {};
}

/// The placement that a configuration describes; Unsupported for the library's other variants.
Result<const Placement*> placementFrom(const PeftAdapter& adapter)
{
    const auto& config = adapter.config()["config"];
    for (const auto& placement : kPlacements) {
        const bool fits = config.value("mh_adapter", false) == placement.afterAttention && config.value("output_adapter", true)
            && config.value("is_parallel", false) == (placement.reads == Reads::Residual) && config.value("non_linearity", "relu") == placement.activation
            && config.value("original_ln_before", false) == (placement.reads == Reads::Sum) && config["scaling"].is_number()
            && config["scaling"].get<double>() == placement.scaling;
        if (fits && !config.value("ln_before", false) && !config.value("ln_after", false) && !config.value("use_gating", false) && !config.value("phm_layer", false))
            return &placement;
    }
    return fail(ErrorCode::Unsupported, "The bottleneck adapter is of a kind that this version cannot use.", "What works: seq_bn (Pfeiffer), double_seq_bn (Houlsby), par_bn.");
}

Status load(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    ATTUNE_TRY(const auto* placement, placementFrom(adapter));
    const auto hidden = network.spec().hiddenSize;
    Hooks hooks;
    for (std::int64_t layer = 0; layer < network.spec().layers; ++layer)
        for (const bool isMlp : {false, true}) {
            const auto module = modulePath(network, layer, isMlp);
            if (!adapter.find(module, "adapter_down.0.weight"))
                continue;
            ATTUNE_TRY(const auto downWeight, adapterTensor(adapter, network, module, "adapter_down.0.weight", {-1, hidden}));
            const auto width = downWeight.size(0);
            ATTUNE_TRY(const auto downBias, adapterTensor(adapter, network, module, "adapter_down.0.bias", {width}));
            ATTUNE_TRY(const auto upWeight, adapterTensor(adapter, network, module, "adapter_up.weight", {hidden, width}));
            ATTUNE_TRY(const auto upBias, adapterTensor(adapter, network, module, "adapter_up.bias", {hidden}));
            hooks.push_back(std::make_shared<BottleneckHook>(module, *placement, downWeight, downBias, upWeight, upBias, isTrainable));
            network.setBlockHook(layer, isMlp, hooks.back());
        }
    if (hooks.empty())
        return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter has no layer at {}, where this base model takes one.", modulePath(network, 0, true)), "Choose the base model that the adapter was trained on.");
    network.seedDropout(0);
    put(network, adapter.config(), hooks);
    return {};
}

}

const PeftMethod& bottleneck()
{
    static const PeftMethod method {.id = "bottleneck", .peftType = "BOTTLENECK", .applyTo = apply, .loadInto = load};
    return method;
}

}
