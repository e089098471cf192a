// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "families/task_head.h"

#include <functional>
#include <string>

namespace attune::model {
class Network;
}

namespace attune::engine {

/// Makes the weights of a network's head of labels parameters. Called when the method is on the model.
Status trainHead(model::Network& network);

/// Copies the head and returns what writes it beside what the method saved: in a PEFT folder as PEFT's modules_to_save with the
/// task's type, in a model folder as HF's "…ForSequenceClassification" with id2label, else as head.safetensors; head.json
/// beside an adapter names the labels. The writer may run on any thread.
std::function<Status(const std::string& folder)> headWriter(model::Network& network, const families::TaskHead& head);

}
