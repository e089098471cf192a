// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/amx_matrix.h"

#include "model/kernels/amx_order.h"
#include "model/kernels/amx_panel.h"

#if defined(__x86_64__)

namespace attune::model::kernels {

namespace {

constexpr std::int64_t kPieceBytes = 40 << 10;   // of a panel: what stays in a first-level cache of 48 KB
constexpr std::int64_t kLeftBytes = 1280 << 10;  // of the left side, in a second-level cache of 2 MB

/// The 32 by 32 at (row, column) of a matrix of so many rows and columns, both multiples of 32.
template<typename S>
Part<S> partAt(const AmxSide& side, std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns)
{
    return {static_cast<const S*>(side.data) + row * side.stride + column, side.stride, least(32, rows - row), firstLanes(columns - column)};
}

// What is read down its columns is read for several slices or panels at a time: longer pieces of each row are half as far from each other
// for the memory, a quarter to four quarters faster.
constexpr std::int64_t kAtATime = 4;

/// pack(index, block) for all blocks of `first` to `last`, one after the other or, where memory lies across, kAtATime side by side.
template<typename Pack>
void packAll(std::int64_t first, std::int64_t last, std::int64_t blocks, bool isDownColumns, const Pack& pack)
{
    const std::int64_t step = isDownColumns ? kAtATime : 1;
    for (std::int64_t begin = first; begin < last; begin += step)
        for (std::int64_t block = 0; block < blocks; ++block)
            for (std::int64_t index = begin; index < least(last, begin + step); ++index)
                pack(index, block);
}

template<typename S>
void packLeft(const AmxMatrices& t, std::int64_t first, std::int64_t last, std::uint16_t* to)
{
    packAll(first, last, t.blocks(), t.left.isAcross, [&](std::int64_t slice, std::int64_t block) {
        auto* tiles = to + (slice * t.blocks() + block) * t.blockValues();
        if (t.left.isAcross)
            packRowsAcross(partAt<S>(t.left, block * 32, slice * 32, t.inner, t.rows), tiles);
        else
            packRows(partAt<S>(t.left, slice * 32, block * 32, t.rows, t.inner), tiles);
    });
}

template<typename S>
void packRight(const AmxMatrices& t, std::int64_t first, std::int64_t last, std::uint16_t* to, std::uint8_t* hasLow)
{
    packAll(first, last, t.blocks(), !t.right.isAcross, [&](std::int64_t panel, std::int64_t block) {
        const auto place = (panel - first) * t.blocks() + block;
        auto* tiles = to + place * t.blockValues();
        hasLow[place] = t.right.isAcross ? packPairsAcross(partAt<S>(t.right, panel * 32, block * 32, t.columns, t.inner), tiles)
                                         : packPairs(partAt<S>(t.right, block * 32, panel * 32, t.inner, t.columns), tiles);
    });
}

template<typename R>
void writeSums(const AmxMatrices& t, const float* sums, std::int64_t slice, std::int64_t panel)
{
    const auto rows = least(32, t.rows - slice * 32);
    const auto lanes = firstLanes(t.columns - panel * 32);
    const __m512 scale = _mm512_set1_ps(t.scale);
    auto* to = static_cast<R*>(t.out) + slice * 32 * t.outStride + panel * 32;
    const auto* addend = t.addend ? static_cast<const R*>(t.addend) + slice * 32 * t.addendStride + panel * 32 : nullptr;
    for (std::int64_t r = 0; r < rows; ++r, sums += 32, to += t.outStride, addend += t.addendStride)
        writeRow(_mm512_mul_ps(_mm512_loadu_ps(sums), scale), _mm512_mul_ps(_mm512_loadu_ps(sums + 16), scale), lanes, to, addend);
}

std::int64_t piecesOf(const AmxMatrices& t, std::int64_t bytesAtATime)
{
    return (t.panelBytes() + bytesAtATime - 1) / bytesAtATime;
}

thread_local Pace g_pace[2];  // bfloat16, float32

}

void amxPackLeft(const AmxMatrices& task, std::int64_t first, std::int64_t last, std::uint16_t* to)
{
    (task.left.isFloat32 ? packLeft<float> : packLeft<std::uint16_t>)(task, first, last, to);
}

void amxPackRight(const AmxMatrices& task, std::int64_t first, std::int64_t last, std::uint16_t* to, std::uint8_t* hasLow)
{
    (task.right.isFloat32 ? packRight<float> : packRight<std::uint16_t>)(task, first, last, to, hasLow);
}

void amxMultiplyPanel(const AmxMatrices& t, const AmxPart& part, void* scratch)
{
    const TileState tiles;
    auto* sums = static_cast<float*>(scratch);
    auto& pace = g_pace[t.left.isFloat32];
    const bool isEarly = pace.isEarly(piecesOf(t, kPieceBytes));
    const auto write = t.isOutFloat32 ? writeSums<float> : writeSums<std::uint16_t>;
    const auto plain = isEarly ? multiplyPanel<true> : multiplyPanel<false>;
    const auto split = isEarly ? multiplySplitPanel<true, false> : multiplySplitPanel<false, false>;
    const auto pieces = piecesOf(t, isEarly && t.left.isFloat32 ? 2 * kPieceBytes : kPieceBytes), slices = part.lastSlice - part.firstSlice;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const auto block = t.blocks() * piece / pieces, blocks = t.blocks() * (piece + 1) / pieces - block;
        const auto* right = part.right + block * t.blockValues();
        // What comes next lies behind this: the panel's next piece, or the next panel's first.
        Ahead ahead {right + blocks * t.blockValues(), (t.blockValues() / 32 + slices - 1) / slices};
        for (auto slice = part.firstSlice; slice < part.lastSlice; ++slice) {
            auto* sum = sums + (pieces > 1 ? (slice - part.firstSlice) * 1024 : 0);
            const auto* left = part.left + (slice * t.blocks() + block) * t.blockValues();
            if (t.left.isFloat32)
                split(left, right, part.hasLow + block, blocks, sum, piece > 0, ahead);
            else
                plain(left, right, blocks, sum, piece > 0, ahead);
            if (piece + 1 == pieces)
                write(t, sum, slice, part.panel);
        }
    }
    pace.ended(slices * t.blocks());
}

std::int64_t amxScratchBytes(const AmxMatrices& task, std::int64_t slices)
{
    return (piecesOf(task, kPieceBytes) > 1 ? slices : 1) * 4096;
}

std::int64_t amxSlicesAtATime(const AmxMatrices& task)
{
    const auto most = kLeftBytes / task.panelBytes(), slices = task.slices();
    const auto turns = (slices + (most > 2 ? most : 2) - 1) / (most > 2 ? most : 2);
    return (slices + turns - 1) / turns;
}

}

#endif
