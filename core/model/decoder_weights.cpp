// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/fast_decoder.h"
#include "model/decoder.h"
#include "model/recorded_steps.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace attune::model {

using families::ModelSpec;
using families::Role;
using families::TensorSlot;

namespace {

/// Reads slots by name, checks shapes, remembers the first error.
class WeightReader
{
public:
    WeightReader(const std::vector<TensorSlot>& slots, const ReadTensor& read, const GiveSource& source, const JobContext& context)
        : m_read(read)
        , m_source(source)
        , m_context(context)
        , m_total(slots.size())
    {
        for (const auto& slot : slots)
            m_slots[slot.name] = &slot;
    }

    /// Undefined when an optional slot is absent or an error has happened.
    at::Tensor operator()(const std::string& name)
    {
        const auto found = m_slots.find(name);
        if (m_error || found == m_slots.end())
            return {};
        if (m_context.isCancelled()) {
            m_error = fail(ErrorCode::Cancelled, "Loading the model was cancelled.");
            return {};
        }
        auto tensor = m_read(*found->second);
        m_context.report("Loading the model", ++m_done, m_total);
        if (!tensor) {
            m_error = tensor.error();
            return {};
        }
        if (tensor->defined() ? tensor->sizes() != at::IntArrayRef(found->second->shape) : !found->second->isOptional) {
            m_error = fail(ErrorCode::ModelCorrupt, fmt::format("The tensor {} {}.", name, tensor->defined() ? "has another shape than the model's configuration says" : "is missing"),
                "Download or convert the model again.");
            return {};
        }
        return *tensor;
    }

    at::Tensor required(const std::string& name)
    {
        auto tensor = (*this)(name);
        if (!m_error && !tensor.defined())
            m_error = fail(ErrorCode::ModelCorrupt, fmt::format("The tensor {} is missing.", name), "Download or convert the model again.");
        return tensor;
    }

    /// Where a weight's values come from instead; null for those that are read.
    std::shared_ptr<const WeightSource> source(const std::string& name)
    {
        const auto* found = slot(name);
        if (m_error || !m_source || !found)
            return nullptr;
        auto source = m_source(*found);
        if (!source)
            m_error = source.error();
        if (m_error || !*source)
            return nullptr;
        m_context.report("Loading the model", ++m_done, m_total);
        if (m_context.isCancelled())
            m_error = fail(ErrorCode::Cancelled, "Loading the model was cancelled.");
        return *source;
    }

    const TensorSlot* slot(const std::string& name) const
    {
        const auto found = m_slots.find(name);
        return found == m_slots.end() ? nullptr : found->second;
    }
    const std::optional<Error>& error() const { return m_error; }

private:
    std::map<std::string, const TensorSlot*> m_slots;
    const ReadTensor& m_read;
    const GiveSource& m_source;
    const JobContext& m_context;
    std::optional<Error> m_error;
    std::uint64_t m_done = 0, m_total;
};

/// The linears of one group; null after an error.
std::unique_ptr<LinearGroup> readGroup(WeightReader& read, std::uint64_t id, const std::vector<std::string>& names, const Placement& placement,
    const std::shared_ptr<Buffer>& expanded)
{
    std::vector<LinearGroup::Member> members;
    for (const auto& name : names) {
        auto source = read.source(name + ".weight");
        const auto weight = source ? at::Tensor() : read.required(name + ".weight");
        const auto bias = read(name + ".bias");
        if (read.error())
            return nullptr;
        const auto* slot = read.slot(name + ".weight");
        members.push_back({name, slot->role, slot->layer, slot->shape[0], slot->shape[1], weight, bias, std::move(source)});
    }
    return std::make_unique<LinearGroup>(id, std::move(members), placement.stored, placement.compute, placement.device, placement.trainsBase, expanded);
}

std::unique_ptr<Norm> readNorm(WeightReader& read, const std::string& name, double epsilon, const Placement& placement)
{
    const auto weight = read.required(name);
    if (read.error())
        return nullptr;
    return std::make_unique<Norm>(name, weight, epsilon, placement.stored, placement.device, placement.trainsBase);
}

std::unique_ptr<Parameter> tableMaster(const std::string& name, const at::Tensor& weight, const at::Tensor& compute, const Placement& placement)
{
    if (!placement.trainsBase)
        return nullptr;
    auto master = std::make_unique<Parameter>();
    master->name = name;
    master->value = placement.compute == at::kFloat ? compute : weight.to(placement.device, at::kFloat).contiguous();
    master->grad = at::zeros_like(master->value);
    if (compute.scalar_type() == at::kBFloat16)
        master->copy = compute;
    return master;
}

}

Decoder::Decoder(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Placement& placement)
    : m_spec(spec)
    , m_slots(slots)
    , m_placement(placement)
    , m_rope(spec, placement.device)
{
}

Result<std::unique_ptr<Decoder>> Decoder::build(const ModelSpec& spec, const std::vector<TensorSlot>& slots, const Placement& placement,
    const ReadTensor& readTensor, const JobContext& context, const GiveSource& source)
{
    if (const auto feature = families::missingInFastDecoder(spec); !feature.empty())
        return fail(ErrorCode::ModelUnsupported, fmt::format("A model of the architecture {} {}, which this version cannot compute.", spec.architecture, feature), "Choose a model of the Llama family.");
    const at::NoGradGuard noGrad;
    WeightReader read(slots, readTensor, source, context);
    auto model = std::unique_ptr<Decoder>(new Decoder(spec, slots, placement));
    const auto table = [&](const at::Tensor& weight, at::Device device) {
        return weight.to(placement.trainsBase ? placement.compute : placement.stored).to(device, placement.compute).contiguous();
    };
    // Of the rows of a table of its own few are read at a time: where a base is kept small for want of room on a card, they come from the host.
    const bool isOnHost = source && !spec.tiedEmbeddings && read.slot("lm_head.weight");
    const auto embedding = read.required("model.embed_tokens.weight");
    if (embedding.defined()) {
        model->m_embedding = table(embedding, isOnHost ? at::Device(at::kCPU) : placement.device);
        model->m_embeddingMaster = tableMaster("model.embed_tokens.weight", embedding, model->m_embedding, placement);
    }
    const auto expanded = std::make_shared<Buffer>();
    for (std::int64_t l = 0; l < spec.layers && !read.error(); ++l) {
        const auto prefix = fmt::format("model.layers.{}.", l);
        const auto id = static_cast<std::uint64_t>(l) * 4;
        auto attentionNorm = readNorm(read, prefix + "input_layernorm.weight", spec.normEpsilon, placement);
        auto qkv = readGroup(read, id, {prefix + "self_attn.q_proj", prefix + "self_attn.k_proj", prefix + "self_attn.v_proj"}, placement, expanded);
        auto out = readGroup(read, id + 1, {prefix + "self_attn.o_proj"}, placement, expanded);
        auto mlpNorm = readNorm(read, prefix + "post_attention_layernorm.weight", spec.normEpsilon, placement);
        auto gateUp = readGroup(read, id + 2, {prefix + "mlp.gate_proj", prefix + "mlp.up_proj"}, placement, expanded);
        auto down = readGroup(read, id + 3, {prefix + "mlp.down_proj"}, placement, expanded);
        if (read.error())
            break;
        model->m_layers.push_back({std::make_unique<AttentionBlock>(spec, std::move(attentionNorm), std::move(qkv), std::move(out)),
            std::make_unique<MlpBlock>(std::move(mlpNorm), std::move(gateUp), std::move(down))});
    }
    auto norm = readNorm(read, "model.norm.weight", spec.normEpsilon, placement);
    const auto head = spec.tiedEmbeddings ? at::Tensor() : read("lm_head.weight");
    if (read.error())
        return *read.error();
    if (head.defined()) {
        auto weight = table(head, placement.device);
        model->m_headMaster = tableMaster("lm_head.weight", head, weight, placement);
        model->m_head = std::make_unique<Head>(std::move(norm), weight, model->m_headMaster.get());
    } else {
        model->m_embedding = model->m_embedding.to(placement.device);
        model->m_head = std::make_unique<Head>(std::move(norm), model->m_embedding, model->m_embeddingMaster.get());
    }
    return model;
}

std::vector<Linear*> Decoder::linears()
{
    std::vector<Linear*> result;
    for (auto& layer : m_layers) {
        for (auto* group : {&layer.attention->qkv(), &layer.attention->out(), &layer.mlp->gateUp(), &layer.mlp->down()}) {
            for (auto& linear : group->linears())
                result.push_back(&linear);
        }
    }
    return result;
}

LinearGroup* Decoder::groupOf(const std::string& name, std::size_t& member)
{
    for (auto& layer : m_layers) {
        for (auto* group : {&layer.attention->qkv(), &layer.attention->out(), &layer.mlp->gateUp(), &layer.mlp->down()}) {
            for (member = 0; member < group->linears().size(); ++member) {
                if (group->linears()[member].name == name)
                    return group;
            }
        }
    }
    return nullptr;
}

Linear* Decoder::findLinear(const std::string& name)
{
    std::size_t member = 0;
    auto* group = groupOf(name, member);
    return group ? &group->linears()[member] : nullptr;
}

std::int64_t Decoder::inputsOf(const std::string& name)
{
    std::size_t member = 0;
    const auto* group = groupOf(name, member);
    return group ? group->inputs() : 0;
}

void Decoder::setAdapter(const std::string& name, std::unique_ptr<LowRank> adapter)
{
    std::size_t member = 0;
    auto* group = groupOf(name, member);
    TORCH_CHECK(group, "no linear ", name);
    group->setAdapter(member, std::move(adapter));
    forgetRecorded();
    m_firstTrainedLayer = 0;
    while (m_firstTrainedLayer + 1 < m_layers.size()) {
        auto& layer = m_layers[m_firstTrainedLayer];
        if (layer.attention->qkv().isTrained() || layer.attention->out().isTrained() || layer.mlp->gateUp().isTrained() || layer.mlp->down().isTrained())
            break;
        ++m_firstTrainedLayer;
    }
}

at::Tensor Decoder::mergedWeight(const std::string& name)
{
    const at::NoGradGuard noGrad;
    for (auto* norm : norms()) {
        if (norm->name() == name)
            return norm->weight();
    }
    if (name == "model.embed_tokens.weight")
        return m_embeddingMaster ? m_embeddingMaster->value : m_embedding.to(at::kFloat);
    if (name == "lm_head.weight")
        return m_headMaster ? m_headMaster->value : m_head->weight().to(at::kFloat);
    const auto dot = name.rfind('.');
    std::size_t member = 0;
    const auto* group = groupOf(name.substr(0, dot), member);
    TORCH_CHECK(group, "the model has no tensor ", name);
    const auto& linear = group->linears()[member];
    if (name.substr(dot) == ".weight")
        return group->weightOf(linear, m_adapterScale);
    TORCH_CHECK(linear.hasBias, "the model has no tensor ", name);
    return group->biasOf(linear);
}

std::vector<Norm*> Decoder::norms()
{
    std::vector<Norm*> result;
    for (auto& layer : m_layers) {
        result.push_back(&layer.attention->norm());
        result.push_back(&layer.mlp->norm());
    }
    result.push_back(&m_head->norm());
    return result;
}

}
