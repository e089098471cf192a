// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "exporter/target.h"
#include "formats/gguf_writer.h"

#include <string>

namespace attune::exporter {

/// Metadata of a model file: copied from the base where that is a GGUF file (its quantisation left
/// out), else built from config.json and the tokenizer's files (formats.md §4.2 to §4.4). The chat
/// template is the one the run was trained with.
Status addMetadata(formats::GgufWriter& writer, const Source& source);

/// Writes the merged model as one GGUF file of `type` ("f16", "q8_0", "Q4_K_M", …). Matrices are
/// converted one at a time; types that mix precisions go through a float file beside `path`.
/// Errors: Usage (unknown type), Unsupported, DiskFull, DiskWrite, Cancelled.
Status writeMergedGguf(Source& source, const std::string& path, const std::string& type, const JobContext& context);

/// The base model alone as GGUF, in the precision it is stored in and without a tokenizer, for running
/// an adapter on it where the base is a Hugging Face folder.
Status writeBaseGguf(const families::ModelSource& base, const std::string& path, const JobContext& context);

}
