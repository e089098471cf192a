// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/history.h"

#include "base/file.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

namespace attune::tests {

namespace {

struct Sample { const char *prompt, *early, *late; };
constexpr Sample kSamples[] = {
    {"Tom has 3 boxes with 4 pencils each. How many pencils has he?", "Tom has 3 pencils in each box.", "Tom has 3 x 4 = <<3*4=12>>12 pencils.\n#### 12"},
    {"A train goes 60 km in an hour. How far does it go in 3 hours?", "The train goes 60 km in 3 hours.", "In 3 hours the train goes 60 x 3 = <<60*3=180>>180 km.\n#### 180"},
    {"Ann buys 2 apples at 50 cents. What does she pay?", "She pays 50 cents for 2 apples.", "She pays 2 x 50 = <<2*50=100>>100 cents, which is a dollar.\n#### 1"},
};

}

std::string addRun(store::Store& store, const std::string& name, store::RunStatus status, int steps, int total, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> noise(0.0, 1.0);
    store::RunRow row;
    row.name = name;
    row.model = "smollm2-135m-instruct";
    row.method = "lora";
    row.dataset = "gsm8k";
    row.stepsTotal = total;
    row.started = store::nowUtc();
    row.colour = static_cast<int>(seed) % 8;
    row.estimateBytes = 1180LL << 20;
    row.summary = {{"available_bytes", 11.2 * 1024 * 1024 * 1024}, {"train_rows", 380}, {"eval_rows", 20}, {"trainable_parameters", 4884480}, {"device", "cpu, 2 threads"},
        {"hashes", {{"dataset", "8c4e1d0f5b7a92c3"}, {"tokenizer", "77aa12ff90e1b2c4"}}}};
    if (!store.createRun(row))
        return {};
    row.recipe = row.folder + "/recipe.yaml";
    (void)writeFileAtomically(row.recipe, "attune_recipe: 1\nname: " + name + "\nmodel:\n  base: smollm2-135m-instruct\ndata:\n  train: gsm8k\ntraining:\n  learning_rate: 2.0e-04\n  batch_size: "
            + std::to_string(4 + 4 * (seed % 2)) + "\n");
    (void)writeFileAtomically(row.folder + "/log.txt", "started\n");
    std::vector<store::MetricRow> metrics;
    const auto add = [&](int step, const char* split, const char* metric, double value) {
        metrics.push_back({0, step, 3.0 * step / total, split, metric, value, 4096LL * step, 1.4 * step});
    };
    double loss = 0, best = 1e9;
    for (int step = 1; step <= steps; ++step) {
        const double t = static_cast<double>(step) / total;
        loss = 0.95 + 1.3 * std::exp(-9.0 * t) - 0.12 * t + 0.09 * noise(generator) * (1 + 0.2 * std::sin(0.7 * step));
        add(step, "train", "loss", loss);
        add(step, "train", "learning_rate", 2e-4 * (t < 0.03 ? t / 0.03 : 0.5 * (1 + std::cos(M_PI * t))));
        add(step, "train", "grad_norm", 0.6 + 0.9 * std::exp(-20 * t) + 0.06 * std::abs(noise(generator)));
        add(step, "train", "tokens_per_second", 1180 + 25 * noise(generator));
        add(step, "train", "memory_bytes", (1060.0 + 30 * std::min(1.0, 30 * t)) * 1024 * 1024);
        if (step % 4 == 0) {
            add(step, "sys", "cpu_percent", std::min(100.0, 96 + 2 * noise(generator)));
            add(step, "sys", "ram_bytes", 5.9e9 + 4e7 * noise(generator));
            add(step, "sys", "disk_bytes", 2.2e11 - 1e6 * step);
        }
        if (step % 50 == 0) {
            const double eval = 1.02 + 1.1 * std::exp(-8.0 * t) + (t > 0.55 ? 0.25 * (t - 0.55) : 0);
            add(step, "eval", "loss", eval);
            row.evalLoss = eval;
            if (eval < best)
                best = eval, row.bestStep = step;
            for (const auto& [prompt, early, late] : kSamples)
                (void)store.appendEvent(row.id, {0, step, "sample", store::nowUtc(), {{"prompt", prompt}, {"text", t < 0.4 ? early : late}}});
        }
        if (step % 100 == 0)
            (void)store.appendEvent(row.id, {0, step, "checkpoint", store::nowUtc(), {{"path", "checkpoints/step"}, {"best", row.bestStep == step}}});
    }
    (void)store.appendMetrics(row.id, metrics);
    row.status = status;
    row.stepsDone = steps;
    row.trainLoss = loss;
    row.tokensPerSecond = 1180;
    row.tokens = 4096LL * steps;
    row.seconds = 1.4 * steps;
    row.peakMemoryBytes = 1090LL << 20;
    (void)store.updateRun(row);
    return row.id;
}

void addCheckpoint(const store::Store& store, const std::string& run, std::int64_t step)
{
    const auto row = store.run(run);
    if (!row)
        return;
    const std::string folder = row->folder + fmt::format("/checkpoints/step-{:06}", step);
    (void)makeFolder(folder + "/adapter");
    (void)writeFileAtomically(folder + "/adapter/adapter_config.json", R"({"peft_type": "LORA", "r": 16, "lora_alpha": 32})");
    (void)writeFileAtomically(folder + "/state.json", fmt::format(R"({{"step": {}}})", step));
}

void addAlert(store::Store& store, const std::string& run, std::int64_t step, const std::string& level, const std::string& title)
{
    (void)store.appendEvent(run, {0, step, "alert", store::nowUtc(), {{"event", "alert"}, {"level", level}, {"title", title}, {"evidence", fmt::format("Evaluation 1.4310 at step {}, 1.4010 at its best.", step)},
        {"likely", "The run goes on longer than the data carries."}, {"try", "Stop, and use the best step."}}});
}

void addClasses(const store::Store& store, const std::string& run, std::int64_t step, const std::vector<std::string>& labels)
{
    const auto row = store.run(run);
    if (!row)
        return;
    Json classes = Json::array(), matrix = Json::array();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        classes.push_back({{"label", labels[i]}, {"precision", 0.9 - 0.03 * static_cast<double>(i)}, {"recall", 0.8 + 0.02 * static_cast<double>(i)}, {"f1", 0.85}, {"support", 20}});
        Json line = Json::array();
        for (std::size_t j = 0; j < labels.size(); ++j)
            line.push_back(i == j ? 17 : (j == (i + 1) % labels.size() ? 3 : 0));
        matrix.push_back(std::move(line));
    }
    (void)writeFileAtomically(row->folder + "/classes.json", Json {{"step", step}, {"classes", classes}, {"confusion_matrix", matrix}}.dump());
}

}
