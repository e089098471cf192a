// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "cli/line_mapper.h"

#include "pipeline/model_lookup.h"
#include "tokenizer/tokenizer.h"

#include <simdjson.h>

namespace attune::cli {
namespace {

struct Values {
    std::string model;
    bool omitsSpecial = false;
};

LineFunction tokenizeLine(const std::shared_ptr<const tokenizer::Tokenizer>& tokenizer, tokenizer::SpecialTokens special)
{
    auto parser = std::make_shared<simdjson::ondemand::parser>();
    auto ids = std::make_shared<std::vector<std::int32_t>>();
    return [=](std::string_view line, OutputBuffer& out) -> Status {
        simdjson::ondemand::document document;
        std::string_view text;
        const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + kLinePadding);
        if (parser->iterate(padded).get(document) || document["text"].get_string().get(text))
            return fail(ErrorCode::FileCorrupt, "The line is no JSON object with a string \"text\".", "Send one object a line: {\"text\": \"…\"}.");
        ids->clear();
        tokenizer->encode(text, special, *ids);
        out.append("{\"ids\":[");
        char* to = out.room(ids->size() * 11 + 4);
        for (std::size_t i = 0; i < ids->size(); ++i) {
            to = writeNumber(to, static_cast<std::uint32_t>((*ids)[i]));
            *to++ = ',';
        }
        to -= !ids->empty();
        std::memcpy(to, "]}\n", 3);
        out.advance(to + 3);
        return {};
    };
}

}

const Command& tokenize()
{
    static const Command command {"tokenize", "Turn the texts of JSON lines into token ids", [](CLI::App& app) -> Action {
        auto values = std::make_shared<Values>();
        app.add_option("-m,--model", values->model, "Registered model, GGUF file, HF folder or run")->required();
        app.add_flag("--no-special", values->omitsSpecial, "Leave out the start and end tokens that the model adds");
        return [values](Session& session) -> Status {
            ATTUNE_TRY(const auto place, pipeline::findModel([&] { return session.store(); }, values->model));
            ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(place.path));
            const auto special = values->omitsSpecial ? tokenizer::SpecialTokens::Omit : tokenizer::SpecialTokens::Add;
            return mapLines(session, [&] { return tokenizeLine(tokenizer, special); });
        };
    }};
    return command;
}

}
