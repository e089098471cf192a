// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/buffer.h"

#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace attune::model {

/// The inputs of layers that are computed again in the backward pass (Chen et al. 2016), kept in the host's memory meanwhile:
/// the card holds two at a time, whatever the number of layers. An input goes out while the layers above compute, and comes
/// back while the one above is gone through backwards, on a stream of its own from and to pinned memory; a layer takes several
/// times as long as that. On a CPU the same without streams, for tests. For the thread that computes.
class HostInputs
{
public:
    /// Where the input of a layer is to be written, [rows, columns] of these options. What was there has left by then, and is
    /// not to be used any more.
    at::Tensor room(std::size_t layer, std::int64_t rows, std::int64_t columns, const at::TensorOptions& options);
    /// The room has been written (or will have been, by what is queued): it may leave.
    void send(std::size_t layer);
    /// The same values again, from the last layer down: asking for one begins to fetch the one below.
    at::Tensor fetch(std::size_t layer);

private:
    struct Place {
        Buffer buffer;
        at::Tensor values;                 ///< [rows, columns]
        std::size_t layer = 0;             ///< whose input it is
        std::optional<c10::Event> copied;  ///< out or in; absent on a CPU
    };
    enum class Way { Out, In };
    Place& placeOf(std::size_t layer) { return m_places[layer % m_places.size()]; }
    void copy(Place& place, Way way);
    void bring(std::size_t layer);
    static void await(const Place& place);

    std::array<Place, 2> m_places;
    std::vector<at::Tensor> m_host;        ///< of each layer, pinned bytes
    std::optional<c10::Stream> m_stream;
};

}
