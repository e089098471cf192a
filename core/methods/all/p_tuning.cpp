// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"
#include "methods/virtual_tokens.h"

namespace attune::methods {
namespace {

using families::ModelSpec;
using families::TensorSlot;

/// A bidirectional LSTM of n layers: four gates of two matrices and two biases each way; the layers above
/// the first read both directions.
void addLstm(Shapes& shapes, std::int64_t in, std::int64_t hidden, std::int64_t layers)
{
    for (std::int64_t layer = 0; layer < layers; ++layer)
        for (int direction = 0; direction < 2; ++direction)
            shapes.insert(shapes.end(), {{4 * hidden, layer == 0 ? in : 2 * hidden}, {4 * hidden, hidden}, {4 * hidden}, {4 * hidden}});
}

/// The embedding [P, w] and the encoder that reads it.
Shapes trainedShapes(const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values)
{
    const std::int64_t width = spec.hiddenSize, hidden = encoderWidth(values, width);
    Shapes shapes {{virtualTokens(values), width}};
    if (values.value("encoder_reparameterization_type", "MLP") == "LSTM") {
        addLstm(shapes, width, hidden, values.value("encoder_num_layers", std::int64_t(2)));
        shapes.insert(shapes.end(), {{2 * hidden, 2 * hidden}, {2 * hidden}, {width, 2 * hidden}, {width}});
    } else {
        shapes.insert(shapes.end(), {{hidden, width}, {hidden}, {hidden, hidden}, {hidden}, {width, hidden}, {width}});
    }
    return shapes;
}

std::vector<Option> options()
{
    return {virtualTokensOption(),
        {.key = "method.encoder_reparameterization_type", .type = OptionType::Choice, .defaultValue = "MLP", .label = "Encoder",
            .help = "The small network that makes the virtual tokens while training; only its output is kept.",
            .choices = {{"MLP", "MLP", "Three linear layers."}, {"LSTM", "LSTM", "A bidirectional LSTM and two linear layers, as in the paper."}},
            .group = "lora"},
        encoderSizeOption(),
        {.key = "method.encoder_num_layers", .type = OptionType::Integer, .defaultValue = 2, .label = "Encoder layers",
            .help = "Layers of the LSTM; the MLP always has three.", .minimum = 1, .maximum = 16, .group = "lora", .isExpert = true},
        {.key = "method.encoder_dropout", .type = OptionType::Number, .defaultValue = 0.0, .label = "Encoder dropout",
            .help = "The share of values between the LSTM's layers that is left out at random while training.", .minimum = 0.0, .maximum = 0.95,
            .group = "lora", .isExpert = true}};
}

}

const Method& p_tuning()
{
    static const Method method {
        .id = "p_tuning",
        .displayName = "P-tuning",
        .sentence = "Trains virtual tokens through a small network, which makes them steadier than prompt tuning.",
        .reference = "Liu et al. 2021, arXiv:2103.10385",
        .options = options(),
        .trainedShapes = trainedShapes,
        .canBecome = virtualTokensBecome,
        .check = [](const ModelSpec& spec, const std::vector<TensorSlot>&, const Values& values) { return checkVirtualTokens(spec, values); },
    };
    return method;
}

}
