// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "families/task_head.h"
#include "methods/method.h"
#include "model/network/network.h"
#include "peft/peft_method.h"
#include "support/paths.h"
#include "trainer/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace attune::tests {
namespace {

/// The tiny random models of tests/golden/families and tests/golden/encoders (without heads of labels) and the two of the methods' own goldens.
std::vector<std::string> models()
{
    std::vector<std::string> folders {sourceDir() + "/tests/golden/methods/biased", sourceDir() + "/tests/golden/training/model"};
    std::error_code none;
    for (const char* place : {"/tests/golden/families", "/tests/golden/encoders"})
        for (const auto& entry : fs::directory_iterator(sourceDir() + place, none)) {
            const auto source = families::openModel(entry.path().string());
            if (source && !families::headOfModel(*source).isThere())
                folders.push_back(entry.path().string());
        }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::vector<std::string> availableMethods()
{
    std::vector<std::string> ids;
    for (const auto* method : methods::all())
        if (method->isAvailable)
            ids.push_back(method->id);
    return ids;
}

Json valuesFor(const std::string& id)
{
    Json values = Json::object();
    for (const auto& option : methods::findById(id)->options)
        values[option.name()] = option.defaultValue;
    const Json small {{"r", 2}, {"num_virtual_tokens", 3}, {"reduction_factor", 4.0}, {"train_layers", 1}, {"encoder_hidden_size", 6}};
    for (const auto& [name, value] : small.items())
        if (values.contains(name))
            values[name] = value;
    return values;
}

std::unique_ptr<model::CausalLm> load(const families::ModelSource& source, bool trainsBase)
{
    at::set_num_threads(1);
    model::LoadOptions options;
    options.needsNetwork = true;
    options.trainsBase = trainsBase;
    auto model = model::loadModel(source, options, {});
    EXPECT_TRUE(model) << model.error().message;
    return model ? std::move(*model) : nullptr;
}

/// Encoders predict no next token; how near all their states are to 1 serves as a loss.
void setLossOf(model::CausalLm& model)
{
    if (model.spec().kind != families::Architecture::Decoder)
        dynamic_cast<model::Network&>(model).setLoss([](model::Network& network, const model::PackedBatch& batch) { return (network.hidden(batch).to(at::kFloat) - 1).square().sum(); });
}

model::PackedBatch batch(std::int64_t vocabSize)
{
    model::PackedBatch result;
    for (const int length : {12, 7}) {
        std::vector<std::int32_t> ids;
        for (int i = 0; i < length; ++i)
            ids.push_back(static_cast<std::int32_t>((7 * i * i + 3 * i + length) % vocabSize));
        result.add({ids, std::vector<std::uint8_t>(ids.size(), 1), 0});
    }
    return result;
}

at::Tensor outputs(model::CausalLm& model)
{
    const at::NoGradGuard noGrad;
    model.setTraining(false);
    return dynamic_cast<model::Network&>(model).hidden(batch(model.spec().vocabSize)).to(at::kFloat);
}

class MethodOnFamily : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(MethodOnFamily, TrainsSavesAndLoads)
{
    const auto& [id, path] = GetParam();
    const auto source = families::openModel(path);
    ASSERT_TRUE(source) << source.error().message;
    ASSERT_TRUE(source->isTrainable) << source->reason;
    const auto values = valuesFor(id);
    const auto& method = *methods::findById(id);
    if (const auto fits = methods::checkMethod(*source, id, values, "none"); !fits) {
        EXPECT_EQ(fits.error().code, ErrorCode::RecipeConflict) << fits.error().message;
        GTEST_SKIP() << fits.error().message;
    }
    const auto model = load(*source, method.trainsBase);
    setLossOf(*model);
    const auto applied = model::addAdapter(*model, id, values, 5);
    ASSERT_TRUE(applied) << applied.error().message;
    std::int64_t count = 0;
    for (const auto* parameter : model->parameters())
        count += parameter->value.numel();
    EXPECT_EQ(count, method.trainableParameters(source->spec, source->family->tensors(source->spec), values));

    const auto rows = batch(source->spec.vocabSize);
    auto optimizer = trainer::findOptimizer("adamw")->make(model->parameters(), {});
    model->setTraining(true);
    std::vector<double> losses;
    for (int step = 0; step < 6; ++step) {
        losses.push_back(model->accumulate(rows, 1.0 / static_cast<double>(rows.trained)).item<double>());
        ASSERT_TRUE(std::isfinite(losses.back()));
        optimizer->step(1e-2, at::zeros({}));
        for (auto* parameter : model->parameters())
            parameter->grad.zero_();
        model->parametersChanged();
    }
    EXPECT_LT(losses.back(), losses.front());

    const TempDir folder;
    const auto saved = model->save(folder.path("saved"), path);
    ASSERT_TRUE(saved) << saved.error().message;
    const auto loaded = method.savesModel ? load(*families::openModel(folder.path("saved")), false) : load(*source, false);
    if (!method.savesModel) {
        const auto status = model::loadAdapter(*loaded, folder.path("saved"), false);
        ASSERT_TRUE(status) << status.error().message;
    }
    EXPECT_LT((outputs(*loaded) - outputs(*model)).abs().max().item<double>(), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Pairs, MethodOnFamily, testing::Combine(testing::ValuesIn(availableMethods()), testing::ValuesIn(models())),
    [](const auto& parameter) { return std::get<0>(parameter.param) + "_" + fs::path(std::get<1>(parameter.param)).filename().string(); });

TEST(MethodsAndFamilies, EveryFamilyIsThere)
{
    std::set<std::string> covered;
    for (const auto& path : models())
        if (const auto source = families::openModel(path); source && source->family)
            covered.insert(source->family->id);
    for (const auto* family : families::all())
        EXPECT_TRUE(covered.contains(family->id)) << family->id;
}

}
}
