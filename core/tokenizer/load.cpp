// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/loaders.h"

#include <fmt/format.h>

namespace attune::tokenizer {

Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const std::string& modelPath)
{
    std::error_code error;
    if (!fs::exists(modelPath, error))
        return fail(ErrorCode::FileMissing, fmt::format("{} does not exist.", modelPath), "Check the path of the model.");
    if (fs::is_directory(modelPath, error))
        return loadHfTokenizer(modelPath);
    ATTUNE_TRY(const auto file, formats::GgufFile::open(modelPath));
    auto tokenizer = loadGgufTokenizer(file);
    return tokenizer ? tokenizer : tokenizer.error().in(modelPath);
}

}
