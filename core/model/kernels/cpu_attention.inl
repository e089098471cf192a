// SPDX-License-Identifier: GPL-3.0-or-later
// Packed causal attention: small matrix products over one segment and one key-value head, scores in
// the second-level cache. Products of bfloat16 storage run on VDPBF16PS where the CPU has it (pairs of
// the inner dimension in one 32-bit lane), everything else in float32. Included inside an unnamed namespace.

/// What products read: storage type S, and pairs of bfloat16 or single floats as 32-bit lanes.
template<typename S, bool kIsPaired>
struct Operand {
    typedef float Item;                    // an element of a row-major left operand
    static constexpr Index kStep = 1;      // elements of the inner dimension in a lane
};
template<>
struct Operand<Bf16, true> {
    typedef Bf16 Item;
    static constexpr Index kStep = 2;
};

template<Index kStep>
inline Vec multiplyAdd(Vec sum, Vec a, Vec b)
{
#if ATTUNE_HAS_DPBF16
    if constexpr (kStep == 2)
        return (Vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
    else
#endif
        return sum + a * b;
}

inline Vec broadcast(const void* p)
{
    float value;
    __builtin_memcpy(&value, p, 4);
    return splat(value);
}

/// A block of M rows and N vectors of C [M, N·W] (+)= A [M, K] B [K, N·W]; lanes of 32 bits.
template<int M, int N, Index kStep>
inline __attribute__((always_inline)) void tile(Index K, const char* a, Index rowBytes, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
    Vec sum[M][N];
    for (int i = 0; i < M; ++i) {
        for (int j = 0; j < N; ++j)
            sum[i][j] = adds ? loadAll(c + i * ldc + j * W) : Vec {};
    }
    for (Index k = 0; k < K; ++k) {
        Vec right[N];
        for (int j = 0; j < N; ++j)
            right[j] = loadAll(b + k * ldb + j * W);
        for (int i = 0; i < M; ++i) {
            const Vec left = broadcast(a + i * rowBytes + k * 4);
            for (int j = 0; j < N; ++j)
                sum[i][j] = multiplyAdd<kStep>(sum[i][j], left, right[j]);
        }
    }
    for (int i = 0; i < M; ++i) {
        for (int j = 0; j < N; ++j)
            storeAll(c + i * ldc + j * W, sum[i][j]);
    }
}

template<int N, Index kStep>
inline void columnsOf(Index M, Index K, const char* a, Index rowBytes, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
    Index m = 0;
    for (; m + kTileRows <= M; m += kTileRows)
        tile<kTileRows, N, kStep>(K, a + m * rowBytes, rowBytes, b, ldb, c + m * ldc, ldc, adds);
    for (; m + 2 <= M; m += 2)
        tile<2, N, kStep>(K, a + m * rowBytes, rowBytes, b, ldb, c + m * ldc, ldc, adds);
    for (; m < M; ++m)
        tile<1, N, kStep>(K, a + m * rowBytes, rowBytes, b, ldb, c + m * ldc, ldc, adds);
}

template<typename Item, Index kStep>
void multiplyOnVectors(Index M, Index N, Index K, const Item* a, Index lda, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
    const char* left = reinterpret_cast<const char*>(a);
    const Index rowBytes = lda * Index(sizeof(Item));
    Index n = 0;
    for (; n + 2 * W <= N; n += 2 * W)
        columnsOf<2, kStep>(M, K / kStep, left, rowBytes, b + n, ldb, c + n, ldc, adds);
    if (n < N)
        columnsOf<1, kStep>(M, K / kStep, left, rowBytes, b + n, ldb, c + n, ldc, adds);
}

#if ATTUNE_HAS_AMX
/// 16 or 32 rows by 16 or 32 columns of C on the tile units; K is a multiple of 32.
template<bool kTwoRows, bool kTwoColumns>
inline void tileBlock(Index K, const Bf16* a, Index lda, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
    const Index bytesA = lda * 2, bytesB = ldb * 4, bytesC = ldc * 4;
    if (adds) {
        loadTile<0>(c, bytesC);
        if constexpr (kTwoColumns)
            loadTile<1>(c + 16, bytesC);
        if constexpr (kTwoRows)
            loadTile<2>(c + 16 * ldc, bytesC);
        if constexpr (kTwoRows && kTwoColumns)
            loadTile<3>(c + 16 * ldc + 16, bytesC);
    } else {
        zeroTile<0>();
        zeroTile<1>();
        zeroTile<2>();
        zeroTile<3>();
    }
    for (Index k = 0; k < K; k += 32) {
        loadTile<4>(a + k, bytesA);
        loadTile<6>(b + k / 2 * ldb, bytesB);
        multiplyTiles<0, 4, 6>();
        if constexpr (kTwoColumns) {
            loadTile<7>(b + k / 2 * ldb + 16, bytesB);
            multiplyTiles<1, 4, 7>();
        }
        if constexpr (kTwoRows) {
            loadTile<5>(a + 16 * lda + k, bytesA);
            multiplyTiles<2, 5, 6>();
            if constexpr (kTwoColumns)
                multiplyTiles<3, 5, 7>();
        }
    }
    storeTile<0>(c, bytesC);
    if constexpr (kTwoColumns)
        storeTile<1>(c + 16, bytesC);
    if constexpr (kTwoRows)
        storeTile<2>(c + 16 * ldc, bytesC);
    if constexpr (kTwoRows && kTwoColumns)
        storeTile<3>(c + 16 * ldc + 16, bytesC);
}

/// M and N are multiples of 16, K of 32.
inline void multiplyOnTiles(Index M, Index N, Index K, const Bf16* a, Index lda, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
    for (Index n = 0; n < N; n += 32) {
        for (Index m = 0; m < M; m += 32) {
            const bool twoRows = m + 16 < M, twoColumns = n + 16 < N;
            const auto block = twoRows ? (twoColumns ? tileBlock<true, true> : tileBlock<true, false>) : (twoColumns ? tileBlock<false, true> : tileBlock<false, false>);
            block(K, a + m * lda, lda, b + n, ldb, c + m * ldc + n, ldc, adds);
        }
    }
}
#endif

/// C [M, N] (+)= A [M, K] B [K, N]. N is a multiple of W, K of kStep; B holds K / kStep rows of N lanes.
template<typename Item, Index kStep>
void multiply(Index M, Index N, Index K, const Item* a, Index lda, const float* b, Index ldb, float* c, Index ldc, bool adds)
{
#if ATTUNE_HAS_AMX
    if constexpr (kStep == 2) {
        // What does not fill tiles is left to the code below.
        const Index tileRows = M / 16 * 16, tileInner = K / 32 * 32;
        if (tileRows > 0 && tileInner > 0) {
            multiplyOnTiles(tileRows, N, tileInner, a, lda, b, ldb, c, ldc, adds);
            if (tileInner < K)
                multiplyOnVectors<Item, kStep>(tileRows, N, K - tileInner, a + tileInner, lda, b + tileInner / 2 * ldb, ldb, c, ldc, true);
            a += tileRows * lda, c += tileRows * ldc, M -= tileRows;
        }
    }
#endif
    multiplyOnVectors<Item, kStep>(M, N, K, a, lda, b, ldb, c, ldc, adds);
}

/// Hands out aligned pieces of a thread's scratch memory.
struct Scratch {
    char* next;
    template<typename T>
    T* take(Index count)
    {
        T* result = reinterpret_cast<T*>(next);
        next += roundUp(count * Index(sizeof(T)), 64);
        return result;
    }
};

typedef float Four __attribute__((vector_size(16)));

/// to [columns, rows] = from [rows, columns]^T in lanes of 32 bits.
inline void transposeLanes(const float* from, Index ldFrom, Index rows, Index columns, float* to, Index ldTo)
{
    typedef std::int32_t Order __attribute__((vector_size(16)));
    Index r = 0;
    for (; r + 4 <= rows; r += 4) {
        Index c = 0;
        for (; c + 4 <= columns; c += 4) {
            Four row[4];
            for (int i = 0; i < 4; ++i)
                __builtin_memcpy(&row[i], from + (r + i) * ldFrom + c, 16);
            const Four a = __builtin_shuffle(row[0], row[1], Order {0, 4, 1, 5}), b = __builtin_shuffle(row[2], row[3], Order {0, 4, 1, 5});
            const Four d = __builtin_shuffle(row[0], row[1], Order {2, 6, 3, 7}), e = __builtin_shuffle(row[2], row[3], Order {2, 6, 3, 7});
            const Four out[4] = {__builtin_shuffle(a, b, Order {0, 1, 4, 5}), __builtin_shuffle(a, b, Order {2, 3, 6, 7}),
                __builtin_shuffle(d, e, Order {0, 1, 4, 5}), __builtin_shuffle(d, e, Order {2, 3, 6, 7})};
            for (int i = 0; i < 4; ++i)
                __builtin_memcpy(to + (c + i) * ldTo + r, &out[i], 16);
        }
        for (; c < columns; ++c) {
            for (int i = 0; i < 4; ++i)
                __builtin_memcpy(to + c * ldTo + r + i, from + (r + i) * ldFrom + c, 4);
        }
    }
    for (; r < rows; ++r) {
        for (Index c = 0; c < columns; ++c)
            __builtin_memcpy(to + c * ldTo + r, from + r * ldFrom + c, 4);
    }
}

/// Everything that depends on how products read their operands.
template<typename S, bool kIsPaired>
struct Attention {
    typedef typename Operand<S, kIsPaired>::Item Item;
    static constexpr Index kStep = Operand<S, kIsPaired>::kStep;
    static constexpr Index kRows = 32;  // queries (forward) or keys (backward) at a time
    // What products run over is padded so that they fill tiles: rows of the result, its columns, and the inner dimension.
    static constexpr bool kHasTiles = kIsPaired && ATTUNE_HAS_AMX;
    static constexpr Index kRowStep = kHasTiles ? 16 : 1, kColumnStep = kHasTiles ? 32 : W, kInnerStep = kHasTiles ? 32 : kStep;

    /// Rows as a left operand: in place where the storage type serves, else converted into room.
    static const Item* leftRows(const S* from, Index stride, Index rows, Index D, Item* room, Index& ld)
    {
        if constexpr (sizeof(S) == sizeof(Item)) {
            ld = stride;
            return reinterpret_cast<const Item*>(from);
        } else {
            ld = D;
            for (Index r = 0; r < rows; ++r)
                overColumns(D, [&](Index c, int n) __attribute__((always_inline)) { store(room + r * D + c, load(from + r * stride + c, n), n); });
            return room;
        }
    }

    /// Rows [count, D] with zeros behind them up to a multiple of kRowStep; a copy in room only where that is needed.
    static const Item* paddedRows(const Item* from, Index count, Index D, Item* room, Index& ld)
    {
        if (count % kRowStep == 0)
            return from;
        for (Index r = 0; r < count; ++r)
            __builtin_memmove(room + r * D, from + r * ld, std::size_t(D) * sizeof(Item));
        __builtin_memset(room + count * D, 0, std::size_t(roundUp(count, kRowStep) - count) * std::size_t(D) * sizeof(Item));
        ld = D;
        return room;
    }

    /// X^T as a right operand: [D / kStep, ld] lanes; columns behind rows are zero.
    static void packTransposed(const S* from, Index stride, Index rows, Index D, float* to, Index ld, float* room)
    {
        const float* lanes;
        Index ldLanes;
        if constexpr (kIsPaired || sizeof(S) == 4) {
            lanes = reinterpret_cast<const float*>(from);
            ldLanes = stride / kStep;
        } else {
            for (Index r = 0; r < rows; ++r)
                overColumns(D, [&](Index c, int n) __attribute__((always_inline)) { store(room + r * D + c, load(from + r * stride + c, n), n); });
            lanes = room;
            ldLanes = D;
        }
        transposeLanes(lanes, ldLanes, rows, D / kStep, to, ld);
        for (Index d = 0; d < D / kStep; ++d)
            __builtin_memset(to + d * ld + rows, 0, std::size_t(ld - rows) * 4);
    }

    /// X as a right operand: [rows / kStep, ld] lanes, zero behind rows (up to total) and columns.
    static void packRows(const S* from, Index stride, Index rows, Index total, Index D, float* to, Index ld)
    {
        for (Index r = 0; r < total; r += kStep) {
            float* out = to + r / kStep * ld;
            if (r >= rows) {
                __builtin_memset(out, 0, std::size_t(ld) * 4);
                continue;
            }
            const bool hasSecond = r + 1 < rows;
            const S* first = from + r * stride;
            overColumns(ld, [&](Index c, int) __attribute__((always_inline)) {
                const int n = int(least(W, D - c));
                Vec v = n > 0 ? load(first + c, n) : Vec {};
                if constexpr (kIsPaired) {
                    const Vec second = n > 0 && hasSecond ? load(first + stride + c, n) : Vec {};
                    v = (Vec)(((UVec)v >> 16) | (UVec)second);
                }
                storeAll(out + c, v);
            });
        }
    }

    static void storeItems(Item* p, Vec v) { storeAll(p, v); }

    static Index forwardScratch(Index nq, Index nk, Index D)
    {
        const Index Nk = roundUp(nk, kColumnStep), Dp = roundUp(D, W);
        (void)nq;
        return 4 * (D * Nk + Nk * Dp + nk * D + kRows * Nk + kRows * D + kRows * Dp) + 4 * kRows * Nk + 1024;
    }

    static void forward(const AttentionTask& task, void* memory)
    {
        const Index nq = task.queryLength, nk = task.keyLength, D = task.headDim;
        const Index Nk = roundUp(nk, kColumnStep), Dp = roundUp(D, W), shift = nk - nq;
        Scratch scratch {static_cast<char*>(memory)};
        float* keys = scratch.take<float>(D * Nk);
        float* values = scratch.take<float>(Nk * Dp);
        float* room = scratch.take<float>(nk * D);
        float* scores = scratch.take<float>(kRows * Nk);
        Item* probabilities = scratch.take<Item>(kRows * Nk);
        Item* queryRoom = scratch.take<Item>(kRows * D);
        float* mixed = scratch.take<float>(kRows * Dp);
        packTransposed(rowOf<S>(task.k, 0), task.k.stride, nk, D, keys, Nk, room);
        packRows(rowOf<S>(task.v, 0), task.v.stride, nk, Nk, D, values, Dp);
        for (Index g = 0; g < task.groupHeads; ++g) {
            for (Index i = 0; i < nq; i += kRows) {
                const Index rows = least(kRows, nq - i);
                const Index width = roundUp(i + rows + shift, kColumnStep);  // keys that the last of these rows sees
                Index ldq = 0;
                const Item* q = leftRows(rowOf<S>(task.q, i) + g * D, task.q.stride, rows, D, queryRoom, ldq);
                q = paddedRows(q, rows, D, queryRoom, ldq);
                multiply<Item, kStep>(roundUp(rows, kRowStep), width, D, q, ldq, keys, Nk, scores, Nk, false);
                float inverse[kRows];
                for (Index r = 0; r < rows; ++r)
                    inverse[r] = softmaxRow(task, g, i + r, scores + r * Nk, probabilities + r * Nk, i + r + shift + 1, width);
                multiply<Item, kStep>(roundUp(rows, kRowStep), Dp, width, probabilities, Nk, values, Dp, mixed, Dp, false);
                for (Index r = 0; r < rows; ++r) {
                    S* to = rowOf<S>(task.out, i + r) + g * D;
                    overColumns(D, [&](Index c, int n) __attribute__((always_inline)) { store(to + c, load(mixed + r * Dp + c, n) * inverse[r], n); });
                }
            }
        }
    }

    /// Unnormalised probabilities of the visible keys, zeros up to width; returns 1 / their sum.
    static float softmaxRow(const AttentionTask& task, Index head, Index row, const float* scores, Item* out, Index visible, Index width)
    {
        const IVec lanes = laneNumbers();
        const Vec lowest = splat(-3.0e38f);
        Vec greatest = lowest;
        for (Index c = 0; c < visible; c += W)
            greatest = greater(greatest, lanes < std::int32_t(visible - c) ? loadAll(scores + c) : lowest);
        const float top = greatestOf(greatest);
        Vec total = {};
        for (Index c = 0; c < width; c += W) {
            const Vec e = exponential((loadAll(scores + c) - top) * task.scale);
            const Vec p = lanes < std::int32_t(visible - c) ? e : Vec {};
            total += p;
            storeItems(out + c, p);
        }
        const float sum = sumOf(total);
        if (task.logSumExp)
            task.logSumExp[head * task.logSumExpStride + row] = top * task.scale + __builtin_logf(sum);
        return 1.0f / sum;
    }

    static Index backwardScratch(Index nq, Index nk, Index D)
    {
        const Index Nq = roundUp(nq, kColumnStep), Nk = roundUp(nk, kColumnStep), Dp = roundUp(D, W);
        return 4 * (2 * nk * D + 2 * kRows * D + D * Nk + 2 * Nk * Dp + 2 * D * Nq + 2 * Nq * Dp + 2 * Nq + D * Nq + nq * D + 2 * kRows * Nq + 3 * kRows * Nq) + 4096;
    }

    /// Key j is seen by the queries from j - shift on.
    static void backward(const AttentionTask& task, void* memory)
    {
        const Index nq = task.queryLength, nk = task.keyLength, shift = nk - nq, D = task.headDim;
        const Index Nq = roundUp(nq, kColumnStep), Nk = roundUp(nk, kColumnStep), Dp = roundUp(D, W);
        Scratch scratch {static_cast<char*>(memory)};
        Item* keyRoom = scratch.take<Item>(nk * D);
        Item* valueRoom = scratch.take<Item>(nk * D);
        Item* lastKeys = scratch.take<Item>(kRows * D);
        Item* lastValues = scratch.take<Item>(kRows * D);
        Item* keysAcross = scratch.take<Item>(D * Nk);    // K^T, left operand
        float* sumK = scratch.take<float>(Nk * Dp);
        float* sumV = scratch.take<float>(Nk * Dp);
        float* queriesAcross = scratch.take<float>(D * Nq);
        float* gradsAcross = scratch.take<float>(D * Nq);
        float* queries = scratch.take<float>(Nq * Dp);
        float* grads = scratch.take<float>(Nq * Dp);
        float* lse = scratch.take<float>(Nq);
        float* delta = scratch.take<float>(Nq);
        float* sumQ = scratch.take<float>(D * Nq);        // transposed
        float* room = scratch.take<float>(nq * D);
        Block block {scratch.take<float>(kRows * Nq), scratch.take<float>(kRows * Nq), scratch.take<Item>(kRows * Nq), scratch.take<Item>(kRows * Nq), scratch.take<float>(kRows * Nq)};

        Index ldk = 0, ldv = 0;
        const Item* k = leftRows(rowOf<S>(task.k, 0), task.k.stride, nk, D, keyRoom, ldk);
        const Item* v = leftRows(rowOf<S>(task.v, 0), task.v.stride, nk, D, valueRoom, ldv);
        for (Index d = 0; d < D; ++d) {
            for (Index j = 0; j < nk; ++j)
                keysAcross[d * Nk + j] = k[j * ldk + d];
            for (Index j = nk; j < Nk; ++j)
                keysAcross[d * Nk + j] = 0;
        }
        __builtin_memset(sumK, 0, std::size_t(Nk * Dp) * 4);
        __builtin_memset(sumV, 0, std::size_t(Nk * Dp) * 4);
        for (Index g = 0; g < task.groupHeads; ++g) {
            const S* q = rowOf<S>(task.q, 0) + g * D;
            const S* grad = rowOf<S>(task.gradOut, 0) + g * D;
            packTransposed(q, task.q.stride, nq, D, queriesAcross, Nq, room);
            packTransposed(grad, task.gradOut.stride, nq, D, gradsAcross, Nq, room);
            packRows(q, task.q.stride, nq, Nq, D, queries, Dp);
            packRows(grad, task.gradOut.stride, nq, Nq, D, grads, Dp);
            rowSums(task, g, nq, Nq, lse, delta);
            __builtin_memset(sumQ, 0, std::size_t(D * Nq) * 4);
            for (Index j = 0; j < nk; j += kRows) {
                const Index rows = least(kRows, nk - j), first = j > shift ? j - shift : 0;
                const Index start = first / kColumnStep * kColumnStep, width = Nq - start, padded = roundUp(rows, kRowStep);
                Index ldKeys = ldk, ldValues = ldv;
                const Item* someKeys = paddedRows(k + j * ldk, rows, D, lastKeys, ldKeys);
                const Item* someValues = paddedRows(v + j * ldv, rows, D, lastValues, ldValues);
                multiply<Item, kStep>(padded, width, D, someKeys, ldKeys, queriesAcross + start, Nq, block.scores, Nq, false);
                multiply<Item, kStep>(padded, width, D, someValues, ldValues, gradsAcross + start, Nq, block.gradScores, Nq, false);
                scoreGradients(task, block, rows, j - shift, start, width, nq, Nq, lse, delta);
                multiply<Item, kStep>(padded, Dp, width, block.p, Nq, grads + start / kStep * Dp, Dp, sumV + j * Dp, Dp, true);
                multiply<Item, kStep>(padded, Dp, width, block.ds, Nq, queries + start / kStep * Dp, Dp, sumK + j * Dp, Dp, true);
                multiply<Item, kStep>(D, width, roundUp(rows, kInnerStep), keysAcross + j, Nk, block.packed, Nq, sumQ + start, Nq, true);
            }
            transposeLanes(sumQ, Nq, D, nq, room, D);
            writeRows(room, D, nq, D, rowOf<S>(task.gradQ, 0) + g * D, task.gradQ.stride);
        }
        writeRows(sumK, Dp, nk, D, rowOf<S>(task.gradK, 0), task.gradK.stride);
        writeRows(sumV, Dp, nk, D, rowOf<S>(task.gradV, 0), task.gradV.stride);
    }

    struct Block {
        float *scores, *gradScores;  // [kRows, N] of keys by queries
        Item *p, *ds;                // left operands
        float* packed;               // ds as a right operand
    };

    /// log-sum-exp and sum of gradient times output of each query; harmless values behind n.
    static void rowSums(const AttentionTask& task, Index head, Index n, Index N, float* lse, float* delta)
    {
        for (Index i = 0; i < N; ++i) {
            Vec sum = {};
            if (i < n) {
                const S* out = rowOf<S>(task.out, i) + head * task.headDim;
                const S* grad = rowOf<S>(task.gradOut, i) + head * task.headDim;
                overColumns(task.headDim, [&](Index c, int lanes) __attribute__((always_inline)) { sum += load(out + c, lanes) * load(grad + c, lanes); });
            }
            delta[i] = sumOf(sum);
            lse[i] = i < n ? task.logSumExp[head * task.logSumExpStride + i] : 0.0f;
        }
    }

    static void scoreGradients(const AttentionTask& task, Block& block, Index rows, Index firstQuery, Index start, Index width, Index n, Index N, const float* lse, const float* delta)
    {
        const IVec lanes = laneNumbers();
        const Index end = roundUp(rows, kStep), padded = roundUp(rows, kInnerStep);
        for (Index r = end; r < padded; ++r) {
            __builtin_memset(block.p + r * N, 0, std::size_t(width) * sizeof(Item));
            __builtin_memset(block.ds + r * N, 0, std::size_t(width) * sizeof(Item));
        }
        for (Index r = end / kStep; r < padded / kStep; ++r)
            __builtin_memset(block.packed + r * N, 0, std::size_t(width) * 4);
        for (Index r = 0; r < end; ++r) {
            for (Index c = 0; c < width; c += W) {
                const IVec query = lanes + std::int32_t(start + c);
                const Vec e = exponential(loadAll(block.scores + r * N + c) * task.scale - loadAll(lse + start + c));
                const IVec isSeen = (query >= std::int32_t(firstQuery + r)) & (query < std::int32_t(n)) & (lanes * 0 + std::int32_t(r < rows ? -1 : 0));
                const Vec p = isSeen ? e : Vec {};
                const Vec raw = p * (loadAll(block.gradScores + r * N + c) - loadAll(delta + start + c)) * task.scale;
                const Vec ds = isSeen ? raw : Vec {};  // rows behind the last hold leftovers, maybe not finite
                storeItems(block.p + r * N + c, p);
                storeItems(block.ds + r * N + c, ds);
                if constexpr (!kIsPaired) {
                    storeAll(block.packed + r * N + c, ds);
                } else if (r % 2 == 1) {
                    const UVec low = (UVec)loadAll(block.ds + (r - 1) * N + c), high = (UVec)loadAll(block.ds + r * N + c);
                    storeAll(block.packed + r / 2 * N + c, (Vec)((low >> 16) | high));
                }
            }
        }
    }

    static void writeRows(const float* from, Index ld, Index rows, Index D, S* to, Index stride)
    {
        for (Index r = 0; r < rows; ++r)
            overColumns(D, [&](Index c, int n) __attribute__((always_inline)) { store(to + r * stride + c, load(from + r * ld + c, n), n); });
    }
};
