// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/first_batch.h"

#include "bridge/text.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/model_lookup.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/render.h"

#include <mutex>

namespace attune::pages {

namespace {

/// Loading a vocabulary takes a moment: the last one is kept, since one types in the same form.
Result<std::shared_ptr<const tokenizer::Tokenizer>> cachedTokenizer(const std::string& path)
{
    static std::mutex mutex;
    static std::string last;
    static std::shared_ptr<const tokenizer::Tokenizer> kept;
    const std::lock_guard lock(mutex);
    if (last != path || !kept) {
        ATTUNE_TRY(kept, tokenizer::loadTokenizer(path));
        last = path;
    }
    return kept;
}

void append(FirstBatch& batch, const tokenizer::Tokenizer& tokenizer, const tokenizer::RenderedRow& row)
{
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        widgets::ShownToken token;
        token.text = bridge::toQString(tokenizer.piece(row.ids[i]));
        token.isTrained = i > 0 && row.trained[i];
        token.isSpecial = tokenizer.isSpecial(row.ids[i]);
        token.startsRow = i == 0;
        batch.trained += token.isTrained;
        batch.tokens.append(token);
    }
    ++batch.rows;
    batch.truncated += row.isTruncated;
}

}

Result<FirstBatch> firstBatch(store::Store& store, const pipeline::Recipe& recipe, int maxTokens)
{
    ATTUNE_TRY(auto place, pipeline::findModel([&store]() -> Result<store::Store*> { return &store; }, recipe.text("model.base")));
    ATTUNE_TRY(auto tokenizer, cachedTokenizer(place.path));
    ATTUNE_TRY(auto chat, tokenizer::loadChatTemplate(recipe.text("data.template"), place.path, *tokenizer, recipe.text("data.template_date")));
    ATTUNE_TRY(auto data, pipeline::openDataset(store, recipe.text("data.train"), JobContext {}));
    tokenizer::RenderOptions options;
    tokenizer::trainOnFromName(recipe.text("data.train_on"), options.trainOn);
    tokenizer::overlongFromName(recipe.text("data.overlong"), options.overlong);
    options.maxLength = recipe.integer("data.max_length");
    FirstBatch batch;
    for (std::int64_t i = 0; i < data->rows() && i < 200 && batch.tokens.size() < maxTokens; ++i) {
        ATTUNE_TRY(auto record, data->record(i));
        auto row = tokenizer::renderRecord(*tokenizer, chat ? &*chat : nullptr, record, options);
        if (row) {
            append(batch, *tokenizer, *row);
            continue;
        }
        ++batch.leftOut;
        if (batch.problem.isEmpty())
            batch.problem = bridge::toQString(row.error().message);
    }
    return batch;
}

}
