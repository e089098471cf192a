// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_scan.h"

#include "base/file.h"
#include "formats/gguf_file.h"

#include <fmt/format.h>

#include <cstdlib>
#include <set>
#include <tuple>

namespace attune::pipeline {
namespace {

constexpr std::uint64_t kMostJson = 4u << 20;
constexpr int kDeepest = 4;  // folders below LM Studio's: publisher, repository, file

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::vector<fs::path> entriesOf(const fs::path& folder)
{
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end; it.increment(error))
        entries.push_back(it->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::uint64_t sizeOf(const fs::path& file)
{
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return error ? 0 : size;
}

bool isThere(const fs::path& path)
{
    std::error_code error;
    return fs::exists(path, error);
}

/// Vision projectors and the later parts of a split file are no models of their own.
bool isWholeGguf(const fs::path& file)
{
    const std::string name = file.filename().string();
    if (file.extension() != ".gguf" || name.starts_with("mmproj"))
        return false;
    const auto of = name.find("-of-");
    return of == std::string::npos || name.find("-00001-of-") != std::string::npos;
}

/// Files that an index of shards names and that are not there.
int missingShards(const fs::path& folder)
{
    const auto text = readFile((folder / "model.safetensors.index.json").string(), kMostJson);
    const auto index = text ? parseJson(*text) : Result<Json>(Json());
    if (!index || !index->is_object() || !index->contains("weight_map") || !(*index)["weight_map"].is_object())
        return 0;
    std::set<std::string> missing;
    for (const auto& [tensor, file] : (*index)["weight_map"].items())
        if (file.is_string() && !isThere(folder / file.get<std::string>()))
            missing.insert(file.get<std::string>());
    return static_cast<int>(missing.size());
}

void addFolder(std::vector<FoundModel>& found, const std::string& name, const fs::path& folder, const std::string& source)
{
    FoundModel model {name, folder.string(), source, 0, {}};
    bool hasWeights = false, hasPickle = false;
    for (const auto& file : entriesOf(folder)) {
        hasWeights = hasWeights || file.extension() == ".safetensors";
        hasPickle = hasPickle || file.extension() == ".bin";
        if (file.extension() == ".safetensors")
            model.bytes += sizeOf(file);
        if (isWholeGguf(file))
            found.push_back({name + "/" + file.filename().string(), file.string(), source, sizeOf(file), {}});
    }
    if (!isThere(folder / "config.json"))
        return;
    if (const int missing = missingShards(folder); missing > 0)
        model.problem = fmt::format("{} weight files are missing: the download was not finished.", missing);
    else if (!hasWeights && hasPickle)
        model.problem = "It only has .bin files, which can run code when opened. Attune reads safetensors.";
    else if (!hasWeights)
        return;  // a tokenizer or a configuration alone
    found.push_back(std::move(model));
}

/// models--org--name / refs/main -> snapshots/<commit>
void scanHuggingFace(std::vector<FoundModel>& found, const std::string& root, const JobContext& context)
{
    for (const auto& repository : entriesOf(root)) {
        std::string name = repository.filename().string();
        if (!name.starts_with("models--") || context.isCancelled())
            continue;
        name = name.substr(8);
        for (auto at = name.find("--"); at != std::string::npos; at = name.find("--", at + 1))
            name.replace(at, 2, "/");
        auto commit = readFile((repository / "refs" / "main").string(), 4096).value_or(std::string());
        while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back())))
            commit.pop_back();
        if (!commit.empty() && commit.find('/') == std::string::npos && isThere(repository / "snapshots" / commit))
            addFolder(found, name, repository / "snapshots" / commit, "Hugging Face cache");
    }
}

void scanLmStudio(std::vector<FoundModel>& found, const fs::path& folder, const std::string& name, int depth, const JobContext& context)
{
    std::error_code error;
    for (const auto& entry : entriesOf(folder)) {
        const std::string inner = (name.empty() ? "" : name + "/") + entry.filename().string();
        if (context.isCancelled())
            return;
        if (isWholeGguf(entry))
            found.push_back({inner, entry.string(), "LM Studio", sizeOf(entry), {}});
        else if (fs::is_directory(entry, error) && depth < kDeepest)
            scanLmStudio(found, entry, inner, depth + 1, context);
    }
}

/// manifests/<registry>/<namespace>/<model>/<tag> names its layers; the one of type model is a GGUF among the blobs.
void scanOllama(std::vector<FoundModel>& found, const fs::path& root, const JobContext& context)
{
    for (const auto& registry : entriesOf(root / "manifests"))
        for (const auto& space : entriesOf(registry))
            for (const auto& model : entriesOf(space))
                for (const auto& tag : entriesOf(model)) {
                    if (context.isCancelled())
                        return;
                    const auto text = readFile(tag.string(), kMostJson);
                    const auto manifest = text ? parseJson(*text) : Result<Json>(Json());
                    if (!manifest || !manifest->is_object() || !manifest->contains("layers") || !(*manifest)["layers"].is_array())
                        continue;
                    for (const auto& layer : (*manifest)["layers"]) {
                        if (!layer.is_object() || layer.value("mediaType", "") != "application/vnd.ollama.image.model")
                            continue;
                        std::string blob = layer.value("digest", "");
                        if (!blob.starts_with("sha256:") || blob.find('/') != std::string::npos)
                            continue;
                        blob[6] = '-';
                        const fs::path file = root / "blobs" / blob;
                        const std::string owner = space.filename() == "library" ? "" : space.filename().string() + "/";
                        FoundModel one {owner + model.filename().string() + ":" + tag.filename().string(), file.string(), "Ollama", sizeOf(file), {}};
                        if (!formats::GgufFile::looksLikeGguf(one.path))
                            one.problem = isThere(file) ? "Its weights are no GGUF file." : "Its weights are missing: the download was not finished.";
                        found.push_back(std::move(one));
                    }
                }
}

}

Json FoundModel::toJson() const
{
    return {{"name", name}, {"path", path}, {"source", source}, {"bytes", bytes}, {"problem", problem}};
}

ModelPlaces ModelPlaces::ofThisUser()
{
    const std::string home = variable("HOME");
    ModelPlaces places;
    places.huggingFace = variable("HF_HUB_CACHE");
    if (places.huggingFace.empty())
        places.huggingFace = variable("HF_HOME").empty() ? home + "/.cache/huggingface/hub" : variable("HF_HOME") + "/hub";
    places.ollama = variable("OLLAMA_MODELS").empty() ? home + "/.ollama/models" : variable("OLLAMA_MODELS");
    places.lmStudio = {home + "/.lmstudio/models", home + "/.cache/lm-studio/models"};
    return places;
}

std::vector<FoundModel> findModels(const ModelPlaces& places, const JobContext& context)
{
    std::vector<FoundModel> found;
    scanHuggingFace(found, places.huggingFace, context);
    for (const auto& folder : places.lmStudio)
        scanLmStudio(found, folder, {}, 0, context);
    scanOllama(found, places.ollama, context);
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return std::tie(a.source, a.name) < std::tie(b.source, b.name); });
    return found;
}

}
