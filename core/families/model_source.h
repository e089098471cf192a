// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/family.h"

#include <memory>
#include <string>

namespace attune::families {

enum class ModelFormat { HfFolder, Gguf };

/// A model's files, opened and understood but not loaded: what `model info` shows and what the
/// engine loads from. Immutable value; any thread.
struct ModelSource {
    std::string name;          ///< registered name or the file's stem
    std::string path;          ///< GGUF file or HF folder, absolute
    ModelFormat format = ModelFormat::Gguf;
    const Family* family = nullptr;  ///< null when the architecture is unknown
    ModelSpec spec;            ///< filled as far as the file tells, also for unknown families
    std::int64_t parameters = 0;
    std::string tokenizer;     ///< "bpe (smollm)", "sentencepiece", "wordpiece", …
    bool hasChatTemplate = false;
    bool isTrainable = false;
    std::string reason;        ///< why not trainable, in a sentence
    std::string storedType;    ///< "Q4_1", "bfloat16": what most weights are stored as
    std::uint64_t bytes = 0;   ///< on disk

    /// The fields of `model info --json` (cli.md).
    Json toJson() const;
};

/// Opens a GGUF file or an HF folder. Errors: ModelMissing, ModelCorrupt. An unknown architecture is
/// no error: isTrainable is false and reason says why.
Result<ModelSource> openModel(const std::string& path);

}
