// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "families/adapter.h"
#include "formats/safetensors.h"
#include "methods/method.h"
#include "model/network/network.h"
#include "peft/peft_method.h"
#include "support/paths.h"
#include "tokenizer/tokenizer.h"
#include "trainer/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace attune::tests {
namespace {

// References of PEFT and of AdapterHub's adapters, made by tests/golden/methods/make.py.

constexpr double kLogitTolerance = 1e-4, kLossTolerance = 1e-3, kMergeTolerance = 1e-4;

std::string goldenPath(const std::string& name)
{
    return sourceDir() + "/tests/golden/methods/" + name;
}

const Json& expected()
{
    static const auto json = readJsonFile(goldenPath("expected.json"));
    return *json;
}

std::vector<std::string> cases()
{
    std::vector<std::string> names;
    for (const auto& [name, value] : expected()["methods"].items())
        names.push_back(name);
    return names;
}

using Tensors = std::map<std::string, at::Tensor>;

Tensors readTensors(const std::string& path)
{
    const auto file = formats::SafetensorsFile::open(path);
    EXPECT_TRUE(file) << path;
    Tensors tensors;
    for (const auto& view : file->tensors()) {
        auto tensor = at::empty(view.shape);
        std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
        tensors[view.name] = tensor;
    }
    return tensors;
}

const at::Tensor& goldenLogits(const std::string& name)
{
    static const auto tensors = readTensors(goldenPath("expected.safetensors"));
    return tensors.at(name);
}

struct Case {
    std::string name, method;
    Json values;
    families::ModelSource base;
    std::string adapter;  ///< folder; empty where the method starts from the base itself

    explicit Case(const std::string& id)
        : name(id)
        , method(expected()["methods"][id]["method"])
        , values(Json::object())
    {
        for (const auto& option : methods::findById(method)->options)
            values[option.name()] = option.defaultValue;
        values.update(expected()["methods"][id]["values"]);
        const std::string folder = expected()["methods"][id]["base"] == "tiny" ? sourceDir() + "/tests/golden/training/model" : goldenPath("biased");
        base = *families::openModel(folder);
        if (fs::exists(goldenPath(id)))
            adapter = goldenPath(id);
    }
    bool hasEncoder() const { return fs::exists(adapter + "/encoder.safetensors"); }
};

std::unique_ptr<model::CausalLm> load(const families::ModelSource& source)
{
    at::set_num_threads(1);
    model::LoadOptions options;
    options.needsNetwork = true;
    auto model = model::loadModel(source, options, {});
    EXPECT_TRUE(model) << model.error().message;
    return std::move(*model);
}

/// The base with the case's adapter as it trains.
std::unique_ptr<model::CausalLm> newlyApplied(const Case& c, std::uint64_t seed = 3)
{
    auto model = load(c.base);
    const auto status = model::addAdapter(*model, c.method, c.values, seed);
    EXPECT_TRUE(status) << status.error().message;
    return model;
}

/// Gives the parameters the values of the reference's adapter.
void setFromReference(model::CausalLm& model, const Case& c)
{
    if (c.adapter.empty())
        return;
    Tensors values;
    if (c.hasEncoder()) {
        values = readTensors(c.adapter + "/encoder.safetensors");
    } else {
        const auto adapter = formats::PeftAdapter::open(c.adapter);
        ASSERT_TRUE(adapter) << adapter.error().message;
        for (const auto& tensor : adapter->tensors())
            values[tensor.part == "weight" || tensor.part == "bias" || tensor.part.starts_with("adapter_") ? tensor.module + "." + tensor.part : formats::peftName(tensor)]
                = at::tensor(at::ArrayRef<float>(*tensor.values())).view(tensor.shape);
    }
    for (auto* parameter : model.parameters()) {
        ASSERT_TRUE(values.contains(parameter->name)) << parameter->name;
        parameter->value.copy_(values.at(parameter->name).view(parameter->value.sizes()));
    }
    model.parametersChanged();
}

model::PackedBatch batchOf(std::int64_t step)
{
    model::PackedBatch batch;
    const auto size = expected()["batch"].get<std::int64_t>();
    for (std::int64_t i = step * size; i < (step + 1) * size; ++i) {
        const auto& row = expected()["rows"][static_cast<std::size_t>(i)];
        auto ids = row["prompt"].get<std::vector<std::int32_t>>();
        std::vector<std::uint8_t> trained(ids.size(), 0);
        for (const auto id : row["answer"].get<std::vector<std::int32_t>>()) {
            ids.push_back(id);
            trained.push_back(1);
        }
        batch.add({ids, trained, 0});
    }
    return batch;
}

/// The loop of the reference; also a small stand-in for the trainer's checkpoints.
struct Loop {
    model::CausalLm& model;
    std::unique_ptr<trainer::Optimizer> optimizer;
    std::int64_t step = 0;

    explicit Loop(model::CausalLm& trained)
        : model(trained)
        , optimizer(trainer::findOptimizer("adamw")->make(trained.parameters(), {}))
    {
        model.setTraining(true);
    }

    double run()
    {
        const auto batch = batchOf(step);
        const auto loss = model.accumulate(batch, 1.0 / static_cast<double>(batch.trained));
        trainer::holdBack(model.parameters(), step);
        optimizer->setStep(step++);
        optimizer->step(expected()["rate"].get<double>(), at::zeros({}));
        for (auto* parameter : model.parameters())
            parameter->grad.zero_();
        model.parametersChanged();
        return loss.item<double>() / static_cast<double>(batch.trained);
    }

    trainer::NamedTensors state()
    {
        auto tensors = optimizer->state();
        for (auto* parameter : model.parameters())
            tensors.emplace_back(parameter->name, parameter->value);
        return tensors;
    }
};

at::Tensor probe(model::CausalLm& model)
{
    model.setTraining(false);
    const auto ids = expected()["probe"].get<std::vector<std::int32_t>>();
    return model.logits(ids);
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

class EveryGolden : public testing::TestWithParam<std::string> {};

TEST_P(EveryGolden, TrainsAsManyValuesAsTheReference)
{
    const Case c(GetParam());
    const auto model = newlyApplied(c);
    std::int64_t count = 0;
    for (const auto* parameter : model->parameters())
        count += parameter->value.numel();

    EXPECT_EQ(count, expected()["methods"][c.name]["trainable"].get<std::int64_t>());
    EXPECT_EQ(count, methods::findById(c.method)->trainableParameters(c.base.spec, c.base.family->tensors(c.base.spec), c.values));
}

TEST_P(EveryGolden, GivesTheLogitsOfTheReference)
{
    const Case c(GetParam());
    if (c.adapter.empty())
        GTEST_SKIP() << "starts from the base";
    const auto model = load(c.base);
    const auto status = model::loadAdapter(*model, c.adapter, false);
    ASSERT_TRUE(status) << status.error().message;

    const auto logits = probe(*model), base = probe(*load(c.base));

    EXPECT_LT(difference(logits[-1], goldenLogits(c.name)[-1]), kLogitTolerance);
    EXPECT_GT(difference(logits, base), 1e-2);
    model->setAdapterScale(0);
    EXPECT_LT(difference(probe(*model), base), 1e-6);
    EXPECT_TRUE(model->parameters().empty());
}

TEST_P(EveryGolden, FollowsTheLossesOfTheReference)
{
    const Case c(GetParam());
    const auto model = newlyApplied(c);
    setFromReference(*model, c);
    Loop loop(*model);

    for (const auto& wanted : expected()["methods"][c.name]["losses"])
        EXPECT_NEAR(loop.run() / wanted.get<double>(), 1.0, kLossTolerance) << "step " << loop.step;

    EXPECT_LT(difference(probe(*model)[-1], goldenLogits(c.name + ".after")[-1]), 0.02);
}

/// As checkpoints are written: from copies of the trained values, or as the model itself copies them.
std::function<Status(const std::string& folder)> snapshotOf(model::CausalLm& model, const std::string& baseName)
{
    const auto write = model.valuesWriter(baseName);
    if (!write)
        return model.snapshot(baseName);
    std::map<std::string, torch::Tensor> copies;
    for (const auto* parameter : model.parameters())
        copies.emplace(parameter->name, parameter->value.clone());
    return [write, copies](const std::string& folder) { return write(folder, [&](const std::string& name) { return copies.at(name); }); };
}

TEST_P(EveryGolden, IsTheSameAfterSavingAndLoading)
{
    const Case c(GetParam());
    const TempDir folder;
    const auto model = newlyApplied(c);
    Loop loop(*model);
    loop.run(), loop.run();
    const auto status = model->save(folder.path("saved"), c.base.path);
    ASSERT_TRUE(status) << status.error().message;
    const auto snapshot = snapshotOf(*model, c.base.path);
    const auto logits = probe(*model);

    const bool isModel = methods::findById(c.method)->savesModel;
    const auto loaded = load(isModel ? *families::openModel(folder.path("saved")) : c.base);
    if (!isModel) {
        ASSERT_TRUE(model::loadAdapter(*loaded, folder.path("saved"), false));
    }
    EXPECT_LT(difference(probe(*loaded), logits), 1e-5);
    if (!snapshot)
        return;
    ASSERT_TRUE(snapshot(folder.path("copy")));
    for (const auto& entry : fs::directory_iterator(folder.path("saved")))
        EXPECT_EQ(*readFile(entry.path().string()), *readFile(folder.path("copy/" + entry.path().filename().string()))) << entry.path();
}

TEST_P(EveryGolden, ResumesToTheBit)
{
    Case c(GetParam());
    for (const char* dropout : {"lora_dropout", "vera_dropout", "encoder_dropout"})
        if (c.values.contains(dropout))
            c.values[dropout] = 0.2;
    const auto whole = newlyApplied(c), first = newlyApplied(c), second = newlyApplied(c);
    Loop all(*whole), before(*first);
    for (int i = 0; i < 5; ++i)
        all.run();
    before.run(), before.run();

    Loop after(*second);
    after.step = before.step;
    const auto from = before.state(), to = after.state();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i)
        at::Tensor(to[i].second).copy_(from[i].second);
    second->setGeneratorState(first->generatorState());
    second->parametersChanged();
    for (int i = 0; i < 3; ++i)
        after.run();

    const auto wanted = all.state(), resumed = after.state();
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_TRUE(at::equal(wanted[i].second, resumed[i].second)) << wanted[i].first;
}

/// A network of the merged weights alone.
std::unique_ptr<model::Network> mergedNetwork(model::CausalLm& trained, const families::ModelSource& base)
{
    model::NetworkOptions options;
    options.read = [&](const families::TensorSlot& slot, at::ScalarType) -> Result<at::Tensor> {
        if (slot.isOptional && !dynamic_cast<model::Network&>(trained).find(slot.name))
            return at::Tensor();
        return trained.mergedWeight(slot.name);
    };
    auto network = model::Network::build(base.spec, base.family->tensors(base.spec), std::move(options), {});
    EXPECT_TRUE(network) << network.error().message;
    return std::move(*network);
}

TEST_P(EveryGolden, MergesToTheSameLogitsOrSaysWhyNot)
{
    const Case c(GetParam());
    const TempDir folder;
    const auto model = newlyApplied(c);
    setFromReference(*model, c);
    Loop(*model).run();
    if (!methods::findById(c.method)->savesModel) {
        ASSERT_TRUE(model->save(folder.path("saved"), ""));
        const auto adapter = formats::PeftAdapter::open(folder.path("saved"));
        ASSERT_TRUE(adapter) << adapter.error().message;
        const bool cannot = !families::reasonAgainstMerging(*adapter).empty();
        EXPECT_EQ(cannot, methods::findById(c.method)->canBecome(c.base.spec, c.values).find("merged model") == std::string::npos);
        if (cannot)
            return;
    }

    EXPECT_LT(difference(probe(*mergedNetwork(*model, c.base)), probe(*model)), kMergeTolerance);
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryGolden, testing::ValuesIn(cases()), [](const auto& parameter) { return parameter.param; });

TEST(PromptTuning, StartsFromATextRepeated)
{
    Case c("prompt");
    c.values["init"] = "text";
    const auto tokenizer = tokenizer::loadTokenizer(c.base.path);
    const auto ids = (*tokenizer)->encode("red");
    c.values["init_tokens"] = ids;
    const auto model = newlyApplied(c);
    const auto& table = model->parameters().front()->value;
    ASSERT_EQ(table.size(0), 5);

    const auto rows = dynamic_cast<model::Network&>(*model).embeddingRows(ids);

    for (std::int64_t i = 0; i < 5; ++i)
        EXPECT_TRUE(at::equal(table[i], rows[i % static_cast<std::int64_t>(ids.size())])) << i;
}

TEST(MethodGoldens, CoverEveryMethod)
{
    std::set<std::string> covered {"full"};  // the golden of tests/cli/training_test.cpp
    for (const auto& [name, value] : expected()["methods"].items())
        covered.insert(value["method"].get<std::string>());
    for (const auto* method : methods::all())
        EXPECT_TRUE(!method->isAvailable || covered.contains(method->id)) << method->id;
}

}
}
