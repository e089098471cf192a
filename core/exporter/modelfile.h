// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "tokenizer/chat_template.h"

#include <string>
#include <vector>

namespace attune::exporter {

/// What an Ollama Modelfile needs beside the weights (github ollama/ollama, docs/modelfile.md). Ollama
/// writes templates in Go's text/template; this is found by rendering the model's own Jinja template
/// with markers in place of the contents and reading off what stands around them.
struct OllamaChat {
    std::string goTemplate;          ///< TEMPLATE
    std::string systemPrompt;        ///< SYSTEM: what the model's template says when no one else does
    std::vector<std::string> stops;  ///< PARAMETER stop: ends of turns
};

/// startToken is left out of the template: the runtime adds it. Errors: TemplateBroken, Unsupported
/// when the rendering depends on more than roles and contents.
Result<OllamaChat> ollamaChat(const tokenizer::ChatTemplate& chat, const std::string& startToken);

/// The Modelfile's text; from and adapter are paths as Ollama resolves them (relative to the file).
std::string modelfileText(const std::string& from, const std::string& adapter, const OllamaChat& chat);

}
