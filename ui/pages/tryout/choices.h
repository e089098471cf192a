// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/conversation.h"
#include "store/store.h"

namespace attune::pages {

/// Everything in the workspace that can be asked: runs at the checkpoint that is proposed and at their last, then models.
/// Worker thread.
Result<QList<ChatChoice>> chatChoices(store::Store& store);
/// A file that is no object of the workspace: an exported GGUF, or an adapter on a base.
ChatChoice modelFileChoice(const QString& path);
ChatChoice adapterFileChoice(const QString& path, const QString& base);

}
