// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/collectives.h"

#include <c10/cuda/CUDAStream.h>

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <dlfcn.h>

namespace attune::cuda {
namespace {

// NCCL's C interface as far as it is used (nccl.h 2.28, stable since 2.4): its header is not part of the set-up where no card is.
constexpr int kSuccess = 0, kInt64 = 4, kFloat32 = 7, kSum = 0;

struct Nccl {
    int (*getUniqueId)(CollectiveId*) = nullptr;
    int (*commInitRank)(void** comm, int ranks, CollectiveId id, int rank) = nullptr;
    int (*commAbort)(void* comm) = nullptr;
    int (*commDestroy)(void* comm) = nullptr;
    int (*commGetAsyncError)(void* comm, int* error) = nullptr;
    int (*allReduce)(const void* from, void* to, std::size_t count, int type, int operation, void* comm, cudaStream_t stream) = nullptr;
    int (*broadcast)(const void* from, void* to, std::size_t count, int type, int root, void* comm, cudaStream_t stream) = nullptr;
    int (*groupStart)() = nullptr;
    int (*groupEnd)() = nullptr;
    const char* (*getErrorString)(int result) = nullptr;
};

template<typename Function>
bool find(void* library, const char* name, Function*& function)
{
    function = reinterpret_cast<Function*>(dlsym(library, name));
    return function != nullptr;
}

const Nccl* openNccl()
{
    // LibTorch's CUDA library has brought it already, from beside itself.
    void* library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_NOLOAD);
    if (!library)
        library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);
    static Nccl nccl;
    const bool isWhole = library && find(library, "ncclGetUniqueId", nccl.getUniqueId) && find(library, "ncclCommInitRank", nccl.commInitRank)
        && find(library, "ncclCommAbort", nccl.commAbort) && find(library, "ncclCommDestroy", nccl.commDestroy)
        && find(library, "ncclCommGetAsyncError", nccl.commGetAsyncError) && find(library, "ncclAllReduce", nccl.allReduce)
        && find(library, "ncclBroadcast", nccl.broadcast) && find(library, "ncclGroupStart", nccl.groupStart)
        && find(library, "ncclGroupEnd", nccl.groupEnd) && find(library, "ncclGetErrorString", nccl.getErrorString);
    return isWhole ? &nccl : nullptr;
}

const Nccl* nccl()
{
    static const Nccl* const functions = openNccl();
    return functions;
}

/// The communicator of this process; the event tells when what was started is done.
struct Group {
    void* comm = nullptr;
    cudaEvent_t done = nullptr;
    bool isBroken = false;
};

struct Reason {
    char* text;
    int size;

    bool says(const char* what) const
    {
        std::snprintf(text, static_cast<std::size_t>(size), "%s", what);
        return false;
    }
    bool isFine(int result) const { return result == kSuccess || says(nccl()->getErrorString(result)); }
    bool isFine(cudaError_t result) const { return result == cudaSuccess || says(cudaGetErrorString(result)); }
};

bool isThere()
{
    return nccl() != nullptr;
}

bool makeId(CollectiveId& id, char* text, int size)
{
    return Reason {text, size}.isFine(nccl()->getUniqueId(&id));
}

void leave(void* group)
{
    const std::unique_ptr<Group> own(static_cast<Group*>(group));
    // Destroying waits for the others, who may be gone.
    if (own->comm)
        (own->isBroken ? nccl()->commAbort : nccl()->commDestroy)(own->comm);
    if (own->done)
        cudaEventDestroy(own->done);
}

void* join(const CollectiveId& id, int rank, int ranks, char* text, int size)
{
    const Reason reason {text, size};
    auto group = std::make_unique<Group>();
    if (reason.isFine(cudaEventCreateWithFlags(&group->done, cudaEventDisableTiming)) && reason.isFine(nccl()->commInitRank(&group->comm, ranks, id, rank)))
        return group.release();
    group->isBroken = true;
    leave(group.release());
    return nullptr;
}

bool start(const Group& group, const CollectivePart* parts, int count, bool isSum, cudaStream_t stream, const Reason& reason)
{
    if (!reason.isFine(nccl()->groupStart()))
        return false;
    int result = kSuccess;
    for (int i = 0; i < count && result == kSuccess; ++i) {
        const auto& part = parts[i];
        const auto length = static_cast<std::size_t>(part.count);
        const int type = part.isFloat32 ? kFloat32 : kInt64;
        result = isSum ? nccl()->allReduce(part.data, part.data, length, type, kSum, group.comm, stream)
                       : nccl()->broadcast(part.data, part.data, length, type, 0, group.comm, stream);
    }
    const int ended = nccl()->groupEnd();
    return reason.isFine(result) && reason.isFine(ended) && reason.isFine(cudaEventRecord(group.done, stream));
}

bool waitFor(const Group& group, double seconds, const Reason& reason)
{
    using Clock = std::chrono::steady_clock;
    const auto last = Clock::now() + std::chrono::duration<double>(seconds);
    for (cudaError_t state = cudaEventQuery(group.done); state != cudaSuccess; state = cudaEventQuery(group.done)) {
        int error = kSuccess;
        if (state != cudaErrorNotReady)
            return reason.isFine(state);
        if (!reason.isFine(nccl()->commGetAsyncError(group.comm, &error)) || !reason.isFine(error))
            return false;
        if (Clock::now() > last)
            return reason.says("timed out");
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
}

bool exchange(void* handle, const CollectivePart* parts, int count, bool isSum, double seconds, char* text, int size)
{
    auto& group = *static_cast<Group*>(handle);
    const Reason reason {text, size};
    const auto stream = c10::cuda::getCurrentCUDAStream().stream();
    group.isBroken = !start(group, parts, count, isSum, stream, reason) || !waitFor(group, seconds, reason);
    return !group.isBroken;
}

}

const CudaCollectives* cudaCollectives()
{
    static const CudaCollectives table {isThere, makeId, join, exchange, leave};
    return &table;
}

}
