// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/model_source.h"

#include "base/file.h"
#include "families/nearest.h"
#include "families/task_head.h"
#include "families/weights.h"
#include "formats/gguf_file.h"
#include "formats/safetensors.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <map>

namespace attune::families {
namespace {

constexpr std::size_t kMaxConfig = 16 << 20;

Error asModelError(Error error)
{
    if (error.code == ErrorCode::FileCorrupt)
        error.code = ErrorCode::ModelCorrupt;
    else if (error.code == ErrorCode::FileMissing)
        error.code = ErrorCode::ModelMissing;
    return error;
}

void refuse(ModelSource& source, std::string reason)
{
    source.isTrainable = false;
    if (source.reason.empty())
        source.reason = std::move(reason);
}

/// Takes the family's reading of the file: its spec, or, where the family does not cover this variant, the reason.
Status adopt(ModelSource& source, Result<ModelSpec> spec)
{
    if (!spec) {
        if (spec.error().code != ErrorCode::ModelUnsupported)
            return spec.error();
        refuse(source, spec.error().message);
        return {};
    }
    spec->family = source.family->id;
    spec->architecture = source.spec.architecture;
    source.spec = std::move(*spec);
    return {};
}

/// Every weight that the family needs must be there with its shape.
template<typename Find>
Status checkTensors(ModelSource& source, Find&& shapeOf)
{
    const auto slots = withHead(source.family->tensors(source.spec), source.spec, headOfModel(source));
    for (const auto& slot : slots) {
        const std::string& name = source.format == ModelFormat::Gguf ? slot.ggufName : slot.name;
        const auto* shape = shapeOf(slot);
        if (!shape && slot.isOptional)
            continue;
        if (!shape)
            return fail(ErrorCode::ModelCorrupt, fmt::format("{} lacks the weight {}.", source.path, name), "The model is incomplete; fetch it again.");
        const bool isReversed = slot.isTransposed && source.format == ModelFormat::HfFolder;
        if (*shape != (isReversed ? std::vector(slot.shape.rbegin(), slot.shape.rend()) : slot.shape))
            return fail(ErrorCode::ModelCorrupt, fmt::format("{}: the weight {} has shape [{}], its settings ask for [{}].", source.path, name, fmt::join(*shape, ", "), fmt::join(slot.shape, ", ")),
                "The settings and the weights do not belong together; fetch the model again.");
    }
    source.parameters = parameterCount(slots);
    return {};
}

// ---- GGUF

std::string ggufTokenizer(const formats::GgufFile& file)
{
    const std::string model = file.text("tokenizer.ggml.model").value_or("");
    static const std::map<std::string, std::string> kNames {{"gpt2", "bpe"}, {"llama", "sentencepiece"}, {"bert", "wordpiece"}, {"t5", "unigram"}};
    const auto it = kNames.find(model);
    const std::string name = it == kNames.end() ? model : it->second;
    const auto pre = file.text("tokenizer.ggml.pre");
    return name == "bpe" && pre ? fmt::format("{} ({})", name, *pre) : name;
}

void readGenericGguf(ModelSource& source, const formats::GgufFile& file)
{
    ModelSpec& spec = source.spec;
    const auto value = [&](const char* key) { return file.integer(file.archKey(key)).value_or(0); };
    spec.architecture = file.architecture();
    spec.layers = value("block_count");
    spec.hiddenSize = value("embedding_length");
    spec.intermediateSize = value("feed_forward_length");
    spec.heads = value("attention.head_count");
    spec.contextLength = value("context_length");
    const auto* embedding = file.findTensor("token_embd.weight");
    const auto tokens = static_cast<std::int64_t>(file.arrayLength("tokenizer.ggml.tokens"));
    spec.vocabSize = embedding && embedding->shape.size() == 2 ? embedding->shape[0] : std::max(tokens, value("vocab_size"));
    for (const auto& tensor : file.tensors())
        source.parameters += tensor.count();
}

std::vector<std::string> namesInFile(const formats::GgufFile& file)
{
    std::vector<std::string> names;
    for (const auto& tensor : file.tensors())
        names.push_back(tensor.name);
    return names;
}

Result<ModelSource> openGguf(const std::string& path)
{
    auto opened = formats::GgufFile::open(path);
    if (!opened)
        return asModelError(opened.error());
    const formats::GgufFile& file = *opened;
    ModelSource source;
    source.path = path;
    source.name = fs::path(path).stem().string();
    source.format = ModelFormat::Gguf;
    source.bytes = file.size();
    source.storedType = file.mainType();
    source.tokenizer = ggufTokenizer(file);
    source.hasChatTemplate = file.find("tokenizer.chat_template") || file.find("tokenizer.chat_templates");
    readGenericGguf(source, file);
    source.family = findByGguf(file.architecture());
    source.isTrainable = true;
    if (file.text("general.type") == "adapter")
        refuse(source, "The file is an adapter, not a model.");
    else if (file.integer("split.count").value_or(1) > 1)
        refuse(source, "The model is split into several files; join them with llama-gguf-split --merge.");
    else if (file.tensors().empty())
        refuse(source, "The file holds a vocabulary and no weights.");
    else if (!source.family)
        refuse(source, unknownArchitecture(file.architecture(), namesInFile(file)));
    if (!source.isTrainable)
        return source;
    ATTUNE_RETURN_IF_ERROR(adopt(source, source.family->fromGguf(file)));
    if (!source.isTrainable)
        return source;
    source.parameters = 0;
    ATTUNE_RETURN_IF_ERROR(checkTensors(source, [&](const TensorSlot& slot) -> const std::vector<std::int64_t>* {
        const auto* tensor = file.findTensor(slot.ggufName);
        return tensor ? &tensor->shape : nullptr;
    }));
    return source;
}

// ---- Hugging Face folder

/// The kind of model inside tokenizer.json, without building the whole document.
std::string tokenizerOfFolder(const std::string& folder)
{
    simdjson::padded_string text;
    if (simdjson::padded_string::load(folder + "/tokenizer.json").get(text) == simdjson::SUCCESS) {
        simdjson::ondemand::parser parser;
        simdjson::ondemand::document document;
        std::string_view type;
        if (parser.iterate(text).get(document) == simdjson::SUCCESS && document["model"]["type"].get(type) == simdjson::SUCCESS)
            return type == "BPE" ? "bpe" : type == "WordPiece" ? "wordpiece" : type == "Unigram" ? "unigram" : std::string(type);
    }
    if (fs::exists(folder + "/tokenizer.model"))
        return "sentencepiece";
    if (fs::exists(folder + "/vocab.txt"))
        return "wordpiece";
    return fs::exists(folder + "/vocab.json") ? "bpe" : "";
}

bool folderHasTemplate(const std::string& folder)
{
    if (fs::exists(folder + "/chat_template.jinja"))
        return true;
    const auto config = readJsonFile(folder + "/tokenizer_config.json", kMaxConfig);
    return config && config->is_object() && config->contains("chat_template") && !(*config)["chat_template"].is_null();
}

std::string longTypeName(formats::DType type)
{
    switch (type) {
    case formats::DType::F32: return "float32";
    case formats::DType::F16: return "float16";
    case formats::DType::BF16: return "bfloat16";
    default: return std::string(formats::dtypeName(type));
    }
}

std::int64_t wholeNumber(const Json& config, std::initializer_list<const char*> keys)
{
    for (const char* key : keys)
        if (const auto it = config.find(key); it != config.end() && it->is_number_integer())
            return it->get<std::int64_t>();
    return 0;
}

void readGenericConfig(ModelSource& source, const Json& config)
{
    ModelSpec& spec = source.spec;
    if (const auto list = config.find("architectures"); list != config.end() && list->is_array() && !list->empty() && list->front().is_string())
        spec.architecture = list->front().get<std::string>();
    else if (const auto type = config.find("model_type"); type != config.end() && type->is_string())
        spec.architecture = type->get<std::string>();
    spec.layers = wholeNumber(config, {"num_hidden_layers", "n_layer", "n_layers", "num_layers"});
    spec.hiddenSize = wholeNumber(config, {"hidden_size", "n_embd", "dim", "d_model"});
    spec.heads = wholeNumber(config, {"num_attention_heads", "n_head", "n_heads", "num_heads"});
    spec.vocabSize = wholeNumber(config, {"vocab_size"});
    spec.contextLength = wholeNumber(config, {"max_position_embeddings", "n_positions", "n_ctx"});
}

Status readWeights(ModelSource& source, const formats::ShardedSafetensors& weights)
{
    std::map<formats::DType, std::uint64_t> bytes;
    for (const auto* tensor : weights.tensors()) {
        bytes[tensor->dtype] += tensor->bytes.size();
        source.bytes += tensor->bytes.size();
        source.parameters += tensor->count();
    }
    if (!bytes.empty())
        source.storedType = longTypeName(std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first);
    if (!source.isTrainable)
        return {};
    source.parameters = 0;
    return checkTensors(source, [&](const TensorSlot& slot) -> const std::vector<std::int64_t>* {
        const auto* tensor = findInFolder(weights, slot);
        return tensor ? &tensor->shape : nullptr;
    });
}

std::vector<std::string> namesIn(const formats::ShardedSafetensors& weights)
{
    std::vector<std::string> names;
    for (const auto* tensor : weights.tensors())
        names.push_back(tensor->name);
    return names;
}

Result<ModelSource> openFolder(const std::string& path)
{
    const std::string configPath = path + "/config.json";
    if (!fs::exists(configPath)) {
        const bool isAdapter = fs::exists(path + "/adapter_config.json");
        return fail(ErrorCode::ModelMissing, fmt::format("{} holds no model: config.json is missing.", path),
            isAdapter ? "It is an adapter; name its base model, and the adapter with --adapter." : "Choose a GGUF file or a Hugging Face folder with config.json and model.safetensors.");
    }
    auto config = readJsonFile(configPath, kMaxConfig);
    if (!config)
        return asModelError(config.error());
    if (!config->is_object())
        return fail(ErrorCode::ModelCorrupt, fmt::format("{} is no JSON object.", configPath), "Fetch the model again.");
    ModelSource source;
    source.path = path;
    source.name = fs::path(path).filename().string();
    source.format = ModelFormat::HfFolder;
    source.tokenizer = tokenizerOfFolder(path);
    source.hasChatTemplate = folderHasTemplate(path);
    source.isTrainable = true;
    readGenericConfig(source, *config);
    source.family = findByConfig(*config);
    bool needsReason = false;
    if (!source.family)
        needsReason = true;
    else if (config->contains("quantization_config") && !(*config)["quantization_config"].is_null())
        refuse(source, "Its weights are stored quantised by another program; choose the original or a GGUF file.");
    if (source.isTrainable && source.family)
        ATTUNE_RETURN_IF_ERROR(adopt(source, source.family->fromConfig(*config)));
    auto weights = formats::ShardedSafetensors::open(path);
    if (!weights)
        return asModelError(weights.error());
    if (needsReason)
        refuse(source, unknownArchitecture(source.spec.architecture, namesIn(*weights)));
    ATTUNE_RETURN_IF_ERROR(readWeights(source, *weights));
    return source;
}

}

Json ModelSource::toJson() const
{
    return Json {{"name", name}, {"path", path}, {"format", format == ModelFormat::Gguf ? "gguf" : "hf"}, {"architecture", spec.architecture},
        {"family", family ? family->id : ""}, {"parameters", parameters}, {"layers", spec.encoderLayers > 0 ? spec.encoderLayers : spec.layers}, {"hidden_size", spec.hiddenSize},
        {"vocab_size", spec.vocabSize}, {"context_length", spec.contextLength}, {"tokenizer", tokenizer}, {"chat_template", hasChatTemplate},
        {"trainable", isTrainable}, {"reason", reason}, {"stored_type", storedType}, {"bytes", bytes}};
}

Result<ModelSource> openModel(const std::string& path)
{
    const std::string absolute = absolutePath(path);
    std::error_code error;
    const auto status = fs::status(absolute, error);
    if (!fs::exists(status))
        return fail(ErrorCode::ModelMissing, fmt::format("There is no model at {}.", absolute), "Check the path; a GGUF file or a Hugging Face folder is wanted.");
    if (fs::is_directory(status)) {
        const fs::path folder(absolute);
        return openFolder(folder.has_filename() ? absolute : folder.parent_path().string());
    }
    if (!formats::GgufFile::looksLikeGguf(absolute))
        return fail(ErrorCode::ModelCorrupt, fmt::format("{} is no GGUF file.", absolute), "Choose a GGUF file, or the folder that holds config.json and model.safetensors.");
    return openGguf(absolute);
}

}
