// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/parquet.h"

#include "base/file.h"

#include <cmath>
#include <cstdlib>
#include <mutex>

#include <dlfcn.h>

namespace attune::formats {
namespace {

constexpr const char* kLibrary = "libattune_parquet.so";
constexpr std::size_t kMostFields = 1000;
constexpr int kMostLevels = 40;
constexpr double kExactInteger = 9007199254740992.0;  // 2^53

ParquetType::Kind kindOf(const Json& value)
{
    using Kind = ParquetType::Kind;
    switch (value.type()) {
    case Json::value_t::null: return Kind::Null;
    case Json::value_t::boolean: return Kind::Boolean;
    case Json::value_t::number_integer: return Kind::Integer;
    case Json::value_t::number_unsigned: return value.get<std::uint64_t>() > INT64_MAX ? Kind::Json : Kind::Integer;
    case Json::value_t::number_float: return Kind::Number;
    case Json::value_t::string: return Kind::Text;
    case Json::value_t::array: return Kind::List;
    case Json::value_t::object: return value.empty() ? Kind::Json : Kind::Object;  // Parquet has no objects without fields
    default: return Kind::Json;
    }
}

std::vector<std::string> candidates()
{
    if (const char* chosen = std::getenv("ATTUNE_PARQUET"); chosen && *chosen)
        return {chosen};
    std::vector<std::string> paths;
    Dl_info info {};
    if (::dladdr(reinterpret_cast<const void*>(&openParquet), &info) != 0 && info.dli_fname)
        paths.push_back((fs::path(absolutePath(info.dli_fname)).parent_path() / kLibrary).string());
    std::error_code error;
    if (const fs::path program = fs::read_symlink("/proc/self/exe", error); !error)
        paths.push_back((program.parent_path().parent_path() / "lib" / "attune" / kLibrary).string());
    return paths;
}

Result<const ParquetLibrary*> open()
{
    const std::string hint = "Run bash packaging/deps.sh, which fetches Arrow, and build again; or use JSONL: DuckDB's copy (from 'file.parquet') to 'file.jsonl' converts.";
    for (const auto& path : candidates()) {
        std::error_code error;
        if (!fs::exists(path, error))
            continue;
        void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library)
            return fail(ErrorCode::Unsupported, fmt::format("The Parquet library cannot be opened: {}.", ::dlerror()), hint);
        using Door = const ParquetLibrary* (*)();
        if (const auto door = reinterpret_cast<Door>(::dlsym(library, "attuneParquet")))
            return door();
    }
    return fail(ErrorCode::Unsupported, fmt::format("Parquet files need the library {}, which is not there.", kLibrary), hint);
}

}

void ParquetType::becomeJson()
{
    kind = Kind::Json;
    fields.clear();
}

bool ParquetType::isMixed() const
{
    return kind == Kind::Json || std::any_of(fields.begin(), fields.end(), [](const auto& field) { return field.type.isMixed(); });
}

void ParquetType::addField(const std::string& key, const Json& value, int level)
{
    auto it = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.name == key; });
    if (it == fields.end()) {
        if (fields.size() >= kMostFields)
            return becomeJson();
        it = fields.insert(fields.end(), {key, {}});
    }
    it->type.add(value, level + 1);
    hasNull |= it->type.hasNull;
}

void ParquetType::add(const Json& value, int level)
{
    const Kind seen = kindOf(value);
    if (seen == Kind::Null) {
        hasNull = true;
        return;
    }
    if (kind == Kind::Json)
        return;
    if (kind == Kind::Null)
        kind = seen;
    hasLargeInteger |= seen == Kind::Integer && std::abs(value.get<double>()) >= kExactInteger;
    const bool isNumeric = (kind == Kind::Integer || kind == Kind::Number) && (seen == Kind::Integer || seen == Kind::Number);
    if (isNumeric && kind != seen) {
        return hasLargeInteger ? becomeJson() : void(kind = Kind::Number);
    }
    if (seen != kind || seen == Kind::Json || level > kMostLevels)
        return becomeJson();
    if (kind == Kind::List) {
        if (fields.empty())
            fields.push_back({"element", {}});
        for (const auto& element : value) {
            fields[0].type.add(element, level + 1);
            hasNull |= fields[0].type.hasNull;
        }
    } else if (kind == Kind::Object) {
        for (const auto& [key, field] : value.items()) {
            addField(key, field, level);
            if (kind == Kind::Json)
                return;
        }
    }
}

Result<const ParquetLibrary*> openParquet()
{
    static std::mutex mutex;
    static const ParquetLibrary* library = nullptr;
    const std::lock_guard lock(mutex);
    if (!library) {
        ATTUNE_TRY(library, open());
    }
    return library;
}

}
