// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "pipeline/engine.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Values {
    std::string model, adapter, checkpoint, dtype = "float32", device = "cpu", out;
    int threads = 0;
};

Result<std::vector<std::vector<std::int32_t>>> readSequences(std::istream& in)
{
    std::vector<std::vector<std::int32_t>> sequences;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        ATTUNE_TRY(const auto json, parseJson(line));
        const auto ids = json.is_object() ? json.find("ids") : json.end();
        const bool isList = json.is_object() && ids != json.end() && ids->is_array()
            && std::all_of(ids->begin(), ids->end(), [](const Json& id) { return id.is_number_integer() && id >= 0 && id <= INT32_MAX; });
        if (!isList)
            return fail(ErrorCode::FileCorrupt, fmt::format("Line {} is no JSON object with a list \"ids\".", number), "Send one object a line: {\"ids\": [1, 2]}.");
        sequences.push_back(ids->get<std::vector<std::int32_t>>());
    }
    return sequences;
}

}

const Command& logits()
{
    static const Command command {"logits", "Write a model's logits for token ids read from JSON lines", [](CLI::App& app) -> Action {
        auto values = std::make_shared<Values>();
        app.add_option("-m,--model", values->model, "Registered model, GGUF file, HF folder or run")->required();
        app.add_option("--adapter", values->adapter, "PEFT folder, GGUF adapter or run");
        app.add_option("--checkpoint", values->checkpoint, "Of a run: best, last or a step");
        app.add_option("--dtype", values->dtype, "float32, bfloat16 or float16")->capture_default_str();
        app.add_option("--device", values->device, "auto, cpu or cuda:N")->capture_default_str();
        app.add_option("--threads", values->threads, "CPU threads; 0 = all");
        app.add_option("--out", values->out, "The safetensors file to write")->required();
        return [values](Session& session) -> Status {
            const auto openStore = [&] { return session.store(); };
            ATTUNE_TRY(const auto place, pipeline::findModel(openStore, values->model, values->checkpoint));
            pipeline::ModelWithAdapter model {{}, place.adapter, 1.0, values->dtype, values->device, values->threads};
            ATTUNE_TRY(model.model, families::openModel(place.path));
            if (!values->adapter.empty()) {
                ATTUNE_TRY(model.adapter, pipeline::findAdapter(openStore, values->adapter, values->checkpoint));
            }
            ATTUNE_TRY(const auto sequences, readSequences(session.in()));
            ATTUNE_TRY(auto* engine, pipeline::openEngine());
            ATTUNE_RETURN_IF_ERROR(engine->logits(model, sequences, absolutePath(values->out), session.context()));
            session.print({{"path", absolutePath(values->out)}, {"sequences", sequences.size()}}, absolutePath(values->out) + "\n");
            return {};
        };
    }};
    return command;
}

}
