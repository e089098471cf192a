// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_details.h"

#include "base/file.h"
#include "base/hash.h"
#include "formats/gguf_file.h"
#include "methods/method.h"
#include "pipeline/forecast.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <array>

namespace attune::pipeline {
namespace {

using families::ModelFormat;
using families::ModelSource;

constexpr std::array<std::int64_t, 5> kContexts {512, 1024, 2048, 4096, 8192};
constexpr std::uint64_t kMostReadme = 1u << 20;

struct Column { const char* name; const char* method; const char* quantization; };
constexpr Column kColumns[] = {{"LoRA", "lora", "none"}, {"LoRA, 4-bit", "lora", "nf4"}, {"All weights", "full", "none"}};

double gib(std::int64_t bytes)
{
    return static_cast<double>(bytes) / (1LL << 30);
}

Result<planner::MemoryPlan> planFor(const store::Store& store, const ModelSource& model, const Column& column, std::int64_t context)
{
    Recipe recipe;
    ATTUNE_RETURN_IF_ERROR(recipe.set("method.type", column.method));
    ATTUNE_RETURN_IF_ERROR(recipe.set("model.quantization", column.quantization));
    ATTUNE_RETURN_IF_ERROR(recipe.set("training.batch_size", 1));
    ATTUNE_RETURN_IF_ERROR(recipe.set("data.max_length", context));
    return forecastMemory(recipe, model, &store);
}

std::vector<MemoryCell> memoryTable(const store::Store& store, const ModelSource& model)
{
    std::vector<MemoryCell> cells;
    for (const auto context : kContexts) {
        if (model.spec.contextLength > 0 && context > model.spec.contextLength)
            break;
        for (const auto& column : kColumns) {
            const auto plan = planFor(store, model, column, context);
            cells.push_back({context, column.name, plan ? plan->estimateBytes() : 0, plan && plan->fits()});
        }
    }
    return cells;
}

/// The value of a key in the YAML between the first two lines of dashes.
std::string frontMatter(const std::string& text, const std::string& key)
{
    if (!text.starts_with("---"))
        return {};
    const auto end = text.find("\n---", 3);
    for (std::size_t begin = text.find('\n') + 1; begin < std::min(end, text.size());) {
        const auto stop = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, stop - begin);
        if (line.starts_with(key + ":")) {
            const auto from = line.find_first_not_of(" \t\"'", key.size() + 1);
            const auto to = line.find_last_not_of(" \t\r\"'");
            return from == std::string::npos || to < from ? std::string() : line.substr(from, to - from + 1);
        }
        begin = stop + 1;
    }
    return {};
}

/// What a template makes of two turns, with its special tokens visible.
void renderSample(ModelDetails& details)
{
    const std::string& path = details.source.path;
    const auto tokenizer = tokenizer::loadTokenizer(path);
    if (!tokenizer) {
        details.templateProblem = tokenizer.error().message;
        return;
    }
    const auto chat = tokenizer::loadChatTemplate("model", path, **tokenizer);
    if (!chat || !*chat) {
        details.templateProblem = chat ? "" : chat.error().message;
        return;
    }
    const tokenizer::Conversation conversation {{importer::Message {"user", "How do I reset my password?", Json()}, importer::Message {"assistant", "Open Settings, then Account.", Json()}}, Json(), false};
    if (const auto text = (**chat).render(conversation))
        details.templateText = *text;
    else
        details.templateProblem = text.error().message;
}

Json knownFiles(const store::ModelRow& row)
{
    const auto files = row.info.find("files");
    return files != row.info.end() && files->is_object() ? *files : Json::object();
}

std::vector<ModelFile> filesOf(const store::ModelRow& row)
{
    std::vector<ModelFile> files;
    const Json known = knownFiles(row);
    std::error_code error;
    const auto add = [&](const fs::path& path) {
        ModelFile file {path.filename().string(), fs::file_size(path, error), known.value(path.filename().string(), std::string()), {}};
        if (files.empty() && file.sha256.empty() && path == row.path)
            file.sha256 = row.sha256;
        files.push_back(std::move(file));
    };
    if (!fs::is_directory(row.path, error)) {
        add(row.path);
        return files;
    }
    for (fs::directory_iterator it(row.path, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file(error))
            add(it->path());
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}

/// Hugging Face names the blobs of large files, and Ollama all of its own, by their SHA-256.
std::string hashInName(const fs::path& path)
{
    std::error_code error;
    std::string name = fs::canonical(path, error).filename().string();
    if (name.starts_with("sha256-"))
        name = name.substr(7);
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos ? name : std::string();
}

}

std::string licenceOf(const ModelSource& model)
{
    if (model.format == ModelFormat::Gguf) {
        const auto file = formats::GgufFile::open(model.path);
        return file ? file->text("general.license").value_or(file->text("general.license.name").value_or("")) : "";
    }
    const auto readme = readFile(model.path + "/README.md", kMostReadme);
    return readme ? frontMatter(*readme, "license") : "";
}

TrainVerdict trainVerdict(const store::Store& store, const ModelSource& model)
{
    using Level = TrainVerdict::Level;
    if (!model.isTrainable)
        return {Level::No, "no: " + (model.reason.empty() ? std::string("for Try out only") : model.reason)};
    const auto plain = planFor(store, model, kColumns[0], kContexts[0]);
    if (!plain)
        return {Level::No, "no: " + plain.error().message};
    if (plain->fits())
        return {Level::Yes, fmt::format("yes: LoRA, about {:.1f} GiB", gib(plain->estimateBytes()))};
    if (const auto small = planFor(store, model, kColumns[1], kContexts[0]); small && small->fits())
        return {Level::Tight, fmt::format("4-bit only: about {:.1f} GiB", gib(small->estimateBytes()))};
    return {Level::No, fmt::format("no: needs {:.1f} GiB, {:.1f} are free", gib(plain->estimateBytes()), gib(plain->availableBytes))};
}

Result<ModelDetails> modelDetails(store::Store& store, const store::ModelRow& row, const JobContext& context)
{
    ModelDetails details;
    ATTUNE_TRY(details.source, families::openModel(row.path));
    details.source.name = row.name;
    details.licence = licenceOf(details.source);
    details.files = filesOf(row);
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Stopped.");
    renderSample(details);
    if (details.source.isTrainable)
        details.memory = memoryTable(store, details.source);
    if (const auto input = planInput(Recipe(), &store))
        details.availableBytes = input->availableBytes;
    return details;
}

Result<std::vector<ModelFile>> verifyModel(store::Store& store, const std::string& name, const JobContext& context)
{
    ATTUNE_TRY(auto row, store.model(name));
    if (!row)
        return fail(ErrorCode::ModelMissing, fmt::format("There is no model {}.", name), "`attune model list` shows the names.");
    auto files = filesOf(*row);
    std::error_code error;
    Json kept = knownFiles(*row);
    const bool isFolder = fs::is_directory(row->path, error);
    std::uint64_t done = 0, total = 0;
    for (const auto& file : files)
        total += file.bytes;
    for (auto& file : files) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "Verifying was stopped.");
        context.report("Reading " + file.name, done, total);
        const fs::path path = isFolder ? fs::path(row->path) / file.name : fs::path(row->path);
        ATTUNE_TRY(const auto hash, sha256OfFile(path.string()));
        const std::string expected = file.sha256.empty() ? hashInName(path) : file.sha256;
        if (!expected.empty() && expected != hash)
            file.problem = file.sha256.empty() ? "It is damaged: its name holds another checksum." : "It has changed since it was added or last verified.";
        else
            kept[file.name] = hash;
        file.sha256 = hash;
        done += file.bytes;
    }
    // Hashing takes minutes: notes may have been written meanwhile.
    ATTUNE_TRY(row, store.model(name));
    if (!row)
        return files;
    row->info["files"] = kept;
    ATTUNE_RETURN_IF_ERROR(store.putModel(*row));
    return files;
}

Status relocateModel(store::Store& store, const std::string& name, const std::string& path)
{
    ATTUNE_TRY(auto row, store.model(name));
    if (!row)
        return fail(ErrorCode::ModelMissing, fmt::format("There is no model {}.", name), "`attune model list` shows the names.");
    ATTUNE_TRY(auto source, families::openModel(path));
    const Json before = row->info.is_object() ? row->info : Json::object();
    const auto known = before.value("parameters", std::int64_t(0));
    if (known > 0 && source.parameters > 0 && known != source.parameters)
        return fail(ErrorCode::Usage, fmt::format("{} is not {}: it has {} parameters instead of {}.", path, name, source.parameters, known),
            "Choose the file that was moved, or add this one under a name of its own.");
    source.name = name;
    Json info = source.toJson();
    for (const char* kept : {"notes", "files"})
        if (before.contains(kept))
            info[kept] = before[kept];
    row->path = source.path;
    row->info = std::move(info);
    return store.putModel(*row);
}

}
