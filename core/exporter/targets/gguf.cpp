// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/gguf_model.h"
#include "exporter/target.h"

namespace attune::exporter {
namespace {

Result<Written> write(Source& source, const std::string& out, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(writeMergedGguf(source, out, source.request().type, context));
    return Written {.model = out, .adapter = {}, .llamaModel = out, .llamaAdapter = {}, .temporary = {}};
}

}

const Target& gguf()
{
    static const Target target {.id = "gguf", .displayName = "GGUF model", .sentence = "One file with the training merged in, for llama.cpp, LM Studio and others.", .isFolder = false, .write = write};
    return target;
}

}
