// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/loaders.h"
namespace attune::tokenizer {
Result<std::shared_ptr<const Tokenizer>> loadHfTokenizer(const std::string& folder)
{ return fail(ErrorCode::FileMissing, folder, ""); }
}
