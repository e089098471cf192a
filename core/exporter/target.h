// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "exporter/trained_model.h"
#include "formats/peft_adapter.h"
#include "model/causal_lm.h"
#include "pipeline/engine.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace attune::exporter {

/// What a target works from: a run's checkpoint on its base model. The trained model is loaded on
/// first need, in float32, and can be let go to make room.
class Source
{
public:
    /// Errors: CheckpointMissing, AdapterMismatch, those of reading.
    static Result<Source> open(const pipeline::ExportRequest& request);

    const pipeline::ExportRequest& request() const { return m_request; }
    const families::ModelSource& base() const { return m_request.base; }
    bool isFullModel() const { return m_isFullModel; }
    /// The checkpoint's adapter/ or model/ folder.
    const std::string& weights() const { return m_weights; }
    /// Null after full fine-tuning.
    const formats::PeftAdapter* adapter() const { return m_adapter ? &*m_adapter : nullptr; }
    /// Stays until unload().
    Result<const TrainedModel*> trained(const JobContext& context);
    /// Whether the run computed with other weights than trained() does: a frozen base in another type than float32, or quantised.
    bool isRounded() const;
    /// The run on its base as it was held in training. Errors: as loadTrained.
    Result<TrainedModel> asTrained(const JobContext& context) const;
    void unload() { m_trained.reset(); }
    /// The head of labels that the run trained, or its base has; none where it writes text.
    Result<families::TaskHead> head() const;
    /// The chat template that the run was trained with; nothing when it used none.
    Result<std::optional<std::string>> chatTemplate() const;

private:
    std::string heldType() const;
    std::string heldBlocks() const;

    pipeline::ExportRequest m_request;
    std::string m_weights;
    bool m_isFullModel = false;
    std::optional<formats::PeftAdapter> m_adapter;
    std::optional<TrainedModel> m_trained;
};

/// What was written, as verification opens it.
struct Written {
    std::string model;         ///< for our engine: GGUF file or HF folder
    std::string adapter;       ///< on it, or empty
    std::string llamaModel;    ///< for llama.cpp; empty when the target is not made for it
    std::string llamaAdapter;
    std::string temporary;     ///< removed after verification, or empty
};

/// One kind of export. Files are written below `out`, a temporary name; exportRun verifies and renames.
struct Target {
    std::string id;            ///< "gguf-lora"
    std::string displayName;
    std::string sentence;      ///< what it is for
    bool isFolder = false;
    bool takesLabels = false;  ///< also of a model that answers with labels
    Result<Written> (*write)(Source& source, const std::string& out, const JobContext& context) = nullptr;
};

/// All targets, sorted by file name; generated from targets/*.cpp.
std::span<const Target* const> all();
const Target* findById(std::string_view id);

}
