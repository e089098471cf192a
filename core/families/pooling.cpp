// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/pooling.h"

#include "base/file.h"

#include <fmt/format.h>

namespace attune::families {
namespace {

constexpr std::size_t kMaxFile = 1u << 20;

Error unknown(const ModelSource& source, const std::string& what)
{
    return fail(ErrorCode::ModelUnsupported, fmt::format("{} makes a text's vector with {}, which is not known here.", source.name, what), "Its token states are right; pool them elsewhere.");
}

bool isOn(const Json& config, const char* key)
{
    const auto it = config.find(key);
    return it != config.end() && *it == true;
}

Result<Pooling::Mode> modeFrom(const ModelSource& source, const std::string& path)
{
    ATTUNE_TRY(const auto config, readJsonFile(path, kMaxFile));
    if (!config.is_object())
        return fail(ErrorCode::FileCorrupt, fmt::format("{} is no JSON object.", path), "Fetch the model again.");
    for (const auto& [key, value] : config.items())
        if (key.starts_with("pooling_mode_") && value == true && key != "pooling_mode_mean_tokens" && key != "pooling_mode_cls_token" && key != "pooling_mode_max_tokens")
            return unknown(source, key);
    if (isOn(config, "pooling_mode_cls_token"))
        return Pooling::Mode::First;
    return isOn(config, "pooling_mode_max_tokens") ? Pooling::Mode::Maximum : Pooling::Mode::Mean;
}

}

Result<Pooling> poolingOf(const ModelSource& source)
{
    Pooling pooling;
    std::error_code error;
    const std::string path = source.path + "/modules.json";
    if (source.format != ModelFormat::HfFolder || !fs::exists(path, error))
        return pooling;
    ATTUNE_TRY(const auto modules, readJsonFile(path, kMaxFile));
    if (!modules.is_array())
        return fail(ErrorCode::FileCorrupt, fmt::format("{} is no list of modules.", path), "Fetch the model again.");
    pooling.isNormalised = false;
    for (const auto& module : modules) {
        const auto type = module.is_object() ? module.value("type", "") : std::string(), folder = module.is_object() ? module.value("path", "") : std::string();
        const auto name = type.substr(type.rfind('.') + 1);
        if (name == "Normalize") {
            pooling.isNormalised = true;
        } else if (name == "Pooling") {
            ATTUNE_TRY(pooling.mode, modeFrom(source, source.path + "/" + folder + "/config.json"));
        } else if (name != "Transformer") {
            return unknown(source, name.empty() ? "an unnamed module" : name);
        }
    }
    return pooling;
}

}
