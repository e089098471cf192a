// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/task_head.h"

#include "base/file.h"
#include "families/slot_list.h"
#include "formats/peft_adapter.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune::families {
namespace {

constexpr std::size_t kMaxHeadFile = 64u << 20;

std::vector<std::string> defaultLabels(std::int64_t count)
{
    std::vector<std::string> labels;
    for (std::int64_t i = 0; i < count; ++i)
        labels.push_back(fmt::format("LABEL_{}", i));
    return labels;
}

std::vector<std::string> labelsFrom(const Json& config)
{
    const auto names = config.find("id2label");
    if (names == config.end() || !names->is_object() || names->empty()) {
        const auto count = config.find("num_labels");
        return defaultLabels(count != config.end() && count->is_number_integer() ? std::clamp<std::int64_t>(count->get<std::int64_t>(), 1, 1'000'000) : 2);
    }
    auto labels = defaultLabels(static_cast<std::int64_t>(names->size()));
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (const auto it = names->find(std::to_string(i)); it != names->end() && it->is_string())
            labels[i] = it->get<std::string>();
    return labels;
}

std::string architectureOf(const Json& config)
{
    const auto list = config.find("architectures");
    return list != config.end() && list->is_array() && !list->empty() && list->front().is_string() ? list->front().get<std::string>() : std::string();
}

/// A layer of a head; adapters leave it alone, for it trains in full.
void addModule(SlotList& list, const std::string& name, const std::string& ggufName, std::vector<std::int64_t> shape, bool hasBias)
{
    const auto outputs = shape.front();
    list.add(name + ".weight", ggufName + ".weight", std::move(shape), Role::Other, -1);
    if (hasBias)
        list.add(name + ".bias", ggufName + ".bias", {outputs}, Role::Other, -1);
}

/// PEFT leaves what is called a classifier alone; ModernBERT's dense layer has another name and gets adapters of its own.
bool takesAdapters(const std::string& module)
{
    return module.find("classifier") == std::string::npos;
}

void addEncoderHead(SlotList& list, const ModelSpec& spec, const TaskHead& head, const LabelHeadNames& names)
{
    const auto C = spec.hiddenSize;
    const bool isPerToken = head.kind == TaskHead::Kind::Tokens;
    if (!isPerToken && names.isPooler)
        list.linear(names.dense, "pooler", C, C, Role::Other, -1, spec.headBias);
    else if (!names.dense.empty() && (!isPerToken || names.tokensPassDense) && takesAdapters(names.dense))
        list.linear(names.dense, "cls", C, C, Role::Other, -1, spec.headBias);
    else if (!names.dense.empty() && (!isPerToken || names.tokensPassDense))
        addModule(list, names.dense, "cls", {C, C}, spec.headBias);
    if (!names.norm.empty() && (!isPerToken || names.tokensPassDense))
        list.norm(names.norm, "cls.norm", C, -1, TensorSlot::GgufTransform::None, spec.normBias);
    addModule(list, isPerToken ? names.tokenOutput : names.output, "cls.output", {head.outputs(), C}, true);
}

}

std::vector<TensorSlot> withHead(std::vector<TensorSlot> slots, const ModelSpec& spec, const TaskHead& head)
{
    if (!head.isThere())
        return slots;
    std::erase_if(slots, [](const TensorSlot& slot) { return slot.role == Role::LmHead || slot.ggufName == "output.bias" || slot.ggufName.starts_with("mlm."); });
    SlotList list {std::move(slots)};
    const auto* family = findById(spec.family);
    if (spec.kind == Architecture::Encoder && family)
        addEncoderHead(list, spec, head, family->labelHead);
    else
        addModule(list, "score", "cls.output", {head.outputs(), spec.hiddenSize}, head.kind == TaskHead::Kind::Tokens);
    return std::move(list.slots);
}

TaskHead headOfModel(const ModelSource& source)
{
    if (source.format != ModelFormat::HfFolder)
        return {};
    const auto config = readJsonFile(source.path + "/config.json", kMaxHeadFile);
    return config && config->is_object() ? headFromConfig(*config) : TaskHead();
}

TaskHead headFromConfig(const Json& config)
{
    TaskHead head;
    const auto architecture = architectureOf(config);
    if (architecture.ends_with("ForSequenceClassification"))
        head.kind = TaskHead::Kind::Sequence;
    else if (architecture.ends_with("ForTokenClassification"))
        head.kind = TaskHead::Kind::Tokens;
    else
        return head;
    head.labels = labelsFrom(config);
    if (const auto it = config.find("problem_type"); it != config.end() && it->is_string())
        head.problemType = it->get<std::string>();
    else if (head.kind == TaskHead::Kind::Sequence)
        head.problemType = head.labels.size() == 1 ? "regression" : "single_label_classification";
    return head;
}

void describeHead(Json& config, const TaskHead& head)
{
    auto architecture = architectureOf(config);
    for (const char* suffix : {"ForCausalLM", "LMHeadModel", "ForMaskedLM", "Model"})
        if (architecture.ends_with(suffix)) {
            architecture.resize(architecture.size() - std::string_view(suffix).size());
            break;
        }
    config["architectures"] = Json::array({architecture + (head.kind == TaskHead::Kind::Tokens ? "ForTokenClassification" : "ForSequenceClassification")});
    config["id2label"] = Json::object();
    config["label2id"] = Json::object();
    for (std::size_t i = 0; i < head.labels.size(); ++i) {
        config["id2label"][std::to_string(i)] = head.labels[i];
        config["label2id"][head.labels[i]] = i;
    }
    if (head.kind == TaskHead::Kind::Sequence)
        config["problem_type"] = head.problemType;
}

bool isOfHead(const TensorSlot& slot)
{
    return slot.ggufName.starts_with("cls.");
}

bool isPooler(const TensorSlot& slot)
{
    return slot.ggufName.starts_with("pooler.");
}

std::string savedModule(const std::string& slotName, const ModelSpec& spec)
{
    const auto* family = findById(spec.family);
    const bool isInBody = family && family->labelHead.isPooler && slotName.starts_with(family->labelHead.dense);
    const auto begin = isInBody ? slotName.find('.') + 1 : 0;
    return slotName.substr(begin, slotName.find('.', begin) - begin);
}

Json toJson(const TaskHead& head)
{
    return {{"kind", head.kind == TaskHead::Kind::Tokens ? "tokens" : "sequence"}, {"problem_type", head.problemType}, {"labels", head.labels}};
}

Result<TaskHead> headOfAdapter(const std::string& folder)
{
    TaskHead head;
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return head;
    const std::string path = folder + "/head.json";
    if (fs::exists(path, error)) {
        ATTUNE_TRY(const auto json, readJsonFile(path, kMaxHeadFile));
        const bool isSound = json.is_object() && json.value("labels", Json()).is_array()
            && std::all_of(json["labels"].begin(), json["labels"].end(), [](const Json& label) { return label.is_string(); });
        if (!isSound || json["labels"].empty())
            return fail(ErrorCode::FileCorrupt, fmt::format("{} names no labels.", path), "Export the adapter again.");
        head.kind = json.value("kind", "") == "tokens" ? TaskHead::Kind::Tokens : TaskHead::Kind::Sequence;
        head.labels = json["labels"].get<std::vector<std::string>>();
        head.problemType = json.value("problem_type", "");
        return head;
    }
    if (!fs::exists(folder + "/adapter_config.json", error))
        return head;
    ATTUNE_TRY(const auto adapter, formats::PeftAdapter::open(folder));
    for (const char* module : {"score", "classifier", "classifier.out_proj"})
        if (const auto* weight = adapter.find(module, "weight"); weight && weight->shape.size() == 2) {
            head.kind = adapter.config().value("task_type", "") == "TOKEN_CLS" ? TaskHead::Kind::Tokens : TaskHead::Kind::Sequence;
            head.labels = defaultLabels(weight->shape[0]);
            head.problemType = head.labels.size() == 1 ? "regression" : "single_label_classification";
        }
    return head;
}

}
