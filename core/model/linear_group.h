// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_spec.h"
#include "model/buffer.h"
#include "model/causal_lm.h"
#include "model/packed_linear.h"
#include "model/weight_source.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::model {

/// A trainable low-rank update of one linear: y += scaling · B A dropout(x) (Hu et al. 2021).
struct LowRank {
    Parameter a;  ///< [R, in]
    Parameter b;  ///< [out, R]
    double scaling = 1.0;
    double dropout = 0.0;
    bool isTrained = true;
    std::int64_t column = 0;  ///< first of its R columns within the group

    std::int64_t rank() const { return a.value.size(0); }
};

/// One linear layer as files know it: some rows of its group's weight.
struct Linear {
    std::string name;  ///< module path: "model.layers.0.self_attn.q_proj"
    families::Role role = families::Role::Other;
    std::int64_t layer = -1;
    std::int64_t row = 0, out = 0;
    bool hasBias = false;
    std::unique_ptr<LowRank> adapter;
    std::unique_ptr<Parameter> weight, bias;  ///< float32 masters in full fine-tuning, else null
};

/// What dropout needs of a forward pass, so that the backward pass draws the same masks.
struct DropoutState {
    bool isActive = false;
    std::uint64_t stream = 0;
};

/// Linears that read the same input (q, k, v; gate, up), computed as one matrix product.
///
/// The weight is kept as [N, K + R]: behind the K columns of the base stand scaling · B of all adapters,
/// block-diagonal. With x A^T written behind x, [x | x A^T] [W | s B]^T is the adapted output in one
/// product, and the backward product gives dx and d(x A^T) at once: no separate pass over y, and the
/// bfloat16 base is never mixed with the small update. On a CPU with tile units a frozen base is kept in
/// their order instead (packed_linear.h); a quantised one stays as its codes and is put together for each
/// product, in a buffer that all groups of a model share. K: inputs, N: outputs of all members, R: ranks of
/// all members, T: tokens.
class LinearGroup
{
public:
    /// weight [out, in], or where its values come from.
    struct Member { std::string name; families::Role role; std::int64_t layer, out, in; at::Tensor weight, bias; std::shared_ptr<const WeightSource> source; };
    /// compute: what products run in; stored: what the base is kept in (float16 on a CPU, say).
    /// id: unique in the model, so that no two groups draw the same dropout masks. expanded: where weights of sources are put
    /// together; all members have one, or none has.
    LinearGroup(std::uint64_t id, std::vector<Member> members, at::ScalarType stored, at::ScalarType compute, at::Device device, bool isTrained,
        std::shared_ptr<Buffer> expanded = nullptr);

    std::int64_t inputs() const { return m_inputs; }
    std::int64_t outputs() const { return m_outputs; }
    std::int64_t rank() const { return m_rank; }
    std::int64_t width() const { return m_inputs + m_rank; }  ///< columns that an input buffer needs
    std::vector<Linear>& linears() { return m_linears; }
    const std::vector<Linear>& linears() const { return m_linears; }
    bool isTrained() const;

    /// x [T, K + R] holds the input in its first K columns; the rest is filled here.
    void project(const at::Tensor& x, const DropoutState& dropout, const at::Tensor& scratch) const;
    /// project(), then out [T, N] = addend + adapted linear of x; addend may be out itself, or undefined.
    void forward(const at::Tensor& x, const at::Tensor& out, const at::Tensor& addend, const DropoutState& dropout, const at::Tensor& scratch);
    enum class InputGradient { Wanted, NotNeeded };
    /// gradX [T, K + R]: its first K columns become dL/dx. Adds the gradients of trained tensors.
    /// x as in forward(); scratch [T, K] is used by dropout only.
    void backward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX, InputGradient wanted,
        const DropoutState& dropout, const at::Tensor& scratch);

    // backward() of a group without adapters, in two steps: what a layer keeps of x may come with the first.
    /// gradX [T, K] = dL/dx.
    void backwardInput(const at::Tensor& gradOut, const at::Tensor& gradX);
    /// Adds the gradients of trained weights and biases; input [T, K].
    void addBaseGradients(const at::Tensor& gradOut, const at::Tensor& input);

    /// The frozen weight in the order of the tile units, for layers that keep what lies between two products tiled;
    /// null where the products are ATen's, and where there is a bias.
    const PackedLinear* tiles() const { return m_bias.defined() ? nullptr : m_packed.get(); }
    /// Adds the gradients of adapters without dropout: x [T, K] and gradOut [T, N], by rows or tiled; low = x A^T and
    /// gradLow = dL/d(x A^T), both [T, R].
    void addAdapterGradients(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& low, const at::Tensor& gradLow);

    /// Puts adapters on members (same order as linears(), null = none or keep).
    void setAdapter(std::size_t member, std::unique_ptr<LowRank> adapter);
    /// Copies masters into what products read; scale multiplies every adapter.
    void refresh(double adapterScale);

    /// Before steps: a frozen float32 weight goes into the order of the tile units, where they serve; what is only evaluated or
    /// answered stays with plain products.
    void prepareTraining(double adapterScale);

    /// float32 weight of a member with its adapter merged in, or without.
    at::Tensor weightOf(const Linear& linear, double adapterScale) const;
    at::Tensor biasOf(const Linear& linear) const;
    void appendParameters(std::vector<Parameter*>& parameters);

    /// The gradients of trained weights (not of biases and adapters) hold anything: the next backward() overwrites them.
    void overwriteGradients() { m_overwrites = true; }
    /// None came: they are zero.
    void settleGradients();

private:
    at::Tensor usableWeight();
    at::Tensor expandedWeight();
    at::Tensor baseWeight(const Linear& linear) const;
    void pack(bool isForTraining);
    void unpack();
    void addLowRankGradients(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& gradX, InputGradient wanted,
        const DropoutState& dropout, const at::Tensor& scratch);
    void addProductGradient(const at::Tensor& g, const at::Tensor& x, double scale, const at::Tensor& gradient) const;
    void growTo(std::int64_t rank);

    std::uint64_t streamOf(const DropoutState& dropout, const LowRank& adapter) const;
    bool drops(const DropoutState& dropout) const;

    const std::uint64_t m_id;
    std::int64_t m_inputs = 0, m_outputs = 0, m_rank = 0;
    at::ScalarType m_compute;
    at::Device m_device;
    at::Tensor m_weight;   ///< [N, K + R] when stored == compute, else [N, K] in the stored type; undefined when packed or of sources
    std::vector<std::shared_ptr<const WeightSource>> m_sources;  ///< one a member, or none
    std::shared_ptr<Buffer> m_expanded;
    std::unique_ptr<PackedLinear> m_packed;
    at::Tensor m_up;       ///< [N, R] scaling · B, only when stored != compute or of sources
    at::Tensor m_down;     ///< [R, K] all A in the compute type
    bool m_overwrites = false;
    at::Tensor m_bias;     ///< [N] compute type, may be undefined
    std::vector<Linear> m_linears;
};

}
