// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/answers.h"

#include "engine/chat_session.h"
#include "tokenizer/prompt.h"

#include <fmt/format.h>

namespace attune::engine {

Result<Answers> answerRows(model::CausalLm& model, const tokenizer::Tokenizer& tokenizer, const tokenizer::ChatTemplate* chat,
    const pipeline::EvalRequest& request, const JobContext& context)
{
    model.setTraining(false);
    const auto rows = request.limit > 0 ? std::min(request.limit, request.data->rows()) : request.data->rows();
    Answers answers;
    const auto ends = tokenizer.endOfGeneration();
    for (std::int64_t row = 0; row < rows; ++row) {
        context.report("Generating answers", static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(rows));
        ATTUNE_TRY(const auto record, request.data->record(row));
        const auto asked = tokenizer::promptOf(tokenizer, chat, record);
        if (!asked) {
            answers.skipped.emplace_back(row, asked.error().message);
            continue;
        }
        const auto result = continueText(model, asked->ids, request.maxNewTokens, {}, ends, context, [](std::int32_t) {});
        if (result.stopReason == "stopped")
            return fail(ErrorCode::Cancelled, "The evaluation was cancelled.");
        answers.tokens += static_cast<std::int64_t>(result.ids.size());
        answers.texts.push_back({tokenizer.decode(result.ids, true), asked->answer});
    }
    if (answers.texts.empty())
        return fail(ErrorCode::NothingTrained, fmt::format("None of {} rows has a prompt with an answer to compare with.{}", rows,
            answers.skipped.empty() ? "" : " Row " + std::to_string(answers.skipped.front().first) + ": " + answers.skipped.front().second),
            "Map columns to prompt and completion, or choose metrics that need no answers.");
    return answers;
}

}
