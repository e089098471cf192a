// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/engine.h"

#include "engine/chat_session.h"
#include "engine/logits.h"
#include "engine/threads.h"
#include "engine/training.h"
#include "model/errors.h"
#include "exporter/export.h"
#include "pipeline/forecast.h"

#include <torch/version.h>

namespace attune::engine {
namespace {

/// The door of attune_engine: each call goes to the folder that does the work, and whatever LibTorch
/// throws there comes back as an Error.
class TorchEngine final : public pipeline::Engine
{
public:
    std::string version() const override { return TORCH_VERSION; }

    std::vector<pipeline::DeviceInfo> devices() override
    {
        std::vector<pipeline::DeviceInfo> list {describeCpu()};
        for (const auto& card : pipeline::cudaCards()) {
            const std::string id = list.size() == 1 ? "cuda" : "cuda:" + std::to_string(list.size() - 1);
            list.push_back({id, card.name, card.totalBytes, card.freeBytes, card.computeCapability >= 8.0});
        }
        return list;
    }

    Result<pipeline::RunFinished> train(const pipeline::TrainRequest& request, pipeline::EventSink& sink, const JobContext& context) override
    {
        return model::guarded([&] { return trainRun(request, sink, context); });
    }

    Result<pipeline::EvalReport> evaluate(const pipeline::EvalRequest& request, const JobContext& context) override
    {
        return model::guarded([&] { return evaluateModel(request, context); });
    }

    Status logits(const pipeline::ModelWithAdapter& model, const std::vector<std::vector<std::int32_t>>& sequences, const std::string& out,
        const JobContext& context) override
    {
        return model::guarded([&] { return writeLogits(model, sequences, out, context); });
    }

    Result<std::unique_ptr<pipeline::ChatSession>> openChat(const pipeline::ModelWithAdapter& model, const JobContext& context) override
    {
        return model::guarded([&] { return ChatSession::open(model, context); });
    }

    Result<pipeline::ExportReport> exportRun(const pipeline::ExportRequest& request, const JobContext& context) override
    {
        return model::guarded([&] { return exporter::exportRun(request, context); });
    }
};

}
}

extern "C" __attribute__((visibility("default"))) attune::pipeline::Engine* attuneEngine()
{
    static attune::engine::TorchEngine engine;
    return &engine;
}
