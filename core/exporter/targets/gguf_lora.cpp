// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/gguf_model.h"
#include "exporter/target.h"
#include "families/adapter.h"

#include <fmt/format.h>

namespace attune::exporter {
namespace {

Result<Written> write(Source& source, const std::string& out, const JobContext& context)
{
    if (!source.adapter())
        return fail(ErrorCode::Unsupported, "The run trained the whole model and has no adapter.", "Use attune export gguf.");
    const std::string& type = source.request().type;
    const bool isFloat = type == "f32" || type == "F32";
    if (!isFloat && type != "f16" && type != "F16")
        return fail(ErrorCode::Usage, fmt::format("An adapter cannot be written as \"{}\".", type), "One of: f32, f16.");
    ATTUNE_RETURN_IF_ERROR(families::writeGgufLora(out, *source.adapter(), source.base(), isFloat ? formats::kGgmlF32 : formats::kGgmlF16));
    Written written {.model = source.base().path, .adapter = out, .llamaModel = source.base().path, .llamaAdapter = out, .temporary = {}};
    if (source.base().format == families::ModelFormat::HfFolder && source.request().verify) {
        // llama.cpp needs the base as GGUF for the check.
        written.temporary = written.model = written.llamaModel = out + ".base";
        ATTUNE_RETURN_IF_ERROR(writeBaseGguf(source.base(), written.temporary, context));
    }
    return written;
}

}

const Target& gguf_lora()
{
    static const Target target {.id = "gguf-lora", .displayName = "GGUF adapter", .sentence = "A small file that llama.cpp loads on the base model's GGUF.", .isFolder = false, .write = write};
    return target;
}

}
