// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/tile_product.h"

#include "model/kernels/aligned_room.h"
#include "model/kernels/amx_matrix.h"
#include "model/kernels/amx_tiles.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

namespace attune::model {

namespace {

using kernels::AmxMatrices;
using kernels::AmxSide;

constexpr std::int64_t kLeastWork = std::int64_t(1) << 22;   // multiplications
constexpr std::int64_t kInnerBytes = 4096;                   // of a row at a time: longer ones would leave few rows in a cache
constexpr std::int64_t kRoundedInnerBytes = 8192;            // where each further part costs a pass over sums that are kept beside the result
constexpr std::int64_t kSideValues = std::int64_t(1) << 22;  // of either side in order at a time: 8 MB a plane

bool isDense(const at::Tensor& x)
{
    return x.dim() == 2 && (x.stride(0) == 1 || x.stride(1) == 1) && x.device().is_cpu();
}

AmxSide sideOf(const at::Tensor& x)
{
    const bool isAcross = x.stride(1) != 1;
    return {x.data_ptr(), x.stride(isAcross ? 1 : 0), x.scalar_type() == at::kFloat, isAcross};
}

/// A left side that stays in a second-level cache as a whole (gradients of low-rank matrices): each panel is used once, right after the
/// thread that needs it has put it in order.
void multiplyFewRows(const AmxMatrices& task)
{
    const auto slices = task.slices();
    const kernels::AlignedRoom leftRoom(slices * task.panelBytes());
    auto* left = static_cast<std::uint16_t*>(leftRoom.data());
    at::parallel_for(0, slices, 1, [&](std::int64_t begin, std::int64_t end) { kernels::amxPackLeft(task, begin, end, left); });
    at::parallel_for(0, task.panels(), 1, [&](std::int64_t begin, std::int64_t end) {
        const kernels::AlignedRoom rightRoom(task.panelBytes()), scratch(kernels::amxScratchBytes(task, slices));
        auto* right = static_cast<std::uint16_t*>(rightRoom.data());
        std::vector<std::uint8_t> hasLow(static_cast<std::size_t>(task.blocks()));
        for (auto panel = begin; panel < end; ++panel) {
            kernels::amxPackRight(task, panel, panel + 1, right, hasLow.data());
            kernels::amxMultiplyPanel(task, {left, right, hasLow.data(), 0, slices, panel}, scratch.data());
        }
    });
}

/// As many rows as the left side has room for, and as many panels of the right side at a time. All threads together put the sides
/// in order; then each takes panels, for as many slices as stay in its second-level cache.
void multiplyRows(const AmxMatrices& task)
{
    const auto slices = task.slices(), panels = task.panels(), panelValues = task.panelBytes() / 2;
    const auto step = kernels::amxSlicesAtATime(task), turns = (slices + step - 1) / step;
    if (turns == 1)
        return multiplyFewRows(task);
    const auto panelsAtATime = std::clamp<std::int64_t>(kSideValues / (task.blocks() * 1024), 1, panels);
    const kernels::AlignedRoom leftRoom(slices * task.panelBytes()), rightRoom(panelsAtATime * task.panelBytes());
    auto* left = static_cast<std::uint16_t*>(leftRoom.data());
    auto* right = static_cast<std::uint16_t*>(rightRoom.data());
    std::vector<std::uint8_t> hasLow(static_cast<std::size_t>(panelsAtATime * task.blocks()));
    const auto lowOf = [&](std::int64_t panel) { return hasLow.data() + panel * task.blocks(); };
    for (std::int64_t first = 0; first < panels; first += panelsAtATime) {
        const auto count = std::min(panelsAtATime, panels - first), leftCount = first == 0 ? slices : 0;
        at::parallel_for(0, leftCount + count, 1, [&](std::int64_t begin, std::int64_t end) {
            if (begin < leftCount)
                kernels::amxPackLeft(task, begin, std::min(end, leftCount), left);
            if (const auto panel = std::max(begin, leftCount) - leftCount; panel < end - leftCount)
                kernels::amxPackRight(task, first + panel, first + end - leftCount, right + panel * panelValues, lowOf(panel));
        });
        at::parallel_for(0, turns * count, 1, [&](std::int64_t begin, std::int64_t end) {
            const kernels::AlignedRoom scratch(kernels::amxScratchBytes(task, step));
            for (auto i = begin; i < end; ++i) {
                const auto turn = i / count, panel = i % count;
                kernels::amxMultiplyPanel(task, {left, right + panel * panelValues, lowOf(panel), turn * step, std::min(slices, (turn + 1) * step), first + panel}, scratch.data());
            }
        });
    }
}

}

bool servesTileProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b)
{
    const auto type = a.scalar_type();
    if (!kernels::hasAmx() || b.scalar_type() != type || (type != at::kFloat && type != at::kBFloat16))
        return false;
    if (!isDense(a) || !isDense(b) || !out.device().is_cpu() || out.stride(1) != 1 || (out.scalar_type() != at::kFloat && out.scalar_type() != type))
        return false;
    return std::min({a.size(0), a.size(1), b.size(1)}) >= 16 && a.size(0) * a.size(1) * b.size(1) >= kLeastWork;
}

void tileProduct(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b, const TileProductOptions& options)
{
    const bool isFloat32 = out.scalar_type() == at::kFloat;
    const auto M = a.size(0), K = a.size(1), atATime = (isFloat32 ? kInnerBytes : kRoundedInnerBytes) / static_cast<std::int64_t>(a.element_size());
    const auto chunks = std::max<std::int64_t>(1, (K + atATime / 2) / atATime);
    if (chunks > 1 && !isFloat32) {
        const auto sums = at::empty(out.sizes(), at::kFloat);
        tileProduct(sums, a, b, {.scale = options.scale});
        at::Tensor(out).copy_(options.addend.defined() ? sums.add_(options.addend) : sums);
        return;
    }
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const auto begin = K * chunk / chunks / 32 * 32, end = chunk + 1 == chunks ? K : K * (chunk + 1) / chunks / 32 * 32;
        const auto rows = std::max<std::int64_t>(32, kSideValues / (end - begin) / 32 * 32);
        for (std::int64_t row = 0; row < M; row += rows) {
            const auto count = std::min(rows, M - row);
            const auto part = out.narrow(0, row, count);
            const auto addend = chunk > 0 ? part : options.addend.defined() ? options.addend.narrow(0, row, count) : at::Tensor();
            multiplyRows({.rows = count, .inner = end - begin, .columns = b.size(1), .left = sideOf(a.narrow(0, row, count).narrow(1, begin, end - begin)),
                .right = sideOf(b.narrow(0, begin, end - begin)), .scale = static_cast<float>(options.scale), .out = part.data_ptr(), .outStride = part.stride(0),
                .isOutFloat32 = isFloat32, .addend = addend.defined() ? addend.const_data_ptr() : nullptr, .addendStride = addend.defined() ? addend.stride(0) : 0});
        }
    }
}

}
