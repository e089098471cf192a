// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "formats/gguf_file.h"
#include "runner/llama_runner.h"

#include <llama.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace attune::runner {
namespace {

struct FileType {
    std::string_view name;
    llama_ftype type;
};

/// Those that need no importance matrix, as llama-quantize names them.
constexpr std::array<FileType, 18> kFileTypes {{
    {"F32", LLAMA_FTYPE_ALL_F32}, {"F16", LLAMA_FTYPE_MOSTLY_F16}, {"BF16", LLAMA_FTYPE_MOSTLY_BF16}, {"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    {"Q6_K", LLAMA_FTYPE_MOSTLY_Q6_K}, {"Q5_K_M", LLAMA_FTYPE_MOSTLY_Q5_K_M}, {"Q5_K_S", LLAMA_FTYPE_MOSTLY_Q5_K_S}, {"Q5_1", LLAMA_FTYPE_MOSTLY_Q5_1},
    {"Q5_0", LLAMA_FTYPE_MOSTLY_Q5_0}, {"Q4_K_M", LLAMA_FTYPE_MOSTLY_Q4_K_M}, {"Q4_K_S", LLAMA_FTYPE_MOSTLY_Q4_K_S}, {"Q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
    {"Q4_0", LLAMA_FTYPE_MOSTLY_Q4_0}, {"IQ4_NL", LLAMA_FTYPE_MOSTLY_IQ4_NL}, {"IQ4_XS", LLAMA_FTYPE_MOSTLY_IQ4_XS}, {"Q3_K_M", LLAMA_FTYPE_MOSTLY_Q3_K_M},
    {"Q3_K_S", LLAMA_FTYPE_MOSTLY_Q3_K_S}, {"Q2_K", LLAMA_FTYPE_MOSTLY_Q2_K},
}};

}

std::vector<std::string> quantisationNames()
{
    std::vector<std::string> names;
    for (const auto& row : kFileTypes)
        names.emplace_back(row.name);
    return names;
}

Status quantiseModel(const std::string& from, const std::string& to, const std::string& type, int threads)
{
    routeLlamaLog();
    std::string upper = type;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto row = std::find_if(kFileTypes.begin(), kFileTypes.end(), [&](const FileType& t) { return t.name == upper; });
    if (row == kFileTypes.end())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no type that can be written.", type), fmt::format("One of: {}.", fmt::join(quantisationNames(), ", ")));
    if (const auto file = formats::GgufFile::open(from); !file)
        return file.error();
    auto params = llama_model_quantize_default_params();
    params.nthread = threads;
    params.ftype = row->type;
    params.allow_requantize = true;
    if (llama_model_quantize(from.c_str(), to.c_str(), &params) != 0) {
        std::error_code ignored;
        fs::remove(to, ignored);
        return fail(ErrorCode::DiskWrite, fmt::format("llama.cpp could not write {} as {}.", to, upper), "The log says why; check the free disk space.");
    }
    return {};
}

}
