// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/rank_group.h"

#include "base/log.h"

#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace attune::trainer {
namespace {

constexpr std::int64_t kBucketBytes = std::int64_t(32) << 20;  // small tensors travel together
constexpr int kTimeoutSeconds = 1800;

std::chrono::milliseconds timeout()
{
    const char* text = std::getenv("ATTUNE_RANK_TIMEOUT");
    const long seconds = text ? std::strtol(text, nullptr, 10) : 0;
    return std::chrono::seconds(seconds > 0 ? seconds : kTimeoutSeconds);
}

bool isLoopback(const std::string& address)
{
    return address == "localhost" || address == "::1" || address.starts_with("127.");
}

/// A listening socket that only this computer reaches; c10d's own would listen on every network.
int listenOnLoopback(int port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(socket, 64) == 0)
        return socket;
    ::close(socket);
    return -1;
}

c10::intrusive_ptr<c10d::Store> openStore(const pipeline::Ranks& ranks)
{
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(ranks.port);
    options.timeout = timeout();
    // torchrun's agent holds the store; elsewhere the first process does.
    options.isServer = ranks.isFirst() && ranks.storePrefix.empty();
    if (ranks.storePrefix.empty())
        options.numWorkers = static_cast<std::size_t>(ranks.size);
    if (options.isServer && isLoopback(ranks.address))
        if (const int socket = listenOnLoopback(ranks.port); socket >= 0)
            options.masterListenFd = socket;
    c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(isLoopback(ranks.address) ? "127.0.0.1" : ranks.address, options);
    if (!ranks.storePrefix.empty())
        store = c10::make_intrusive<c10d::PrefixStore>(ranks.storePrefix, store);
    return store;
}

c10::intrusive_ptr<c10d::ProcessGroupGloo> openGloo(const pipeline::Ranks& ranks, const c10::intrusive_ptr<c10d::Store>& store)
{
    auto options = c10d::ProcessGroupGloo::Options::create(timeout());
    const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
    options->devices.push_back(interface ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
            : isLoopback(ranks.address)  ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                         : c10d::ProcessGroupGloo::createDefaultDevice());
    return c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("attune", store), ranks.rank, ranks.size, options);
}

/// Runs a call of c10d, whose errors are exceptions with a long text for developers.
template<typename Call>
Status guardedCall(const char* doing, Call&& call)
{
    try {
        call();
        return {};
    } catch (const std::exception& e) {
        std::string text = e.what();
        text.resize(std::min(text.find('\n'), text.size()));
        logWarning("c10d, {}: {}", doing, text);
        const bool isLate = text.find("imed out") != std::string::npos || text.find("imeout") != std::string::npos;
        return fail(ErrorCode::DeviceMissing, fmt::format("Another process of this run {} ({}).", isLate ? "did not answer in time" : "has ended", doing),
            "Its own output says why. `attune run resume` under the same launcher goes on from the last checkpoint.");
    }
}

}

struct RankGroup::Connection {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

RankGroup::RankGroup(const pipeline::Ranks& ranks, std::unique_ptr<Connection> connection)
    : m_ranks(ranks)
    , m_connection(std::move(connection))
{
}

RankGroup::~RankGroup() = default;

Result<std::shared_ptr<RankGroup>> RankGroup::join(const pipeline::Ranks& ranks)
{
    auto connection = std::make_unique<Connection>();
    ATTUNE_RETURN_IF_ERROR(guardedCall("meeting", [&] {
        connection->store = openStore(ranks);
        connection->gloo = openGloo(ranks, connection->store);
    }));
    return std::shared_ptr<RankGroup>(new RankGroup(ranks, std::move(connection)));
}

Status RankGroup::meetOnCards(at::Device device)
{
    if (m_cards)
        return {};
    const auto own = CardGroup::placeOf(device);
    const auto table = at::zeros({m_ranks.size, 2}, at::kLong);
    auto* values = table.mutable_data_ptr<std::int64_t>();
    values[2 * m_ranks.rank] = own.canJoin ? 1 : 0;
    values[2 * m_ranks.rank + 1] = own.identity;
    ATTUNE_RETURN_IF_ERROR(sum({table}));
    std::vector<CardGroup::Place> places;
    for (int rank = 0; rank < m_ranks.size; ++rank)
        places.push_back({values[2 * rank] == 1, values[2 * rank + 1]});
    if (!CardGroup::serves(places))
        return {};
    ATTUNE_TRY(const auto id, share(isFirst() ? CardGroup::makeId() : std::string()));
    auto cards = CardGroup::join(id, m_ranks, device);
    const auto joined = at::full({1}, cards ? 1 : 0, at::kLong);
    ATTUNE_RETURN_IF_ERROR(sum({joined}));
    // All or none: whoever is in would wait for the others.
    if (joined.item<std::int64_t>() == m_ranks.size)
        m_cards = std::move(cards);
    logInfo("{} processes, {}.", m_ranks.size, m_cards ? "from card to card through NCCL" : "over host memory through Gloo");
    return {};
}

Status RankGroup::sum(const std::vector<at::Tensor>& tensors)
{
    return forEachBucket(tensors, true);
}

Status RankGroup::share(const std::vector<at::Tensor>& tensors)
{
    return forEachBucket(tensors, false);
}

/// Neighbours of one type are sent as one message: hundreds of small ones would cost a round trip each.
Status RankGroup::forEachBucket(const std::vector<at::Tensor>& tensors, bool isSum)
{
    const char* doing = isSum ? "adding up a step" : "sharing values";
    if (m_cards && std::ranges::all_of(tensors, [](const at::Tensor& tensor) { return tensor.is_cuda(); }))
        return guardedCall(doing, [&] { m_cards->exchange(tensors, isSum, timeout()); });
    for (std::size_t begin = 0, end = 0; begin < tensors.size(); begin = end) {
        std::int64_t bytes = 0;
        std::vector<at::Tensor> parts;
        for (; end < tensors.size() && tensors[end].scalar_type() == tensors[begin].scalar_type() && (end == begin || bytes < kBucketBytes); ++end) {
            bytes += static_cast<std::int64_t>(tensors[end].nbytes());
            parts.push_back(tensors[end].detach().reshape({-1}));
        }
        std::vector<at::Tensor> message {at::cat(parts).to(at::kCPU)};
        ATTUNE_RETURN_IF_ERROR(guardedCall(doing, [&] { (isSum ? m_connection->gloo->allreduce(message) : m_connection->gloo->broadcast(message))->wait(); }));
        std::int64_t at = 0;
        for (std::size_t i = begin; i < end; ++i) {
            auto target = tensors[i].detach();
            target.copy_(message.front().narrow(0, at, target.numel()).view(target.sizes()));
            at += target.numel();
        }
    }
    return {};
}

Result<std::string> RankGroup::share(const std::string& text)
{
    auto size = at::tensor({static_cast<std::int64_t>(text.size())}, at::kLong);
    ATTUNE_RETURN_IF_ERROR(share(std::vector<at::Tensor> {size}));
    std::vector<at::Tensor> bytes {at::empty({size.item<std::int64_t>()}, at::kByte)};
    if (isFirst())
        std::memcpy(bytes.front().mutable_data_ptr(), text.data(), text.size());
    if (bytes.front().numel() > 0)
        ATTUNE_RETURN_IF_ERROR(guardedCall("sharing values", [&] { m_connection->gloo->broadcast(bytes)->wait(); }));
    return std::string(static_cast<const char*>(bytes.front().const_data_ptr()), bytes.front().nbytes());
}

}
