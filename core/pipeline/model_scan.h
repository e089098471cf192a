// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A model that another program keeps on this computer.
struct FoundModel {
    std::string name;     ///< "Qwen/Qwen2.5-0.5B-Instruct", "llama3.2:1b"
    std::string path;     ///< GGUF file or HF folder, as Attune opens it
    std::string source;   ///< "Hugging Face cache", "LM Studio", "Ollama"
    std::uint64_t bytes = 0;
    std::string problem;  ///< why it cannot be used, such as files that are missing; empty: nothing was seen

    Json toJson() const;
};

/// Where the three programs keep their models, from their environment variables or their habits.
struct ModelPlaces {
    std::string huggingFace, ollama;
    std::vector<std::string> lmStudio;
    static ModelPlaces ofThisUser();
};

/// Looks through those places without writing anything; unreadable folders are passed over. Sorted by source and name.
/// Layouts: huggingface_hub docs manage-cache.md; LM Studio docs, import; ollama docs (manifests and blobs).
std::vector<FoundModel> findModels(const ModelPlaces& places, const JobContext& context);

}
