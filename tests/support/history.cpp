// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/history.h"

#include "base/file.h"

#include <cmath>
#include <random>

namespace attune::tests {

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
        if (step % 50 == 0) {
            const double eval = 1.02 + 1.1 * std::exp(-8.0 * t) + (t > 0.55 ? 0.25 * (t - 0.55) : 0);
            add(step, "eval", "loss", eval);
            row.evalLoss = eval;
            if (eval < best)
                best = eval, row.bestStep = step;
            (void)store.appendEvent(row.id, {0, step, "sample", store::nowUtc(), {{"prompt", "Tom has 3 boxes with 4 pencils each. How many pencils has he?"},
                {"text", step < 200 ? "Tom has 3 pencils in each box." : "Tom has 3 x 4 = <<3*4=12>>12 pencils.\n#### 12"}}});
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

}
