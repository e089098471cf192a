// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/peft_adapter.h"
#include "model/network/network.h"

#include <functional>
#include <memory>
#include <string>

namespace attune::peft {

/// Makes the table of virtual tokens while training: a trained embedding, or a small network on one.
class VirtualEncoder
{
public:
    virtual ~VirtualEncoder() = default;
    /// [P, width] on the tape.
    virtual at::Tensor output(const model::HookState& state) = 0;
    virtual void appendParameters(std::vector<model::Parameter*>& parameters) = 0;
};

/// The table itself is what trains.
class PlainEncoder final : public VirtualEncoder
{
public:
    PlainEncoder(const at::Tensor& table, bool isTrained) : m_table("prompt_embeddings", table, isTrained) {}
    at::Tensor output(const model::HookState&) override { return m_table.leaf(); }
    void appendParameters(std::vector<model::Parameter*>& parameters) override { appendTrained(parameters, {&m_table}); }

private:
    model::TrainedTensor m_table;
};

/// A linear layer of an encoder: [out, in] and a bias from U(-1/sqrt(in), 1/sqrt(in)), torch's default.
struct EncoderLinear {
    EncoderLinear(const std::string& name, std::int64_t in, std::int64_t out, at::Generator& generator, at::Device device);
    at::Tensor operator()(const at::Tensor& x) const { return at::linear(x, weight.leaf(), bias.leaf()); }

    model::TrainedTensor weight, bias;
};

/// A table of virtual tokens as embeddings [P, C], or as keys and values [P, 2 · layers · kv width]: layer i
/// takes columns 2i and 2i + 1, each of kv width.
class EncodedTokens final : public model::VirtualTokens
{
public:
    EncodedTokens(const families::ModelSpec& spec, std::int64_t count, bool isPrefix, std::unique_ptr<VirtualEncoder> encoder)
        : m_spec(spec), m_count(count), m_isPrefix(isPrefix), m_encoder(std::move(encoder)) {}

    std::int64_t count() const override { return m_count; }
    void prepare(const model::HookState& state) override { m_table = m_encoder->output(state); }
    bool isPrefix() const override { return m_isPrefix; }
    at::Tensor embeddings() override { return m_table; }
    KeysValues keysValues(std::int64_t layer) override;
    void appendParameters(std::vector<model::Parameter*>& parameters) override { m_encoder->appendParameters(parameters); }

    /// What the adapter's file holds, off the tape.
    at::Tensor table();

private:
    const families::ModelSpec m_spec;
    const std::int64_t m_count;
    const bool m_isPrefix;
    const std::unique_ptr<VirtualEncoder> m_encoder;
    at::Tensor m_table;
};

/// Puts virtual tokens on the network and tells it how they are saved: config is completed with PEFT's
/// common keys, the file holds the table alone.
void setVirtualTokens(model::Network& network, Json config, std::int64_t count, bool isPrefix, std::unique_ptr<VirtualEncoder> encoder);
/// Reads the table of an adapter; it trains on as a plain table.
Status loadVirtualTokens(model::Network& network, const formats::PeftAdapter& adapter, bool isTrainable);

}
