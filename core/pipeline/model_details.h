// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::pipeline {

/// One file of a model, with the SHA-256 that it had when it was looked at last.
struct ModelFile {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256;        ///< empty: not looked at yet
    std::string problem;       ///< after verifying: "It has changed since it was added."
};

/// What a training step of a method needs at a context, one row at a time.
struct MemoryCell {
    std::int64_t context = 0;
    std::string method;        ///< "LoRA", "LoRA, 4-bit", "All weights"
    std::int64_t bytes = 0;    ///< 0: not possible
    bool fits = false;
};

/// Whether and how a model can be trained on this machine, for a list.
struct TrainVerdict {
    enum class Level { Yes, Tight, No } level = Level::No;
    std::string text;          ///< "yes: LoRA about 0.8 GiB", "4-bit only: about 5.1 GiB", "no: …"
};

/// Everything that is shown of one model.
struct ModelDetails {
    families::ModelSource source;
    std::string licence;       ///< as the files name it; empty: they do not
    std::string templateText;  ///< a short conversation as its chat template writes it; empty: it has none
    std::string templateProblem;
    std::vector<ModelFile> files;
    std::vector<MemoryCell> memory;  ///< by context, then method
    std::int64_t availableBytes = 0;
};

/// Opens a registered model and looks at its files; hashes come from the row. Errors: ModelMissing, ModelCorrupt.
Result<ModelDetails> modelDetails(store::Store& store, const store::ModelRow& row, const JobContext& context);

/// From the shapes alone: nothing is loaded.
TrainVerdict trainVerdict(const store::Store& store, const families::ModelSource& model);

/// "apache-2.0" from a GGUF's metadata or the head of a folder's README.
std::string licenceOf(const families::ModelSource& model);

/// Reads every file of a model and compares it with what was kept of it, or, where nothing was, with the hash that the
/// program that downloaded it put into the file's name (Hugging Face's blobs, Ollama). The hashes are kept in the row.
/// Errors: ModelMissing, those of reading, Cancelled.
Result<std::vector<ModelFile>> verifyModel(store::Store& store, const std::string& name, const JobContext& context);

/// Says where the file or folder of a registered model is now; name, notes and known checksums stay. Errors: ModelMissing,
/// ModelCorrupt, those of opening; Usage where another model lies at path.
Status relocateModel(store::Store& store, const std::string& name, const std::string& path);

}
