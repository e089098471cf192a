// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/model_details.h"

namespace attune::cli {

const Command& model_verify()
{
    static const Command command {"model verify", "Read a registered model's files and compare their checksums", [](CLI::App& app) -> Action {
        auto name = std::make_shared<std::string>();
        app.add_option("model", *name, "Registered name")->required();
        return [name](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto files, pipeline::verifyModel(*store, *name, session.context()));
            Json list = Json::array();
            std::string text;
            const pipeline::ModelFile* damaged = nullptr;
            for (const auto& file : files) {
                list.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}, {"problem", file.problem}});
                text += fmt::format("{}  {}{}\n", file.sha256, file.name, file.problem.empty() ? "" : "  " + file.problem);
                damaged = damaged || file.problem.empty() ? damaged : &file;
            }
            session.print(list, text);
            if (damaged)
                return fail(ErrorCode::ModelCorrupt, fmt::format("{} of {}: {}", damaged->name, *name, damaged->problem), "Download it again, or add it anew if the change was meant.");
            return {};
        };
    }};
    return command;
}

}
