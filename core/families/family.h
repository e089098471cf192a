// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "families/model_spec.h"

#include <span>
#include <string>
#include <vector>

namespace attune::formats {
class GgufFile;
}

namespace attune::families {

/// What an encoder calls the layers of its heads of labels (a decoder has `score`).
struct LabelHeadNames {
    std::string dense {};                 ///< before the answer for a whole text: "classifier.dense"; empty: none
    std::string norm {};                  ///< behind it; empty: none
    std::string output {};                ///< the labels of a whole text: "classifier.out_proj"
    std::string tokenOutput {};           ///< the labels of each token: "classifier"
    bool isPooler = false;             ///< the dense layer is the model's own and no part of the head (BERT)
    bool tokensPassDense = false;      ///< tokens go through dense and norm, too (ModernBERT)
};

/// One model family as data: how its files name things and what they mean. No modules, no torch:
/// `model info`, `model fit`, `recipe check` and the Train page work from this alone.
struct Family {
    std::string id;                            ///< stable: stored in runs and checkpoints
    std::string displayName;
    std::vector<std::string> hfArchitectures;  ///< config.json's architectures
    std::vector<std::string> hfModelTypes;     ///< config.json's model_type
    std::vector<std::string> ggufArchitectures;
    std::string reference;                     ///< paper or reference implementation
    std::string defaultChatTemplate;           ///< offered when a model has none: "chatml"
    Result<ModelSpec> (*fromConfig)(const Json& config) = nullptr;
    Result<ModelSpec> (*fromGguf)(const formats::GgufFile& file) = nullptr;
    /// All weights of a model of this family; a test proves the names one to one.
    std::vector<TensorSlot> (*tensors)(const ModelSpec& spec) = nullptr;
    /// config.json for a merged export; inverse of fromConfig.
    Json (*toConfig)(const ModelSpec& spec) = nullptr;
    /// Keys of a GGUF file beside the common ones, without the architecture's prefix; whole numbers become u32.
    /// Null: there are none.
    Json (*ggufParameters)(const ModelSpec& spec) = nullptr;
    /// Why llama.cpp does not compute this variant, or empty. Null: it lacks dynamic and long rotary scaling only.
    std::string (*reasonAgainstGguf)(const ModelSpec& spec) = nullptr;
    LabelHeadNames labelHead {};
};

/// All families, sorted by id; generated from families/all/*.cpp.
std::span<const Family* const> all();
const Family* findById(std::string_view id);
/// By config.json or by GGUF architecture; null when unknown.
const Family* findByConfig(const Json& config);
const Family* findByGguf(std::string_view architecture);

}
