// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/labelled.h"

#include <ATen/ATen.h>

namespace attune::trainer {

at::Tensor classWeights(const ObjectiveOptions& options, const at::Device& device)
{
    const auto it = options.values.find("class_weights");
    if (it == options.values.end() || !it->is_object() || it->empty())
        return {};
    std::vector<float> weights;
    for (const auto& label : options.labels)
        weights.push_back(it->contains(label) && (*it)[label].is_number() ? (*it)[label].get<float>() : 1.0f);
    return at::tensor(at::ArrayRef<float>(weights), at::kFloat).to(device);
}

void addClasses(const at::Tensor& logits, const at::Tensor& actual, const std::vector<std::string>& labels, evaluator::Totals& totals)
{
    totals.classes.labels = labels;
    const auto predicted = logits.argmax(1).to(at::kCPU, at::kInt).contiguous(), right = actual.to(at::kCPU, at::kInt).contiguous();
    for (std::int64_t i = 0; i < predicted.numel(); ++i) {
        totals.classes.predicted.push_back(predicted.data_ptr<std::int32_t>()[i]);
        totals.classes.actual.push_back(right.data_ptr<std::int32_t>()[i]);
    }
}

void LabelledRows::addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t)
{
    const auto row = shard.row(index);
    if (row.partLengths.size() == 2)
        batch.addTextPair(row.ids, static_cast<std::size_t>(row.partLengths[0]));
    else
        batch.addSequence(row.ids, {});
    batch.closeRow(row.labels, 1);
}

}
