// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/token_rows.h"

#include "pipeline/check_rows.h"
#include "pipeline/model_lookup.h"
#include "pipeline/objective.h"
#include "planner/sampler.h"
#include "tokenizer/objective_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace attune::pipeline {
namespace {

using tokenizer::RowShape;

std::string partName(RowShape shape, std::size_t part)
{
    if (shape == RowShape::Preference)
        return part == 0 ? "chosen" : "rejected";
    if (shape == RowShape::SourceTarget)
        return part == 0 ? "source" : "target";
    return {};
}

std::string labelText(const tokenizer::RenderOptions& options, std::span<const float> labels)
{
    using tokenizer::LabelKind;
    if (labels.empty() || options.shape == RowShape::LabelledWords)
        return {};
    if (options.shape == RowShape::Feedback)
        return labels[0] > 0 ? "good" : "bad";
    if (options.labelKind == LabelKind::Number)
        return fmt::format("{:g}", labels[0]);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto index = options.labelKind == LabelKind::Flags ? i : static_cast<std::size_t>(labels[0]);
        if ((options.labelKind == LabelKind::Flags ? labels[i] > 0 : i == 0) && index < options.labels.size())
            names.push_back(options.labels[index]);
    }
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

/// A token classification shows each word's label behind its first token.
std::string wordLabel(const tokenizer::RenderOptions& options, float value)
{
    const auto index = static_cast<std::size_t>(value);
    return value < 0 || index >= options.labels.size() ? std::string() : options.labels[index];
}

TokenRowText textOf(const CheckedRows& rows, const tokenizer::TokenRow& row)
{
    TokenRowText text;
    text.row = row.row;
    text.label = labelText(rows.options, row.labels);
    const std::vector<std::int32_t> whole {static_cast<std::int32_t>(row.ids.size())};
    const std::span<const std::int32_t> lengths = row.partLengths.empty() ? std::span<const std::int32_t>(whole) : row.partLengths;
    std::size_t at = 0;
    for (std::size_t part = 0; part < lengths.size(); ++part) {
        TokenPart shown {partName(rows.options.shape, part), {}};
        for (std::int32_t i = 0; i < lengths[part]; ++i, ++at) {
            const bool isTarget = i > 0 || rows.options.shape == RowShape::SourceTarget || !text.label.empty();
            TokenText token {rows.tokenizer->piece(row.ids[at]), row.ids[at], isTarget && row.trained[at] != 0, rows.tokenizer->isSpecial(row.ids[at])};
            if (rows.options.shape == RowShape::LabelledWords && at < row.labels.size())
                if (const auto word = wordLabel(rows.options, row.labels[at]); !word.empty())
                    token.text += "/" + word + " ";
            shown.tokens.push_back(std::move(token));
        }
        text.fillsContext = text.fillsContext || lengths[part] >= rows.options.maxLength;
        text.parts.push_back(std::move(shown));
    }
    return text;
}

void count(TokenBatch& batch)
{
    for (const auto& row : batch.rows)
        for (const auto& part : row.parts)
            for (const auto& token : part.tokens) {
                ++batch.tokens;
                batch.trained += token.isTrained;
            }
}

Result<CheckedRows> rowsOf(store::Store& store, const Recipe& recipe, const JobContext& context)
{
    ATTUNE_TRY(const auto model, openModelArgument([&store]() -> Result<store::Store*> { return &store; }, recipe.text("model.base")));
    auto rows = checkRows(store, recipe, model, context);
    return rows;
}

}

Result<TokenBatch> batchOf(store::Store& store, const Recipe& recipe, std::int64_t step, const JobContext& context)
{
    ATTUNE_TRY(const auto rows, rowsOf(store, recipe, context));
    const auto options = batchOptions(recipe);
    const auto& shard = rows.tokens.shard;
    planner::Sampler sampler(rows.split.train, planner::lengthsOf(shard, rows.split.train), options, static_cast<std::uint64_t>(recipe.integer("seed")));
    const std::int64_t window = std::max<std::int64_t>(1, recipe.integer("training.gradient_accumulation_steps"));
    TokenBatch batch;
    batch.step = step;
    batch.steps = (sampler.microBatches() + window - 1) / window;
    batch.isOrderKnown = rows.isExact;
    if (step < 0 || step >= batch.steps)
        return fail(ErrorCode::Usage, fmt::format("There is no step {}: an epoch has {}.", step + 1, batch.steps));
    const std::int64_t end = std::min((step + 1) * window, sampler.microBatches());
    for (std::int64_t index = step * window; index < end; ++index)
        for (const auto row : sampler.microBatch(0, index))
            batch.rows.push_back(textOf(rows, shard.row(row)));
    batch.budget = options.isPacked ? (end - step * window) * options.batchSize * options.maxLength : 0;
    count(batch);
    return batch;
}

Result<TokenBatch> cutRows(store::Store& store, const Recipe& recipe, std::int64_t limit, const JobContext& context)
{
    ATTUNE_TRY(const auto rows, rowsOf(store, recipe, context));
    tokenizer::RenderOptions whole = rows.options;
    whole.maxLength = 0;
    TokenBatch batch;
    for (std::int64_t index = 0; index < rows.tokens.shard.rows() && static_cast<std::int64_t>(batch.rows.size()) < limit && !context.isCancelled(); ++index) {
        const auto row = rows.tokens.shard.row(index);
        auto shown = textOf(rows, row);
        if (!shown.fillsContext)
            continue;
        ATTUNE_TRY(const auto record, rows.train->record(row.row));
        const auto rendered = tokenizer::renderRows(*rows.tokenizer, rows.chat.get(), record, whole);
        if (!rendered || rendered->empty() || rendered->front().ids.size() <= row.ids.size())
            continue;
        // What is behind the kept tokens of a row in one piece is what was cut.
        const auto& ids = rendered->front().ids;
        for (std::size_t i = row.ids.size(); shown.parts.size() == 1 && i < ids.size(); ++i)
            shown.parts.front().tokens.push_back({rows.tokenizer->piece(ids[i]), ids[i], false, rows.tokenizer->isSpecial(ids[i]), true});
        batch.rows.push_back(std::move(shown));
    }
    count(batch);
    return batch;
}

}
