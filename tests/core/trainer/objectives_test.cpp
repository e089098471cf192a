// SPDX-License-Identifier: GPL-3.0-or-later
// Ten steps of every objective against TRL's and transformers' own trainers; see tests/golden/objectives/make.py.
#include "trainer/objective.h"

#include "base/file.h"
#include "engine/head_files.h"
#include "model/network/label_head.h"
#include "model/network/network.h"
#include "pipeline/objective.h"
#include "support/paths.h"
#include "trainer/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <mutex>
#include <numeric>

namespace attune::trainer {
namespace {

using model::Network;

constexpr double kTolerance = 1e-3;  // relative, of the loss at every step
constexpr int kSteps = 10;

std::string golden(const std::string& name)
{
    return tests::sourceDir() + "/tests/golden/objectives/" + name + ".json";
}

Json read(const std::string& name)
{
    auto json = readJsonFile(golden(name), 1u << 24);
    if (!json)
        throw std::runtime_error(json.error().message);
    return *json;
}

families::ModelSource base()
{
    return *families::openModel(tests::sourceDir() + "/tests/golden/training/model");
}

std::string adapterPath()
{
    return tests::sourceDir() + "/tests/golden/training/adapter";
}

/// The golden's rows as a shard: parts of a row one behind another.
tokenizer::TokenShard shardOf(const Json& rows, const tests::TempDir& folder)
{
    tokenizer::TokenShardWriter writer;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<std::int32_t> ids, lengths;
        std::vector<std::uint8_t> trained;
        std::vector<float> labels;
        for (const auto& part : rows[i]) {
            for (const auto& id : part["ids"])
                ids.push_back(id.get<std::int32_t>());
            for (const auto& flag : part["trained"])
                trained.push_back(static_cast<std::uint8_t>(flag.get<int>()));
            lengths.push_back(static_cast<std::int32_t>(part["ids"].size()));
            for (const auto& label : part.value("labels", Json::array()))
                labels.push_back(label.get<float>());
        }
        if (lengths.size() == 1)
            lengths.clear();
        writer.add(ids, trained, static_cast<std::int64_t>(i), lengths, labels);
    }
    const auto path = folder.path("rows.tokens");
    if (const auto status = writer.write(path); !status)
        throw std::runtime_error(status.error().message);
    return std::move(*tokenizer::TokenShard::open(path));
}

std::shared_ptr<Network> loadNetwork(const families::TaskHead& head, bool hasAdapter, bool isTrained)
{
    model::LoadOptions options;
    options.isForTraining = isTrained;
    options.needsNetwork = true;
    auto loaded = model::loadWithHead(base(), options, head, JobContext {});
    if (!loaded)
        throw std::runtime_error(loaded.error().message);
    if (hasAdapter)
        if (const auto status = model::loadAdapter(**loaded, adapterPath(), isTrained); !status)
            throw std::runtime_error(status.error().message);
    return std::shared_ptr<Network>(dynamic_cast<Network*>(loaded->release()));
}

struct Losses final : pipeline::EventSink {
    void post(pipeline::Event event) override
    {
        const std::scoped_lock lock(mutex);
        if (const auto* step = std::get_if<pipeline::StepDone>(&event))
            losses.push_back(step->loss);
        if (const auto* eval = std::get_if<pipeline::EvalDone>(&event))
            evaluations.push_back(*eval);
    }
    std::mutex mutex;
    std::vector<double> losses;
    std::vector<pipeline::EvalDone> evaluations;
};

struct Case {
    std::string name, objective;
};

/// Everything one golden stands for, ready to train.
struct Prepared {
    tests::TempDir folder;
    Json expected;
    tokenizer::TokenShard shard;
    const ObjectiveKind* kind = nullptr;
    ObjectiveOptions options;
    std::shared_ptr<Network> network;
    TrainTask task;

    explicit Prepared(const Case& c)
        : expected(read(c.name))
        , shard(shardOf(expected.contains("rows_from") ? read(expected["rows_from"])["rows"] : expected["rows"], folder))
        , kind(findObjective(c.objective))
    {
        at::set_num_threads(1);
        options.values = expected.value("options", Json::object());
        options.labels = expected.value("labels", std::vector<std::string>());
        options.isMultiLabel = expected.value("multi_label", false);
        options.labelSmoothing = expected.value("label_smoothing", 0.0);
        options.batchSize = 4;
        makeNetwork();
        makeTask();
    }

    void makeNetwork()
    {
        families::TaskHead head;
        if (kind->headOutputs) {
            head.kind = kind->isHeadPerToken ? families::TaskHead::Kind::Tokens : families::TaskHead::Kind::Sequence;
            head.labels = options.labels.empty() ? std::vector<std::string> {"LABEL_0"} : options.labels;
        }
        network = loadNetwork(head, true, true);
        if (!head.isThere())
            return;
        ASSERT_TRUE(engine::trainHead(*network));
        const at::NoGradGuard noGrad;
        auto& score = network->find("score.weight")->parameter()->value;
        for (std::int64_t row = 0; row < score.size(0); ++row)
            for (std::int64_t column = 0; column < score.size(1); ++column)
                score[row][column] = expected["score"][static_cast<std::size_t>(row)][static_cast<std::size_t>(column)].get<float>();
    }

    std::shared_ptr<Objective> objective()
    {
        std::shared_ptr<Objective> made = kind->make(options);
        const auto* rules = pipeline::findObjective(kind->id);
        // TRL compares with a frozen copy of an adapter that training goes on from; the teacher is the plain base.
        if (rules->needsReference || kind->id == "distill")
            made->setOther(loadNetwork({}, rules->needsReference, false));
        return made;
    }

    void makeTask()
    {
        task.model = network.get();
        auto& s = task.settings;
        s.batches = {false, false, 4, 256};
        s.maxSteps = kSteps;
        s.learningRate = 2e-3;
        s.schedule = "constant";
        s.warmupRatio = 0;
        s.optimizerOptions.weightDecay = 0;
        s.checkpointEveryMinutes = 0;
        s.checkpointEverySteps = 0;
        s.evalEverySteps = 5;
        task.train = &shard;
        task.trainRows.resize(static_cast<std::size_t>(shard.rows()));
        std::iota(task.trainRows.begin(), task.trainRows.end(), 0);
        task.objective = objective();
        task.objective->prepare(shard, task.trainRows);
        setObjective(*network, task.objective, *kind, 0);
        task.run = "golden-1";
        task.folder = folder.path("run");
    }
};

std::string nameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class ObjectiveGolden : public testing::TestWithParam<Case>
{
};

TEST_P(ObjectiveGolden, FollowsTheReferencesLossForTenSteps)
{
    Prepared prepared(GetParam());
    Losses sink;

    const auto finished = Trainer(prepared.task, sink, JobContext {}).run();

    ASSERT_TRUE(finished) << finished.error().message;
    ASSERT_EQ(sink.losses.size(), static_cast<std::size_t>(kSteps));
    for (std::size_t step = 0; step < sink.losses.size(); ++step) {
        const double expected = prepared.expected["losses"][step].get<double>();
        EXPECT_NEAR(sink.losses[step], expected, kTolerance * std::max(0.01, std::abs(expected))) << "step " << step + 1;
    }
}

INSTANTIATE_TEST_SUITE_P(All, ObjectiveGolden,
    testing::Values(Case {"dpo", "dpo"}, Case {"dpo_hinge", "dpo"}, Case {"dpo_robust", "dpo"}, Case {"dpo_exo_pair", "dpo"}, Case {"dpo_nca_pair", "dpo"},
        Case {"dpo_bco_pair", "dpo"}, Case {"dpo_sppo_hard", "dpo"}, Case {"dpo_apo_zero", "dpo"}, Case {"dpo_apo_down", "dpo"}, Case {"dpo_discopop", "dpo"},
        Case {"dpo_sigmoid_norm", "dpo"}, Case {"ipo", "ipo"}, Case {"orpo", "orpo"}, Case {"simpo", "simpo"}, Case {"simpo_cpo", "simpo"}, Case {"kto", "kto"},
        Case {"reward", "reward"}, Case {"classification", "classification"}, Case {"classification_weighted", "classification"},
        Case {"classification_smoothed", "classification"}, Case {"classification_multi", "classification"}, Case {"regression", "regression"},
        Case {"token_classification", "token_classification"}, Case {"sft_smoothed", "sft"}, Case {"distill", "distill"}, Case {"distill_reverse", "distill"},
        Case {"distill_jsd", "distill"}),
    nameOf);

/// The metrics that each objective may be judged by are there, and are numbers.
class ObjectiveMetrics : public testing::TestWithParam<Case>
{
};

TEST_P(ObjectiveMetrics, AreMeasuredAtEachEvaluation)
{
    Prepared prepared(GetParam());
    prepared.task.eval = &prepared.shard;
    prepared.task.evalRows = {0, 1, 2, 3, 4, 5, 6, 7};
    prepared.task.evalObjective = prepared.objective();
    prepared.task.evalObjective->prepare(prepared.shard, prepared.task.evalRows);
    prepared.task.settings.metrics = pipeline::findObjective(prepared.kind->id)->metrics;
    Losses sink;

    const auto finished = Trainer(prepared.task, sink, JobContext {}).run();

    ASSERT_TRUE(finished) << finished.error().message;
    ASSERT_EQ(sink.evaluations.size(), 2u);
    for (const auto& metric : prepared.task.settings.metrics) {
        ASSERT_TRUE(sink.evaluations.back().metrics.contains(metric)) << metric;
        if (metric != "mcc" || !prepared.options.isMultiLabel) {
            EXPECT_TRUE(std::isfinite(sink.evaluations.back().metrics.at(metric))) << metric;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ObjectiveMetrics,
    testing::Values(Case {"dpo", "dpo"}, Case {"kto", "kto"}, Case {"reward", "reward"}, Case {"classification", "classification"},
        Case {"classification_multi", "classification"}, Case {"regression", "regression"}, Case {"token_classification", "token_classification"}, Case {"distill", "distill"}),
    nameOf);

}

TEST(Dpo, RaisesTheRewardMargin)
{
    Prepared prepared({"dpo", "dpo"});
    prepared.task.eval = &prepared.shard;
    prepared.task.evalRows = prepared.task.trainRows;
    prepared.task.evalObjective = prepared.objective();
    prepared.task.settings.metrics = {"reward_margin", "reward_accuracy"};
    prepared.task.settings.maxSteps = 40;
    prepared.task.settings.evalEverySteps = 10;
    Losses sink;

    ASSERT_TRUE(Trainer(prepared.task, sink, JobContext {}).run());

    ASSERT_EQ(sink.evaluations.size(), 4u);
    EXPECT_GT(sink.evaluations.back().metrics.at("reward_margin"), sink.evaluations.front().metrics.at("reward_margin") + 0.2);
    EXPECT_GT(sink.evaluations.back().metrics.at("reward_accuracy"), 0.9);
}

TEST(Mlm, MasksAboutTheShareAskedForAndTheSameEachTime)
{
    const tests::TempDir folder;
    tokenizer::TokenShardWriter writer;
    std::vector<std::int32_t> ids(2000);
    std::iota(ids.begin(), ids.end(), 10);
    std::vector<std::uint8_t> trained(ids.size(), 1);
    trained.front() = trained.back() = 0;
    writer.add(ids, trained, 0);
    ASSERT_TRUE(writer.write(folder.path("rows")));
    const auto shard = *tokenizer::TokenShard::open(folder.path("rows"));
    ObjectiveOptions options;
    options.values = {{"mlm_probability", 0.15}};
    options.maskToken = 3;
    options.vocabSize = 5000;
    const auto objective = findObjective("mlm")->make(options);
    model::PackedBatch first, again, later;

    objective->addRow(first, shard, 0, 0);
    objective->addRow(again, shard, 0, 0);
    objective->addRow(later, shard, 0, 1);

    EXPECT_EQ(first.ids, again.ids);
    EXPECT_NE(first.ids, later.ids);
    EXPECT_EQ(first.trained, std::count_if(first.targets.begin(), first.targets.end(), [](int id) { return id >= 0; }));
    EXPECT_NEAR(static_cast<double>(first.trained) / 2000, 0.15, 0.03);
    std::int64_t masked = 0, kept = 0;
    for (std::size_t t = 0; t < ids.size(); ++t) {
        if (first.targets[t] < 0) {
            EXPECT_EQ(first.ids[t], ids[t]);
            continue;
        }
        EXPECT_EQ(first.targets[t], ids[t]);
        masked += first.ids[t] == 3;
        kept += first.ids[t] == ids[t];
    }
    EXPECT_NEAR(static_cast<double>(masked) / static_cast<double>(first.trained), 0.8, 0.08);
    EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(first.trained), 0.1, 0.06);
    EXPECT_LT(first.targets.front(), 0);
}

TEST(Neftune, PutsNoiseOfTheSizeOfTheSequenceOnEmbeddingsInTrainingOnly)
{
    const auto network = loadNetwork({}, true, true);
    std::shared_ptr<Objective> objective = findObjective("sft")->make({});
    setObjective(*network, objective, *findObjective("sft"), 5.0);
    network->seedDropout(3);
    model::PackedBatch batch;
    batch.add({std::vector<std::int32_t> {70, 80, 90, 100}, std::vector<std::uint8_t> {0, 1, 1, 1}, 0});

    network->setTraining(false);
    const double still = network->lossSum(batch).item<double>(), again = network->lossSum(batch).item<double>();
    network->setTraining(true);
    network->seedDropout(3);
    const double noisy = network->accumulate(batch, 0.0).item<double>();
    network->seedDropout(3);
    const double same = network->accumulate(batch, 0.0).item<double>();

    EXPECT_EQ(still, again);
    EXPECT_NE(still, noisy);
    EXPECT_EQ(noisy, same);
    EXPECT_NEAR(still, noisy, 0.8 * still);
}

TEST(Objectives, AreThoseOfTheRecipe)
{
    std::vector<std::string> maths, rules;
    for (const auto* kind : objectives())
        maths.push_back(kind->id);
    for (const auto& one : pipeline::objectiveRules())
        rules.push_back(one.id);

    EXPECT_THAT(maths, testing::UnorderedElementsAreArray(rules));
}

TEST(Metrics, AreThoseThatARecipeMayName)
{
    std::vector<std::string> names;
    for (const auto* metric : evaluator::all()) {
        names.push_back(metric->id);
        for (const auto& part : metric->parts)
            names.push_back(part.first);
    }

    EXPECT_THAT(names, testing::UnorderedElementsAreArray(pipeline::metricNames()));
}

}
