// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "exporter/target.h"

#include <fmt/format.h>

namespace attune::exporter {
namespace {

/// The checkpoint's adapter is a PEFT folder already; the tokenizer and template go with it, so that
/// it can be used where it lands.
Result<Written> write(Source& source, const std::string& out, const JobContext&)
{
    if (!source.adapter())
        return fail(ErrorCode::Unsupported, "The run trained the whole model and has no adapter.", "Use attune export merged.");
    ATTUNE_RETURN_IF_ERROR(makeFolder(out));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(source.weights())) {
        fs::copy_file(entry.path(), fs::path(out) / entry.path().filename(), fs::copy_options::overwrite_existing, error);
        if (error)
            return failSystem(out, "write", error.value());
    }
    if (source.base().format == families::ModelFormat::HfFolder)
        for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model"})
            fs::copy_file(fs::path(source.base().path) / name, fs::path(out) / name, fs::copy_options::overwrite_existing, error);
    ATTUNE_TRY(const auto chatTemplate, source.chatTemplate());
    if (chatTemplate)
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(out + "/chat_template.jinja", *chatTemplate));
    return Written {.model = source.base().path, .adapter = out, .llamaModel = {}, .llamaAdapter = {}, .temporary = {}};
}

}

const Target& peft()
{
    static const Target target {
        .id = "peft", .displayName = "PEFT adapter", .sentence = "A small folder for Hugging Face PEFT, vLLM and others that load an adapter on the base model.", .isFolder = true, .takesLabels = true, .write = write};
    return target;
}

}
