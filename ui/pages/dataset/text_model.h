// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/steps.h"
#include "store/store.h"
#include "tokenizer/chat_template.h"

#include <memory>
#include <optional>
#include <string>

namespace attune::pages {

/// The tokenizer that rows are counted with, and the template that turns them into what a model reads.
struct TextModel {
    std::string name, path;
    std::string hash;  ///< changes when its tokenizer does
    std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
    std::optional<tokenizer::ChatTemplate> chat;
};
using TextModelPtr = std::shared_ptr<const TextModel>;

/// The chosen model of the workspace, else the newest one whose tokenizer can be read, else the starter model beside
/// the program. The last one is kept, since reading a vocabulary takes a moment. Worker thread.
/// Errors: ModelMissing where there is none at all, TokenizerBroken.
Result<TextModelPtr> loadTextModel(store::Store& store, const std::string& chosen = {});

/// What steps that count tokens need; nothing is read for others. Errors: those of loadTextModel.
Result<cleaner::PrepareContext> prepareSteps(store::Store& store, const std::vector<cleaner::Step>& steps);

}
