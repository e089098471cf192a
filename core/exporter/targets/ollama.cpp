// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "exporter/gguf_model.h"
#include "exporter/modelfile.h"
#include "exporter/target.h"
#include "families/adapter.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

namespace attune::exporter {
namespace {

/// The base's GGUF beside the adapter: a hard link where the disk allows it, else a copy.
Status placeBase(const std::string& from, const std::string& to)
{
    std::error_code error;
    fs::create_hard_link(from, to, error);
    if (error)
        fs::copy_file(from, to, error);
    return error ? Status(failSystem(to, "write", error.value())) : Status();
}

Result<OllamaChat> chatOf(const Source& source)
{
    ATTUNE_TRY(const auto text, source.chatTemplate());
    const auto tokenizer = tokenizer::loadTokenizer(source.base().path);
    if (!text || !tokenizer)
        return OllamaChat {};  // a model that continues text: Ollama's default template passes the prompt on
    tokenizer::ChatTemplate::Options options;
    if ((*tokenizer)->startToken() >= 0)
        options.startToken = (*tokenizer)->piece((*tokenizer)->startToken());
    if ((*tokenizer)->endToken() >= 0)
        options.endToken = (*tokenizer)->piece((*tokenizer)->endToken());
    ATTUNE_TRY(const auto chat, tokenizer::ChatTemplate::parse(*text, options));
    ATTUNE_TRY(auto result, ollamaChat(chat, (*tokenizer)->addsStartToken() ? options.startToken : std::string()));
    if (result.stops.empty() && !options.endToken.empty())
        result.stops.push_back(options.endToken);
    return result;
}

/// auto: the base's own GGUF with the adapter beside it where both can be, else one merged file.
Result<Written> write(Source& source, const std::string& out, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(out));
    ATTUNE_TRY(const auto chat, chatOf(source));
    std::string type = source.request().type;
    const bool isAuto = type.empty() || type == "auto";
    const bool canAdapt = source.adapter() && source.base().format == families::ModelFormat::Gguf && families::reasonAgainstGguf(*source.adapter(), source.base()).empty();
    Written written;
    if (isAuto && canAdapt) {
        written.model = written.llamaModel = out + "/base.gguf";
        written.adapter = written.llamaAdapter = out + "/adapter.gguf";
        ATTUNE_RETURN_IF_ERROR(placeBase(source.base().path, written.model));
        ATTUNE_RETURN_IF_ERROR(families::writeGgufLora(written.adapter, *source.adapter(), source.base(), formats::kGgmlF16));
    } else {
        written.model = written.llamaModel = out + "/model.gguf";
        ATTUNE_RETURN_IF_ERROR(writeMergedGguf(source, written.model, isAuto ? "f16" : type, context));
    }
    const std::string modelfile = modelfileText(written.adapter.empty() ? "./model.gguf" : "./base.gguf", written.adapter.empty() ? "" : "./adapter.gguf", chat);
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(out + "/Modelfile", modelfile));
    return written;
}

}

const Target& ollama()
{
    static const Target target {.id = "ollama", .displayName = "Ollama", .sentence = "A folder with a Modelfile; `ollama create NAME -f Modelfile` makes it a model there.", .isFolder = true, .write = write};
    return target;
}

}
