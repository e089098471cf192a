// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/text_model.h"

#include "pages/sample.h"
#include "pipeline/dataset_stats.h"
#include "tokenizer/tokenize_dataset.h"

#include <algorithm>
#include <mutex>

namespace attune::pages {
namespace {

Result<TextModelPtr> cached(const std::string& name, const std::string& path)
{
    static std::mutex mutex;
    static TextModelPtr last;
    const std::lock_guard lock(mutex);
    ATTUNE_TRY(const auto hash, tokenizer::hashOfTokenizer(path));
    if (last && last->path == path && last->hash == hash)
        return last;
    auto model = std::make_shared<TextModel>();
    model->name = name;
    model->path = path;
    model->hash = hash;
    ATTUNE_TRY(model->tokenizer, tokenizer::loadTokenizer(path));
    if (auto chat = tokenizer::loadChatTemplate("model", path, *model->tokenizer, {}))
        model->chat = std::move(*chat);
    last = model;
    return last;
}

bool countsTokens(const cleaner::Step& step)
{
    for (const char* key : {"min_tokens", "max_tokens"})
        if (step.options.contains(key) && !step.options[key].is_null())
            return true;
    const Json kinds = step.options.value("kinds", Json::array());
    return kinds.is_array() && std::find(kinds.begin(), kinds.end(), "over_context") != kinds.end();
}

}

Result<TextModelPtr> loadTextModel(store::Store& store, const std::string& chosen)
{
    ATTUNE_TRY(auto models, store.models());
    std::stable_sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.created > b.created; });
    for (const auto& model : models)
        if (model.name == chosen)
            return cached(model.name, model.path);
    for (const auto& model : models)
        if (auto loaded = cached(model.name, model.path))
            return loaded;
    const std::string share = sharePath();
    if (share.empty())
        return fail(ErrorCode::ModelMissing, "There is no model whose tokenizer could count tokens.", "Add a model in Models; tokens are counted with its tokenizer.");
    return cached(kSampleModel, share + "/models/SmolLM2-135M-Instruct.Q4_1.gguf");
}

Result<cleaner::PrepareContext> prepareSteps(store::Store& store, const std::vector<cleaner::Step>& steps)
{
    if (std::none_of(steps.begin(), steps.end(), countsTokens))
        return cleaner::PrepareContext {};
    ATTUNE_TRY(const auto model, loadTextModel(store));
    return cleaner::PrepareContext {pipeline::tokenCounter(model->tokenizer)};
}

}
