// SPDX-License-Identifier: GPL-3.0-or-later
// `bench training`; see benchmark.h.
#include "base/file.h"
#include "families/model_source.h"
#include "methods/method.h"
#include "pipeline/benchmark.h"
#include "pipeline/peer_process.h"
#include "pipeline/run_recorder.h"
#include "pipeline/training_peer.h"
#include "planner/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>
#include <utility>

namespace attune::pipeline {
namespace {

constexpr std::int64_t kRows = 240, kRank = 16, kBatchRows = 8, kMaxLength = 512;
constexpr std::int64_t kProductTokens = 2048;  // rows of the matrix products that set the limit

/// What a training looked like from outside: tokens of the steps after the first, and how long they took.
struct Training {
    double useful = 0, trained = 0, padded = 0, seconds = 0;
    std::int64_t steps = 0;
    std::int64_t peakBytes = 0;
    double beginsAfter = 0;           ///< of ours: until the first step begins
    double longestPause = 0;          ///< of ours: of a checkpoint in the middle

    /// A step ended when the program had been running for so long. The first is there to warm up.
    void addStep(double usefulTokens, double trainedTokens, double paddedTokens, double now)
    {
        if (steps++ > 0) {
            useful += usefulTokens;
            trained += trainedTokens;
            padded += paddedTokens;
            seconds += now - m_last;
        }
        m_last = now;
    }
    double perSecond(double tokens) const { return seconds > 0 ? tokens / seconds : 0; }

private:
    double m_last = 0;
};

class TrainingBench
{
public:
    TrainingBench(const BenchmarkOptions& options, const JobContext& context) : m_options(options), m_context(context) {}

    Result<std::vector<BenchmarkLine>> run()
    {
        ATTUNE_RETURN_IF_ERROR(writeRows());
        ATTUNE_TRY(m_model, families::openModel(m_options.model));
        m_dtype = !m_options.dtype.empty() ? m_options.dtype : planner::cpuHasBfloat16() ? "bfloat16" : "float32";
        m_context.report("Preparing the peer", 0, 1);
        const bool hasPeer = askPeer(m_options.python, m_options.folder, kPeerModel, {m_model.path, peerFolder()}, m_context).has_value();
        double products = measureProducts();
        m_context.report("Training by turns", 0, 1);
        ATTUNE_TRY(const auto pair, trainByTurns(hasPeer));
        products = std::max(products, measureProducts());
        m_context.report("Checkpoints and telemetry", 0, 1);
        ATTUNE_TRY(const auto saving, trainAlone(recipe({{"training", {{"max_steps", 6}}}, {"checkpoints", {{"every_steps", 2}}}})));
        return table(pair.ours, pair.theirs, products, saving);
    }

private:
    std::string rowsPath() const { return m_options.folder + "/rows.jsonl"; }
    bool isFull() const { return m_options.method == "full"; }
    std::string peerFolder() const { return m_options.folder + "/peer"; }

    /// A line with question and answer as one that both programs read.
    static Result<std::string> trainingRow(const std::string& line)
    {
        ATTUNE_TRY(const auto row, parseJson(line));
        if (!row.is_object() || !row.contains("question") || !row["question"].is_string() || !row.contains("answer") || !row["answer"].is_string())
            return fail(ErrorCode::RoleMissing, "The row has no question and answer in words.", "Give JSON lines such as {\"question\": \"…\", \"answer\": \"…\"}.");
        return toLine(Json {{"prompt", row["question"]}, {"completion", row["answer"]}});
    }

    Status writeRows()
    {
        ATTUNE_TRY(const auto text, readFile(m_options.rows, std::size_t(1) << 28));
        std::string lines;
        std::int64_t rows = 0;
        for (std::size_t begin = 0; begin < text.size() && rows < kRows;) {
            const auto end = std::min(text.find('\n', begin), text.size());
            ++rows;
            auto line = trainingRow(text.substr(begin, end - begin));
            if (!line)
                return line.error().in(fmt::format("line {}", rows)).in(m_options.rows);
            lines += *line + "\n";
            begin = end + 1;
        }
        if (rows == 0)
            return fail(ErrorCode::DatasetEmpty, fmt::format("{} is empty.", m_options.rows), "Give a file of JSON lines with question and answer.");
        return writeFileAtomically(rowsPath(), lines);
    }

    /// The linears of the model by shape: the products that every pass consists of.
    std::vector<std::string> productArguments() const
    {
        std::map<std::string, int> shapes;
        for (const auto& slot : m_model.family->tensors(m_model.spec))
            if (slot.isLinear && slot.role != families::Role::LmHead && slot.shape.size() == 2)
                ++shapes[fmt::format("{}x{}", slot.shape[0], slot.shape[1])];
        std::vector<std::string> arguments {m_dtype, std::to_string(kProductTokens)};
        for (const auto& [shape, times] : shapes)
            arguments.push_back(fmt::format("{}x{}", shape, times));
        return arguments;
    }

    Json recipe(const Json& changes) const
    {
        Json json {{"attune_recipe", 1}, {"name", "bench"}, {"seed", 1}, {"model", {{"base", m_model.path}, {"dtype", m_dtype}}},
            {"data", {{"train", rowsPath()}, {"eval_fraction", 0.0}, {"template", "model"}, {"train_on", "completion"}, {"max_length", kMaxLength}}},
            {"method", isFull() ? Json {{"type", "full"}} : Json {{"type", "lora"}, {"r", kRank}, {"lora_alpha", 32}, {"lora_dropout", 0.0}, {"target_modules", "all-linear"}}},
            {"training", {{"num_train_epochs", 1}, {"batch_size", kBatchRows}, {"learning_rate", 2e-4}}}, {"checkpoints", {{"every_steps", 0}}},
            {"runtime", {{"device", "cpu"}}}};
        json.merge_patch(changes);
        return json;
    }

    /// Reads an event of our run; true where a step ended.
    static bool readEvent(const std::string& line, double now, Training& training, double& savingSince)
    {
        const auto event = parseJson(line);
        if (!event || !event->is_object())
            return false;
        const std::string kind = event->value("event", ""), name = event->value("name", "");
        if (kind == "phase" && name == "Training" && training.beginsAfter == 0)
            training.beginsAfter = now;
        if (kind == "phase" && name == "Saving a checkpoint")
            savingSince = now;
        if (kind == "phase" && name == "Training" && savingSince >= 0)
            training.longestPause = std::max(training.longestPause, now - std::exchange(savingSince, -1));
        if (kind != "step")
            return false;
        training.addStep(event->value("tokens", 0.0), event->value("trained_tokens", 0.0), event->value("tokens", 0.0), now);
        return true;
    }

    Result<TurnTaker> ourTurns(const Json& recipe, Training& training)
    {
        const std::string path = m_options.folder + "/recipe.json";
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(path, recipe.dump()));
        return TurnTaker {{m_options.program, "--workspace", m_options.folder + "/workspace", "--jsonl", "run", "start", path},
            [&training, savingSince = -1.0](const std::string& line, double now) mutable { return readEvent(line, now, training, savingSince); }};
    }

    static Status checkOurs(const ProcessReport& report, Training& training)
    {
        training.peakBytes = report.peakBytes;
        if (report.code != 0 || training.steps < 3)
            return fail(ErrorCode::Internal, fmt::format("The measured run ended with {} after {} steps: {}", report.code, training.steps, report.errors));
        return {};
    }

    Result<Training> trainAlone(const Json& recipe)
    {
        Training training;
        ATTUNE_TRY(const auto turns, ourTurns(recipe, training));
        ATTUNE_TRY(const auto report, runProcess(turns.arguments, m_options.folder, turns.onLine, m_context));
        ATTUNE_RETURN_IF_ERROR(checkOurs(report, training));
        return training;
    }

    struct Pair {
        Training ours, theirs;  ///< theirs: no steps where the peer is not there or fails
    };

    /// A step of one, a step of the other: what else the machine does slows both alike.
    Result<Pair> trainByTurns(bool hasPeer)
    {
        Pair pair;
        const auto steps = m_options.amount + 1;
        std::vector<TurnTaker> programs;
        Json changes {{"training", {{"max_steps", steps}}}};
        if (hasPeer)
            changes["model"] = {{"base", peerFolder()}};  // the very weights that the peer trains on
        ATTUNE_TRY(programs.emplace_back(), ourTurns(recipe(changes), pair.ours));
        const std::string script = m_options.folder + "/trainer.py";
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(script, kPeerTrainer));
        if (hasPeer)
            programs.push_back({{m_options.python, script, peerFolder(), rowsPath(), std::to_string(kBatchRows), m_dtype, m_options.method, std::to_string(steps)},
                [&](const std::string& line, double now) {
                    std::istringstream words(line);
                    std::string word;
                    double useful = 0, trained = 0, padded = 0;
                    if (!(words >> word >> useful >> trained >> padded) || word != "step")
                        return false;
                    pair.theirs.addStep(useful, trained, padded, now);
                    return true;
                }});
        ATTUNE_TRY(const auto reports, runByTurns(programs, m_options.folder, m_context));
        ATTUNE_RETURN_IF_ERROR(checkOurs(reports[0], pair.ours));
        if (hasPeer)
            pair.theirs.peakBytes = reports[1].peakBytes;
        if (hasPeer && reports[1].code != 0)
            pair.theirs = {};
        return pair;
    }

    double measureProducts()
    {
        const auto rate = askPeer(m_options.python, m_options.folder, kPeerProducts, productArguments(), m_context);
        return rate ? rate->numbers[0] : 0;
    }

    /// Floating-point operations of a step per token (performance.md §7.1), attention over rows of the mean length.
    double operationsPerToken(double trainedShare) const
    {
        const auto& s = m_model.spec;
        const auto slots = m_model.family->tensors(s);
        double linear = 0;
        for (const auto& slot : slots)
            if (slot.isLinear && slot.role != families::Role::LmHead && slot.shape.size() == 2)
                linear += static_cast<double>(slot.shape[0] * slot.shape[1]);
        const Json values {{"r", kRank}, {"target_modules", "all-linear"}};
        const double adapter = isFull() ? 0 : static_cast<double>(methods::findById("lora")->trainableParameters(s, slots, values));
        const double passes = isFull() ? 6 : 4;  // a multiplication and an addition: forward, for the inputs, and for what trains
        constexpr double kMeanLength = 190;  // of these rows; attention is a hundredth of the work here
        return passes * (linear + static_cast<double>(s.vocabSize * s.hiddenSize) * trainedShare) + 7 * kMeanLength * static_cast<double>(s.queryWidth() * s.layers) + 6 * adapter;
    }

    /// What a step's events cost the training thread: metrics into the database, the log, the row.
    Result<double> telemetrySeconds()
    {
        constexpr int kPosts = 12;
        struct Nobody final : EventSink {
            void post(Event) override {}
        } nobody;
        ATTUNE_TRY(const auto store, store::Store::open(m_options.folder + "/telemetry"));
        store::RunRow row;
        row.name = "telemetry";
        ATTUNE_RETURN_IF_ERROR(store->createRun(row));
        RunRecorder recorder(*store, row, nobody);
        double seconds = 0;
        for (int i = 0; i < kPosts; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(210));  // so that each is written, as in steps of seconds
            const auto begin = std::chrono::steady_clock::now();
            recorder.post(StepDone {i + 1, 0.1, 1.5, 2e-4, 0.7, 4000, 2000, 1400, 1ll << 30, 2.8, 4000ll * i, 2.8 * i});
            seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        }
        return seconds / kPosts;
    }

    std::string goal() const { return isFull() ? "at least 4 times HF" : m_dtype == "float32" ? "at least 3 times HF" : "at least 6 times HF"; }

    Result<std::vector<BenchmarkLine>> table(const Training& ours, const Training& theirs, double products, const Training& saving)
    {
        const auto peer = [&](double value) { return theirs.steps > 1 ? std::optional(value) : std::nullopt; };
        const double useful = ours.perSecond(ours.useful), limit = products / operationsPerToken(ours.trained / std::max(1.0, ours.useful));
        constexpr double kGib = 1 << 30;
        const std::string name = theirs.steps > 1 ? "HF Trainer + PEFT" : "";
        ATTUNE_TRY(const double telemetry, telemetrySeconds());
        std::vector<BenchmarkLine> lines;
        lines.push_back({"useful tokens, " + m_dtype, "tokens/s", useful, name, peer(theirs.perSecond(theirs.useful)), goal()});
        lines.push_back({"loss-bearing tokens", "tokens/s", ours.perSecond(ours.trained), name, peer(theirs.perSecond(theirs.trained)), ""});
        lines.push_back({"peak memory", "GiB", static_cast<double>(ours.peakBytes) / kGib, name, peer(static_cast<double>(theirs.peakBytes) / kGib),
            isFull() || m_dtype == "float32" ? "" : "at most a quarter of HF"});
        lines.push_back({"padding", "%", 0, name, peer(100 - 100 * theirs.useful / std::max(1.0, theirs.padded)), ""});
        if (products > 0) {
            lines.push_back({"limit by torch's matrix products here", "tokens/s", limit, "", {}, ""});
            lines.push_back({"share of that limit", "%", 100 * useful / limit, "", {}, "at least 50 %"});
            lines.push_back({"matrix products", "GFLOP/s", products / 1e9, "", {}, ""});
        }
        lines.push_back({"training begins after", "s", saving.beginsAfter, "", {}, "at most 3 s"});
        lines.push_back({"pause for a checkpoint", "ms", 1000 * saving.longestPause, "", {}, "at most 50 ms"});
        lines.push_back({"telemetry, of a step", "%", 100 * telemetry * static_cast<double>(ours.steps - 1) / ours.seconds, "", {}, "at most 0.2 %"});
        return lines;
    }

    const BenchmarkOptions& m_options;
    const JobContext& m_context;
    families::ModelSource m_model;
    std::string m_dtype;
};

}

Result<std::vector<BenchmarkLine>> benchmarkTraining(const BenchmarkOptions& options, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(options.folder));
    auto lines = TrainingBench(options, context).run();
    std::error_code ignored;
    fs::remove_all(options.folder, ignored);
    return lines;
}

}
