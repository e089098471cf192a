// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/plan.h"

#include "families/fast_decoder.h"
#include "methods/method.h"
#include "planner/optimizer.h"

#include <algorithm>
#include <cmath>

namespace attune::planner {
namespace {

using families::ModelSource;
using families::ModelSpec;
using families::Role;
using families::TensorSlot;

// What a process holds before any model is in it: LibTorch's code and tables, allocator pools, SQLite; and what a tokenizer
// keeps of an entry of its vocabulary. Measured (tests/benchmarks/memory_grid.py).
constexpr std::int64_t kCpuBaseline = 157LL << 20, kVocabularyEntry = 600;
// The CUDA context with cuBLAS and cuDNN handles (performance.md §1.6: 0.3 to 0.6 GiB).
constexpr std::int64_t kCudaBaseline = 600LL << 20;
constexpr std::int64_t kHeadRows = 256;         // rows of logits that exist at a time (model/blocks/head.cpp),
constexpr std::int64_t kManyHeadRows = 1024, kManyHeadBytes = 96LL << 20;  // and where the head is put in order for every product
constexpr std::int64_t kCpuPieceTokens = 1024;  // enough rows to keep the matrix units of a CPU busy
constexpr std::int64_t kOrderedPieceTokens = 2048;  // where plain weights are put in order for every piece: a tenth faster
constexpr std::int64_t kCudaPieceTokens = 16384;
constexpr std::int64_t kGoodPieceTokens = 1024;  // fewer leave a card waiting: rather compute layers again
constexpr std::int64_t kLeastPieceTokens = 256;
constexpr std::int64_t kOrderedValues = 2LL << 22;  // of a product's sides in the tile units' order (model/tile_product.cpp)
constexpr std::int64_t kBytesPerToken = 64;     // ids, targets, positions, row indices on both sides

std::int64_t typeBytes(const std::string& dtype)
{
    return dtype == "float32" ? 4 : 2;
}

/// The shape of a step that all parts are counted from.
struct Step {
    const ModelSpec& spec;
    std::vector<TensorSlot> slots {};
    std::int64_t parameters = 0, trained = 0;
    std::int64_t storedBytes = 0;    ///< of one value of the frozen base
    std::int64_t computeBytes = 0;   ///< of one value of an activation
    std::int64_t microTokens = 0, pieceTokens = 0, targets = 0;
    std::int64_t keptLayers = 0;     ///< keep what they computed; the others keep their input
    bool inputsOnHost = false;       ///< of which a card holds two at a time (model/host_inputs.h)
    std::int64_t rankQkv = 0, rankOut = 0, rankGates = 0, rankDown = 0;  ///< of one layer, summed over a group
    std::int64_t adapterCopies = 0;  ///< values of A and of the widened B in the compute type
    std::int64_t hookedBytes = 0;    ///< what adapters on the general network keep of a token and layer
    std::int64_t tapedLayers = 0;    ///< layers that a gradient goes through
    std::int64_t stateBytes = 0;     ///< what the optimizer remembers
    std::int64_t weightBytes = 0;    ///< of the whole base as it is held
    std::int64_t expandedBytes = 0;  ///< the largest weight that is put together for one product; on the decoder that of a group
    bool trainsBase = false, hasDropout = false;
    bool replacesWeights = false;    ///< of what trains there are masters only
    bool onNetwork = false;          ///< runs on the general network, whose tape keeps more
    bool recomputesAlways = false, recomputesNever = false;  ///< else where the tape would be large
    bool onTiles = false;            ///< a frozen base lies in the order of the CPU's tile units
    bool ordersHead = false;         ///< so does a frozen output layer, beside itself
    bool isSplit = false;            ///< float32 that holds values of bfloat16: of the weights one plane each way (model/packed_linear.h)
    bool ordersSides = false;        ///< both sides of a product are put into that order when it is computed
};

/// Where the hand-written passes of the decoder do not serve (core/peft says the same when it loads).
bool needsNetwork(const ModelSpec& spec, const PlanInput& input, const methods::Method& method)
{
    return input.quantization == "keep" || !families::runsOnFastDecoder(spec) || !method.fitsDecoder || !method.fitsDecoder(input.methodValues);
}

/// NF4: half a byte and a scale byte per 64 values; int8: a byte and a scale per output; keep: the file.
void countWeights(Step& step, const ModelSource& model, const PlanInput& input)
{
    const std::int64_t stored = step.trainsBase ? step.computeBytes : step.storedBytes;
    step.weightBytes = step.parameters * stored;
    if (input.quantization == "keep")
        step.weightBytes = static_cast<std::int64_t>(model.bytes);
    // One copy in bfloat16 for each direction; of the output layer both beside the weight itself.
    if (step.ordersHead)
        step.weightBytes += 2 * step.spec.vocabSize * step.spec.hiddenSize * 2;
    for (const auto& slot : step.slots)
        if (step.onTiles && !step.isSplit && slot.isLinear && slot.role != Role::LmHead && slot.shape.size() == 2)
            step.weightBytes += slot.shape[0] * slot.shape[1] * stored;
    if (input.quantization == "none")
        return;
    // A decoder has one buffer for the weights of a group, which takes turns; a table that is no head stays on the host.
    const auto& spec = step.spec;
    if (!step.onNetwork) {
        step.expandedBytes = step.computeBytes * std::max({2 * spec.intermediateSize * (spec.hiddenSize + step.rankGates), (spec.queryWidth() + 2 * spec.kvWidth()) * (spec.hiddenSize + step.rankQkv),
            spec.hiddenSize * (spec.intermediateSize + step.rankDown)});
        if (input.device != "cpu" && !spec.tiedEmbeddings)
            step.weightBytes -= spec.vocabSize * spec.hiddenSize * stored;
    }
    for (const auto& slot : step.slots) {
        if (!slot.isLinear || slot.role == Role::LmHead || slot.shape.size() != 2)
            continue;
        const std::int64_t count = slot.shape[0] * slot.shape[1];
        if (step.onNetwork)
            step.expandedBytes = std::max(step.expandedBytes, 2 * count * step.computeBytes);
        if (input.quantization == "nf4")
            step.weightBytes += count / 2 + count / 64 - count * stored;
        else if (input.quantization == "int8")
            step.weightBytes += count + 4 * slot.shape[0] - count * stored;
    }
}

/// Ranks per group of linears that read the same input; B lies beside the group's weight, as wide as
/// all ranks of the group.
void countRanks(Step& step, const Json& values)
{
    const auto targets = methods::targetSlots(step.slots, values.value("target_modules", Json("all-linear")));
    if (!targets)
        return;
    const std::int64_t layers = std::max<std::int64_t>(step.spec.layers, 1);
    std::int64_t down = 0;  // values of A
    for (const auto& slot : *targets) {
        const std::int64_t rank = methods::rankOf(slot, values);
        const bool isQkv = slot.role == Role::AttnQuery || slot.role == Role::AttnKey || slot.role == Role::AttnValue;
        const bool isGate = slot.role == Role::MlpGate || slot.role == Role::MlpUp;
        (isQkv ? step.rankQkv : isGate ? step.rankGates : slot.role == Role::MlpDown ? step.rankDown : step.rankOut) += rank;
        down += rank * slot.shape.back();
    }
    const auto& spec = step.spec;
    const std::int64_t up = step.rankQkv * (spec.queryWidth() + 2 * spec.kvWidth()) + step.rankGates * 2 * spec.intermediateSize
        + (step.rankOut + step.rankDown) * spec.hiddenSize;
    // In the order of the tile units both lie once for each direction, behind the weight and by themselves (packed_linear.h).
    step.adapterCopies = step.onTiles ? 3 * down + 2 * up : down + up;
    for (auto* rank : {&step.rankQkv, &step.rankOut, &step.rankGates, &step.rankDown})
        *rank = (*rank + layers - 1) / layers;
}

/// Adapters on the general network compute in float32.
void countHooks(Step& step, const PlanInput& input, const methods::Method& method)
{
    if (method.keptPerToken)
        step.hookedBytes = method.keptPerToken(step.spec, step.slots, input.methodValues) + 4 * (step.rankQkv + step.rankOut + step.rankGates + step.rankDown);
}

/// What a token leaves behind in every layer until its backward pass: the layer's input, q, k and v
/// after rotation, attention's output with its low-rank part, the middle of the block, gate and up;
/// norms and the activation are computed again. log-sum-exp per head in float32.
std::int64_t savedPerToken(const Step& step)
{
    const auto& s = step.spec;
    const std::int64_t gates = (s.gatedMlp ? 2 : 1) * s.intermediateSize;
    const std::int64_t ranks = step.rankOut + (step.hasDropout ? 0 : step.rankQkv) + (step.onTiles && !step.hasDropout ? step.rankGates + step.rankDown : 0);
    return step.computeBytes * (2 * s.hiddenSize + 2 * s.queryWidth() + 2 * s.kvWidth() + ranks + gates) + 4 * s.heads;
}

/// Buffers that all layers share, per token of a piece: normalised inputs, the activated hidden layer and
/// the gradients of each.
std::int64_t sharedPerToken(const Step& step)
{
    const auto& s = step.spec;
    const std::int64_t input = s.hiddenSize + std::max(step.rankQkv, step.rankGates);
    std::int64_t values = 2 * input + 2 * (s.intermediateSize + step.rankDown) + (s.queryWidth() + 2 * s.kvWidth()) + (s.queryWidth() + step.rankOut)
        + s.queryWidth() + 2 * s.hiddenSize;
    if (step.hasDropout)
        values += std::max(s.intermediateSize, s.hiddenSize);
    return step.computeBytes * values;
}

/// What autograd keeps of a layer and token on the general network: what the norms compute in float32, what attention reads
/// and gives, and the gate. Products with frozen weights keep nothing.
std::int64_t savedOnNetwork(const Step& step)
{
    const auto& s = step.spec;
    const std::int64_t values = 2 * s.queryWidth() + 2 * s.kvWidth() + (s.gatedMlp ? 3 : 2) * s.intermediateSize;
    return 4 * 4 * s.hiddenSize + step.computeBytes * values;
}

/// Whether the general network keeps the inputs of layers only and computes the rest again (Network::recomputes).
bool recomputesLayers(const Step& step)
{
    constexpr std::int64_t kKeptBytes = std::int64_t(1) << 29;
    const auto& s = step.spec;
    const std::int64_t wide = 14 * s.hiddenSize + 4 * (s.queryWidth() + 2 * s.kvWidth()) + 5 * s.intermediateSize;
    return step.recomputesAlways || (!step.recomputesNever && 4 * wide * step.pieceTokens * s.layers > kKeptBytes);
}

/// The tape of all layers, or of one beside the inputs of all; logits in chunks with their gradient in float32.
std::int64_t networkBytes(const Step& step)
{
    const auto& s = step.spec;
    const std::int64_t layer = savedOnNetwork(step);
    // The gradients of a layer's inner values are as large as what is kept of it while it is gone through backwards.
    const std::int64_t perToken = recomputesLayers(step) ? step.tapedLayers * s.hiddenSize * step.computeBytes + 2 * layer + step.hookedBytes
                                                      : (step.tapedLayers + 1) * (layer + step.hookedBytes);
    const std::int64_t rows = std::min(kHeadRows, step.targets);
    constexpr std::int64_t kLossBytes = 10;  // of a logit: its share and the gradient in float32, and once more where it was rounded
    return step.pieceTokens * perToken + rows * s.vocabSize * kLossBytes + step.targets * s.hiddenSize * 4 * step.computeBytes;
}

std::int64_t activationBytes(const Step& step)
{
    if (step.onNetwork)
        return networkBytes(step);
    const std::int64_t headRows = step.targets * step.spec.hiddenSize * 4 * step.computeBytes;
    const std::int64_t saved = savedPerToken(step), again = step.spec.layers - step.keptLayers;
    const std::int64_t inputs = (step.inputsOnHost ? std::min<std::int64_t>(2, again) : again) * step.spec.hiddenSize * step.computeBytes;
    return step.pieceTokens * (step.keptLayers * saved + (inputs > 0 ? inputs + saved : 0) + sharedPerToken(step)) + headRows;
}

/// One chunk of logits and its gradient, written over each other, with a float32 row for the soft-max;
/// in full fine-tuning the gradient of the head as a product, and as what is added to its sum, in float32, where it is not
/// summed in place.
std::int64_t logitBytes(const Step& step)
{
    const std::int64_t row = step.spec.vocabSize * step.computeBytes;
    const std::int64_t atATime = step.ordersSides && !step.ordersHead ? std::clamp(kManyHeadBytes / row / kHeadRows * kHeadRows, kHeadRows, kManyHeadRows) : kHeadRows;
    const std::int64_t chunk = std::min(atATime, std::max<std::int64_t>(step.targets, 1)) * row;
    return chunk + (step.trainsBase && !step.ordersSides ? step.spec.vocabSize * step.spec.hiddenSize * 8 : 0);
}

Result<Step> stepOf(const ModelSource& model, const PlanInput& input, const methods::Method& method)
{
    Step step {.spec = model.spec};
    step.slots = model.family->tensors(model.spec);
    step.parameters = model.parameters > 0 ? model.parameters : families::parameterCount(step.slots);
    if (const auto targets = input.methodValues.find("target_modules"); targets != input.methodValues.end())
        if (auto chosen = methods::targetSlots(step.slots, *targets); !chosen)
            return chosen.error();
    const auto* optimizer = findOptimizerFacts(input.optimizer);
    if (!optimizer)
        return fail(ErrorCode::RecipeValue, fmt::format("training.optimizer: \"{}\" is not in this version.", input.optimizer), "`attune recipe schema` lists them.");
    for (const auto& shape : method.trainedShapes(step.spec, step.slots, input.methodValues)) {
        step.trained += valueCount(shape);
        step.stateBytes += optimizer->stateBytes(shape);
    }
    step.trainsBase = method.trainsBase;
    step.replacesWeights = method.savesModel && !method.trainsBase;
    step.hasDropout = input.methodValues.value("lora_dropout", 0.0) > 0;
    step.storedBytes = typeBytes(input.dtype);
    const bool isCpu = input.device == "cpu";
    const bool computesInFloat = isCpu && (input.dtype == "float16" || (input.dtype == "bfloat16" && !cpuHasBfloat16()));
    step.computeBytes = computesInFloat ? 4 : step.storedBytes;
    step.microTokens = input.batchSize * input.maxLength;
    step.onNetwork = needsNetwork(step.spec, input, method);
    step.recomputesAlways = (step.onNetwork && input.quantization != "none") || input.gradientCheckpointing == "true";
    step.recomputesNever = !step.recomputesAlways && (input.gradientCheckpointing == "false" || method.keepsTape);
    // In bfloat16 the order of the tiles serves vectors, too.
    const bool fitsTiles = isCpu && !step.onNetwork && cpuHasTiles(), fitsPairs = isCpu && !step.onNetwork && cpuHasBfloat16() && input.dtype == "bfloat16";
    const bool isExact = fitsTiles && input.dtype == "float32" && (model.storedType == "bfloat16" || model.storedType == "BF16");
    step.ordersHead = (fitsPairs || isExact) && !step.trainsBase;
    step.onTiles = step.ordersHead && input.quantization == "none";
    step.isSplit = step.onTiles && isExact;
    step.ordersSides = fitsTiles && !step.onTiles;
    if (input.methodValues.contains("lora_alpha"))
        countRanks(step, input.methodValues);
    if (step.onNetwork)
        countHooks(step, input, method);
    step.tapedLayers = method.tapedLayers ? method.tapedLayers(step.spec, input.methodValues) : step.spec.layers;
    countWeights(step, model, input);
    return step;
}

void setPiece(Step& step, const PlanInput& input, std::int64_t tokens)
{
    step.keptLayers = step.recomputesAlways ? 0 : step.spec.layers;
    step.inputsOnHost = false;
    // A row is never cut: a piece holds at least one of the longest.
    step.pieceTokens = std::min(step.microTokens, std::max(tokens, input.maxLength));
    step.targets = std::max<std::int64_t>(1, std::llround(static_cast<double>(step.pieceTokens) * std::clamp(input.trainedShare, 0.0, 1.0)));
}

MemoryPlan parts(const Step& step, const PlanInput& input)
{
    MemoryPlan plan;
    const bool isCpu = input.device == "cpu";
    plan.weights = step.weightBytes;
    // float32 masters; where products read float32, full fine-tuning's masters are the weights themselves.
    const bool sharesMasters = step.trainsBase && step.computeBytes == 4;
    if (step.replacesWeights)
        plan.weights -= step.trained * step.storedBytes;
    plan.adapter = (sharesMasters ? 0 : step.trained * 4) + step.adapterCopies * step.computeBytes;
    plan.stateBytes = step.stateBytes;
    plan.optimizer = step.trained * 4 + step.stateBytes;  // gradients in float32
    plan.activations = activationBytes(step);
    plan.logits = step.onNetwork ? 0 : logitBytes(step);
    plan.workspace = (isCpu ? kCpuBaseline : kCudaBaseline) + step.spec.vocabSize * kVocabularyEntry + step.microTokens * input.accumulation * kBytesPerToken + step.expandedBytes;
    if (isCpu) {
        // A checkpoint is written by another thread from a copy of the states and of what trains.
        plan.workspace += step.stateBytes + step.trained * 4;
        if (step.ordersSides || step.isSplit)
            plan.workspace += kOrderedValues * step.computeBytes;
        const auto& s = step.spec;
        if (step.storedBytes < step.computeBytes && !step.trainsBase)  // one layer's weight converted at a time
            plan.workspace += 4 * std::max({(s.gatedMlp ? 2 : 1) * s.intermediateSize * s.hiddenSize, s.vocabSize * s.hiddenSize});
    }
    plan.pieceTokens = step.pieceTokens;
    plan.trainableParameters = step.trained;
    plan.availableBytes = input.availableBytes;
    plan.keptLayers = step.keptLayers;
    plan.inputsOnHost = step.inputsOnHost;
    // What this machine measured beyond or below the forecast belongs to what cannot be seen from shapes.
    const double learned = std::clamp(input.correction, 0.5, 2.0) - 1.0;
    plan.workspace = std::max<std::int64_t>(0, plan.workspace + std::llround(learned * static_cast<double>(plan.estimateBytes())));
    return plan;
}

/// As many kept layers as fit with the step's pieces; false where not even none does.
bool planLayers(Step& step, const PlanInput& input, MemoryPlan& plan)
{
    std::int64_t fits = -1;
    for (std::int64_t low = 0, high = step.keptLayers; low <= high;) {
        step.keptLayers = (low + high) / 2;
        if (parts(step, input).fits())
            fits = step.keptLayers, low = step.keptLayers + 1;
        else
            high = step.keptLayers - 1;
    }
    step.keptLayers = std::max<std::int64_t>(0, fits);
    // The last resort of a card before pieces become small: PCIe carries an input many times over while its layer computes.
    step.inputsOnHost = fits < 0 && input.device != "cpu";
    plan = parts(step, input);
    return plan.fits();
}

/// The largest piece that fits: fewer tokens at a time are slower, not different. Before pieces become too small to keep a card
/// busy, layers are computed again.
MemoryPlan planPieces(Step& step, const PlanInput& input)
{
    MemoryPlan plan;
    // A quantised base is chosen for little memory.
    const bool isLarge = step.ordersSides && input.quantization == "none";
    const std::int64_t most = input.device != "cpu" ? kCudaPieceTokens : isLarge ? kOrderedPieceTokens : kCpuPieceTokens;
    const auto tries = [&](std::int64_t tokens, bool mayRecompute) {
        setPiece(step, input, tokens);
        plan = parts(step, input);
        return input.availableBytes == 0 || plan.fits() || (mayRecompute && !step.onNetwork && !step.recomputesNever && planLayers(step, input, plan));
    };
    const std::int64_t good = input.device == "cpu" ? kLeastPieceTokens : kGoodPieceTokens;
    for (std::int64_t tokens = most; tokens >= good; tokens /= 2)
        if (tries(tokens, false))
            return plan;
    for (std::int64_t tokens = std::min(most, 2 * good); tokens >= kLeastPieceTokens; tokens /= 2)
        if (tries(tokens, true) || step.pieceTokens > tokens)
            break;
    return plan;
}

Result<MemoryPlan> planOnce(const ModelSource& model, const PlanInput& input)
{
    ATTUNE_RETURN_IF_ERROR(methods::checkMethod(model, input.method, input.methodValues, input.quantization));
    if (!model.family)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be trained: {}", model.name, model.reason), "`attune model info` says more about it.");
    ATTUNE_TRY(Step step, stepOf(model, input, *methods::findById(input.method)));
    return planPieces(step, input);
}

std::string gib(std::int64_t bytes)
{
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1LL << 30));
}

/// Tries one change and keeps it when it saves at least a hundredth.
void suggest(MemoryPlan& plan, const ModelSource& model, const PlanInput& changed, const std::string& what, const std::string& key, Json value)
{
    const auto other = planOnce(model, changed);
    if (!other)
        return;
    const std::int64_t saves = plan.estimateBytes() - other->estimateBytes();
    if (saves > plan.estimateBytes() / 100)
        plan.suggestions.push_back({fmt::format("{}: saves {}{}", what, gib(saves), other->fits() ? ", then it fits" : ""), key, std::move(value), saves});
}

void addSuggestions(MemoryPlan& plan, const ModelSource& model, const PlanInput& input)
{
    const auto* method = methods::findById(input.method);
    for (std::int64_t length = input.maxLength / 2; length >= 128; length /= 2) {
        PlanInput changed = input;
        changed.maxLength = length;
        suggest(plan, model, changed, fmt::format("Context {} tokens", length), "data.max_length", length);
        if (!plan.suggestions.empty() && plan.estimateBytes() - plan.suggestions.back().savesBytes <= plan.availableBytes)
            break;
    }
    if (input.batchSize > 1) {
        PlanInput changed = input;
        changed.batchSize = 1;
        suggest(plan, model, changed, fmt::format("Batch size 1, accumulated over {} micro-batches", input.batchSize * input.accumulation), "training.batch_size", 1);
    }
    if (input.dtype == "float32" && (input.device != "cpu" || cpuHasBfloat16())) {
        PlanInput changed = input;
        changed.dtype = "bfloat16";
        suggest(plan, model, changed, "bfloat16", "model.dtype", "bfloat16");
    }
    if (method->canQuantise && input.quantization == "none") {
        PlanInput changed = input;
        changed.quantization = "nf4";
        suggest(plan, model, changed, "4-bit weights", "model.quantization", "nf4");
    }
    if (const auto* lighter = findOptimizerFacts(findOptimizerFacts(input.optimizer)->lighter)) {
        PlanInput changed = input;
        changed.optimizer = lighter->id;
        suggest(plan, model, changed, lighter->displayName, "training.optimizer", lighter->id);
    }
    if (const auto* lighter = methods::findById(method->lighter)) {
        PlanInput changed = input;
        changed.method = lighter->id;
        changed.methodValues = Json::object();
        for (const auto& option : lighter->options)
            changed.methodValues[option.name()] = option.defaultValue;
        suggest(plan, model, changed, fmt::format("{} instead of {}", lighter->displayName, method->displayName), "method.type", lighter->id);
    }
    if (const std::int64_t r = input.methodValues.value("r", std::int64_t(0)); r > 16) {
        PlanInput changed = input;
        changed.methodValues["r"] = 16;
        suggest(plan, model, changed, "Rank 16", "method.r", 16);
    }
    std::stable_sort(plan.suggestions.begin(), plan.suggestions.end(), [](const auto& a, const auto& b) { return a.savesBytes > b.savesBytes; });
    const bool helps = std::any_of(plan.suggestions.begin(), plan.suggestions.end(),
        [&](const auto& s) { return plan.estimateBytes() - s.savesBytes <= plan.availableBytes; });
    if (!helps)
        plan.suggestions.push_back({fmt::format("No single setting is enough: {} are needed, {} are there. Combine them, or choose a smaller model.",
                                        gib(plan.estimateBytes()), gib(plan.availableBytes)), "model.base", Json(), 0});
}

}

Result<MemoryPlan> planMemory(const ModelSource& model, const PlanInput& input)
{
    ATTUNE_TRY(MemoryPlan plan, planOnce(model, input));
    if (!plan.fits())
        addSuggestions(plan, model, input);
    return plan;
}

Json MemoryPlan::toJson() const
{
    Json list = Json::array();
    for (const auto& s : suggestions)
        list.push_back({{"text", s.text}, {"key", s.key}, {"value", s.value}, {"saves_bytes", s.savesBytes}});
    return Json {{"estimate_bytes", estimateBytes()},
        {"parts", {{"weights", weights}, {"adapter", adapter}, {"optimizer", optimizer}, {"activations", activations}, {"logits", logits}, {"workspace", workspace}}},
        {"available_bytes", availableBytes}, {"fits", fits()}, {"suggestions", list}, {"trainable_parameters", trainableParameters},
        {"piece_tokens", pieceTokens}, {"kept_layers", keptLayers}, {"inputs_on_host", inputsOnHost}};
}

}
