// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/forecast.h"

#include "base/log.h"
#include "pipeline/packing.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>

namespace attune::pipeline {
namespace {

std::string outputOf(const char* command)
{
    std::string text;
    if (FILE* pipe = ::popen(command, "r")) {
        char buffer[4096];
        for (std::size_t n = 0; text.size() < (1u << 20) && (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
            text.append(buffer, n);
        ::pclose(pipe);
    }
    return text;
}

double numberIn(const std::string& text)
{
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// One line of "name, driver, total MiB, free MiB, capability".
std::optional<CudaCard> cardFrom(const std::string& line)
{
    std::vector<std::string> fields;
    for (std::size_t begin = 0; begin <= line.size();) {
        const auto end = std::min(line.find(", ", begin), line.size());
        fields.push_back(line.substr(begin, end - begin));
        begin = end + 2;
    }
    if (fields.size() != 5 || numberIn(fields[1]) <= 0)
        return {};
    const auto mib = [](const std::string& text) { return static_cast<std::int64_t>(numberIn(text)) << 20; };
    return CudaCard {fields[0], fields[1], mib(fields[2]), mib(fields[3]), numberIn(fields[4])};
}

std::string cardLimitText()
{
    const char* text = std::getenv("ATTUNE_CUDA_MEMORY_LIMIT");
    return text ? text : "";
}

std::optional<std::int64_t> cardLimitMebibytes(const std::string& text)
{
    std::int64_t mebibytes = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), mebibytes);
    const bool isWhole = error == std::errc() && stop == text.data() + text.size();
    return isWhole && mebibytes > 0 && mebibytes < 1LL << 40 ? std::optional(mebibytes) : std::nullopt;
}

std::string correctionKey(const planner::PlanInput& input)
{
    return fmt::format("memory.correction.{}.{}", input.device == "cpu" ? "cpu" : "cuda", input.method);
}

}

bool CudaCard::isUsable() const
{
    return reason().empty();
}

std::string CudaCard::reason() const
{
    if (numberIn(driver) < 580)
        return fmt::format("The driver {} is too old: CUDA 13 needs 580 or newer.", driver);
    if (computeCapability < 7.5)
        return fmt::format("{} has compute capability {:.1f}; CUDA 13 needs 7.5 or newer.", name, computeCapability);
    return {};
}

const std::vector<CudaCard>& cudaCards()
{
    static const std::vector<CudaCard> cards = [] {
        std::vector<CudaCard> result;
        const std::string text = outputOf("timeout 10 nvidia-smi --query-gpu=name,driver_version,memory.total,memory.free,compute_cap "
                                          "--format=csv,noheader,nounits 2>/dev/null");
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = std::min(text.find('\n', begin), text.size());
            if (auto card = cardFrom(text.substr(begin, end - begin)))
                result.push_back(std::move(*card));
            begin = end + 1;
        }
        return result;
    }();
    return cards;
}

Result<std::string> resolveDevice(const std::string& device)
{
    if (device == "cpu")
        return device;
    const auto& cards = cudaCards();
    if (device == "auto" || device.empty())
        return std::string(!cards.empty() && cards.front().isUsable() ? "cuda" : "cpu");
    const bool isCuda = device == "cuda" || (device.starts_with("cuda:") && device.size() > 5 && device.size() < 8);
    std::size_t index = 0;
    if (!isCuda || (device.size() > 5 && std::from_chars(device.data() + 5, device.data() + device.size(), index).ptr != device.data() + device.size()))
        return fail(ErrorCode::RecipeValue, fmt::format("runtime.device cannot be \"{}\".", device), "Use auto, cpu, cuda, or cuda:1 for the second card.");
    if (index >= cards.size())
        return fail(ErrorCode::DeviceMissing, fmt::format("The device {} is not there: {} NVIDIA cards were found.", device, cards.size()),
            "Use runtime.device: auto or cpu; `attune doctor` says what a GPU needs.");
    if (!cards[index].isUsable())
        return fail(ErrorCode::DeviceMissing, fmt::format("The device {} cannot be used. {}", device, cards[index].reason()), "Use runtime.device: cpu.");
    return device;
}

std::string resolveDtype(const std::string& dtype, const std::string& device)
{
    if (dtype != "auto")
        return dtype;
    if (device == "cpu")
        return planner::cpuHasBfloat16() ? "bfloat16" : "float32";
    return !cudaCards().empty() && cudaCards().front().computeCapability >= 8.0 ? "bfloat16" : "float32";
}

std::string cardLimitProblem()
{
    const std::string text = cardLimitText();
    return text.empty() || cardLimitMebibytes(text) ? std::string()
                                                    : fmt::format("ATTUNE_CUDA_MEMORY_LIMIT is \"{}\", which is no number of MiB above 0: the GPU's memory is not limited.", text);
}

std::int64_t cardLimitBytes()
{
    static std::once_flag said;
    const auto mebibytes = cardLimitMebibytes(cardLimitText());
    if (const std::string problem = cardLimitProblem(); !problem.empty())
        std::call_once(said, [&problem] { logWarning("{}", problem); });
    return mebibytes ? *mebibytes << 20 : std::numeric_limits<std::int64_t>::max();
}

Result<planner::PlanInput> planInput(const Recipe& recipe, const store::Store* store, std::optional<double> trainedShare)
{
    planner::PlanInput input;
    input.method = recipe.text("method.type");
    input.methodValues = recipe.methodValues();
    input.quantization = recipe.text("model.quantization");
    ATTUNE_TRY(input.device, resolveDevice(recipe.text("runtime.device")));
    const bool isExact = recipe.text("model.dtype") == "auto" && input.quantization == "keep" && input.device == "cpu";  // as loading does
    input.dtype = isExact ? "float32" : resolveDtype(recipe.text("model.dtype"), input.device);
    input.batchSize = recipe.integer("training.batch_size");
    input.maxLength = recipe.integer("data.max_length");
    input.accumulation = recipe.integer("training.gradient_accumulation_steps");
    input.isPacked = packsRows(recipe);
    input.optimizer = recipe.text("training.optimizer");
    input.gradientCheckpointing = recipe.text("training.gradient_checkpointing");
    input.trainedShare = trainedShare.value_or(1.0);
    input.availableBytes = planner::availableMemoryBytes();
    if (input.device != "cpu") {
        const std::size_t index = input.device.size() > 5 ? static_cast<std::size_t>(numberIn(input.device.substr(5))) : 0;
        input.availableBytes = std::min<std::int64_t>(cudaCards().at(index).freeBytes, cardLimitBytes());
    }
    if (store)
        if (const auto learned = store->value(correctionKey(input)); learned && learned->is_object())
            input.correction = learned->value("ratio", 1.0);
    return input;
}

Result<planner::MemoryPlan> forecastMemory(const Recipe& recipe, const families::ModelSource& model, const store::Store* store,
    std::optional<double> trainedShare)
{
    ATTUNE_TRY(const auto input, planInput(recipe, store, trainedShare));
    return planner::planMemory(model, input);
}

Status learnMemory(store::Store& store, const planner::PlanInput& input, std::int64_t estimateBytes, std::int64_t measuredBytes)
{
    if (estimateBytes <= 0 || measuredBytes <= 0)
        return {};
    // The estimate already held what was learnt before.
    const double ratio = input.correction * static_cast<double>(measuredBytes) / static_cast<double>(estimateBytes);
    double runs = 0, mean = 1.0;
    if (const auto known = store.value(correctionKey(input)); known && known->is_object()) {
        runs = std::min(known->value("runs", 0.0), 9.0);  // old runs fade: libraries and settings change
        mean = known->value("ratio", 1.0);
    }
    return store.putValue(correctionKey(input), Json {{"ratio", (mean * runs + ratio) / (runs + 1)}, {"runs", runs + 1}});
}

}
