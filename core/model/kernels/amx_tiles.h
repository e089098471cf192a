// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::model::kernels {

/// Whether the processor has AMX-BF16 and the kernel lets this process use it. Asks once.
bool hasAmx();

/// Whether products of bfloat16 in the order of tiles run here: on tile units, or on AVX-512's pairs of bfloat16.
bool hasPairs();

}

#if defined(__x86_64__)

// The tile instructions of AMX. g++ 12's intrinsics do not tell the compiler that they read and write
// memory (it then moves stores past them), so the instructions are written out. In an unnamed namespace:
// the including files are compiled for different instruction sets.
namespace attune::model::kernels {
namespace {

constexpr std::int64_t kTileValues = 512;  // 16 rows of 32 bfloat16

template<int kTile>
inline void loadTile(const void* from, std::int64_t strideBytes)
{
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(strideBytes), "i"(kTile) : "memory");
}

/// The same for what is read once: it takes no place in the first-level cache from what stays.
template<int kTile>
inline void passTile(const void* from, std::int64_t strideBytes)
{
    asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" : : "r"(from), "r"(strideBytes), "i"(kTile) : "memory");
}

template<int kTile>
inline void storeTile(void* to, std::int64_t strideBytes)
{
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(to), "r"(strideBytes), "i"(kTile) : "memory");
}

template<int kTile>
inline void zeroTile()
{
    asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
}

/// Sum [16, 16] float32 += left [16, 32] · right, whose 16 rows hold pairs of rows side by side.
template<int kSum, int kLeft, int kRight>
inline void multiplyTiles()
{
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSum), "i"(kLeft), "i"(kRight));
}

/// Tiles 0 to 3 begin at 32 × 32 sums in memory, or at zero.
inline void beginSums(const float* sums, bool adds)
{
    if (adds) {
        loadTile<0>(sums, 128);
        loadTile<1>(sums + 16, 128);
        loadTile<2>(sums + 16 * 32, 128);
        loadTile<3>(sums + 16 * 32 + 16, 128);
    } else {
        zeroTile<0>();
        zeroTile<1>();
        zeroTile<2>();
        zeroTile<3>();
    }
}

inline void storeSums(float* sums)
{
    storeTile<0>(sums, 128);
    storeTile<1>(sums + 16, 128);
    storeTile<2>(sums + 16 * 32, 128);
    storeTile<3>(sums + 16 * 32 + 16, 128);
}

/// All eight tiles 16 rows of 64 bytes while it lives, where there are tile units. Released at the end: oneDNN looks at what is set.
class TileState
{
public:
    TileState()
    {
        if (!hasAmx())
            return;
        struct alignas(64) Configuration {
            std::uint8_t palette = 1, start = 0, reserved[14] = {};
            std::uint16_t columnBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
            std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
        } configuration;
        asm volatile("ldtilecfg %0" : : "m"(configuration));
    }
    ~TileState()
    {
        if (hasAmx())
            asm volatile("tilerelease");
    }
    TileState(const TileState&) = delete;
    TileState& operator=(const TileState&) = delete;
};

}
}

#endif
