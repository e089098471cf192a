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
    bool skipsSpecial = false;
};

Error notIds()
{
    return fail(ErrorCode::FileCorrupt, "The line is no JSON object with an array of numbers \"ids\".", "Send one object a line: {\"ids\": [1, 2]}.");
}

LineFunction detokenizeLine(const std::shared_ptr<const tokenizer::Tokenizer>& tokenizer, bool skipsSpecial)
{
    auto parser = std::make_shared<simdjson::ondemand::parser>();
    auto ids = std::make_shared<std::vector<std::int32_t>>();
    return [=](std::string_view line, OutputBuffer& out) -> Status {
        simdjson::ondemand::document document;
        simdjson::ondemand::array array;
        const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + kLinePadding);
        if (parser->iterate(padded).get(document) || document["ids"].get_array().get(array))
            return notIds();
        ids->clear();
        for (auto value : array) {
            std::int64_t id = 0;
            if (value.get_int64().get(id))
                return notIds();
            if (id < 0 || id >= tokenizer->vocabSize())
                return fail(ErrorCode::FileCorrupt, fmt::format("{} is no token id of this model, which has {}.", id, tokenizer->vocabSize()),
                    "Use ids of the same model.");
            ids->push_back(static_cast<std::int32_t>(id));
        }
        out.append(toLine(Json {{"text", tokenizer->decode(*ids, skipsSpecial)}}));
        out.append("\n");
        return {};
    };
}

}

const Command& detokenize()
{
    static const Command command {"detokenize", "Turn the token ids of JSON lines back into text", [](CLI::App& app) -> Action {
        auto values = std::make_shared<Values>();
        app.add_option("-m,--model", values->model, "Registered model, GGUF file, HF folder or run")->required();
        app.add_flag("--skip-special", values->skipsSpecial, "Leave special tokens out of the text");
        return [values](Session& session) -> Status {
            ATTUNE_TRY(const auto place, pipeline::findModel([&] { return session.store(); }, values->model));
            ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(place.path));
            return mapLines(session, [&] { return detokenizeLine(tokenizer, values->skipsSpecial); });
        };
    }};
    return command;
}

}
