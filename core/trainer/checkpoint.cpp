// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/checkpoint.h"

#include "base/file.h"
#include "model/errors.h"
#include "formats/safetensors.h"
#include "pipeline/checkpoints.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace attune::trainer {
namespace {

Status syncFile(const std::string& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failSystem(path, "opening", errno);
    const int result = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    return result == 0 ? Status() : failSystem(path, "writing", error);
}

/// fsyncs all files and folders below a folder.
Status syncTree(const std::string& folder)
{
    std::error_code error;
    for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        if (it->is_regular_file())
            ATTUNE_RETURN_IF_ERROR(syncFile(it->path().string()));
        else if (it->is_directory())
            ATTUNE_RETURN_IF_ERROR(syncFolder(it->path().string()));
    }
    return error ? failSystem(folder, "reading", error.value()) : syncFolder(folder);
}

/// The types that masters and states have.
constexpr std::pair<at::ScalarType, formats::DType> kTypes[] {{at::kFloat, formats::DType::F32}, {at::kByte, formats::DType::U8}};

Status writeTensors(const std::string& path, const NamedTensors& tensors)
{
    std::vector<formats::TensorToWrite> toWrite;
    for (const auto& [name, tensor] : tensors) {
        formats::TensorToWrite entry;
        entry.name = name;
        entry.dtype = std::ranges::find(kTypes, tensor.scalar_type(), &std::pair<at::ScalarType, formats::DType>::first)->second;
        entry.shape = tensor.sizes().vec();
        entry.bytes = [tensor]() -> Result<std::span<const std::uint8_t>> {
            return std::span(static_cast<const std::uint8_t*>(tensor.const_data_ptr()), tensor.nbytes());
        };
        toWrite.push_back(std::move(entry));
    }
    return formats::writeSafetensors(path, std::move(toWrite));
}

Status writeInto(const std::string& folder, const Snapshot& snapshot)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder + "/" + snapshot.weightsFolder));
    const auto valueOf = [&](const std::string& parameter) {
        const auto found = std::ranges::find(snapshot.tensors, "master." + parameter, &NamedTensors::value_type::first);
        TORCH_CHECK(found != snapshot.tensors.end(), "a checkpoint has no tensor ", parameter);
        return found->second;
    };
    ATTUNE_RETURN_IF_ERROR(snapshot.writeWeights(folder + "/" + snapshot.weightsFolder, valueOf));
    ATTUNE_RETURN_IF_ERROR(writeTensors(folder + "/optimizer.safetensors", snapshot.tensors));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/state.json", snapshot.state.dump(1) + "\n"));
    return syncTree(folder);
}

/// By this thread alone: the others are training.
void copyLive(Snapshot& snapshot)
{
    for (std::size_t i = 0; i < snapshot.live.size(); ++i) {
        const auto& from = snapshot.live[i].second;
        auto& to = snapshot.tensors[i].second;
        if (from.is_contiguous() && from.scalar_type() == to.scalar_type())
            std::memcpy(to.mutable_data_ptr(), from.const_data_ptr(), to.nbytes());
        else
            to.copy_(from);
    }
    snapshot.live.clear();
}

/// Out of sight first: a removal that is cut short must not leave half a checkpoint under its name.
void removeCheckpoint(const std::string& path)
{
    const fs::path from(path);
    const fs::path hidden = from.parent_path() / (".removing-" + from.filename().string());
    std::error_code error;
    fs::rename(from, hidden, error);
    fs::remove_all(error ? from : hidden, error);
}

}

NamedTensors copyToHost(const NamedTensors& live)
{
    NamedTensors copies;
    copies.reserve(live.size());
    for (const auto& [name, tensor] : live)
        copies.emplace_back(name, tensor.detach().to(at::kCPU, tensor.scalar_type(), /*non_blocking=*/false, /*copy=*/true).contiguous());
    return copies;
}

NamedTensors roomOnHost(const NamedTensors& live)
{
    NamedTensors room;
    room.reserve(live.size());
    for (const auto& [name, tensor] : live)
        room.emplace_back(name, at::empty(tensor.sizes(), tensor.scalar_type()));
    return room;
}

Result<std::string> writeCheckpoint(const std::string& runFolder, const Snapshot& snapshot)
{
    const std::string parent = runFolder + "/checkpoints";
    const std::string name = pipeline::checkpointName(snapshot.step);
    const std::string temporary = parent + "/.writing-" + name;
    const std::string target = parent + "/" + name;
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    if (const Status status = writeInto(temporary, snapshot); !status) {
        fs::remove_all(temporary, ignored);
        return status.error();
    }
    if (fs::exists(target, ignored))
        removeCheckpoint(target);
    std::error_code error;
    fs::rename(temporary, target, error);
    if (error)
        return failSystem(target, "writing", error.value());
    ATTUNE_RETURN_IF_ERROR(syncFolder(parent));
    return target;
}

void pruneCheckpoints(const std::string& runFolder, std::int64_t keep, std::int64_t keepStep)
{
    const auto all = pipeline::checkpointsOf(runFolder);
    if (keep <= 0)
        return;
    for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < all.size(); ++i)
        if (all[i].step != keepStep)
            removeCheckpoint(all[i].folder);
}

Result<SavedState> readCheckpoint(const std::string& folder)
{
    SavedState saved;
    ATTUNE_TRY(saved.state, readJsonFile(folder + "/state.json"));
    ATTUNE_TRY(const auto file, formats::SafetensorsFile::open(folder + "/optimizer.safetensors"));
    for (const auto& view : file.tensors()) {
        const auto* type = std::ranges::find(kTypes, view.dtype, &std::pair<at::ScalarType, formats::DType>::second);
        if (type == std::end(kTypes))
            return fail(ErrorCode::FileCorrupt, fmt::format("{}: tensor {} is neither float32 nor bytes.", file.path(), view.name));
        at::Tensor tensor = at::empty(view.shape, type->first);
        std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
        saved.tensors.emplace(view.name, std::move(tensor));
    }
    return saved;
}

Status restoreTensors(const SavedState& saved, const NamedTensors& live)
{
    for (const auto& [name, tensor] : live) {
        const auto it = saved.tensors.find(name);
        if (it == saved.tensors.end() || it->second.sizes() != tensor.sizes() || it->second.scalar_type() != tensor.scalar_type())
            return fail(ErrorCode::RunState,
                fmt::format("This run cannot be resumed: its checkpoint has no tensor {} of the right shape and type.", name),
                "The model or the method's settings changed since; start a new run from the checkpoint's weights.");
        auto target = tensor.detach();
        target.copy_(it->second);
    }
    return {};
}

CheckpointWriter::~CheckpointWriter()
{
    if (m_running.valid())
        m_running.wait();
}

void CheckpointWriter::submit(Snapshot snapshot, std::int64_t keepStep)
{
    if (m_running.valid())
        m_running.wait();
    std::promise<void> copied;
    m_copying = copied.get_future();
    m_running = std::async(std::launch::async, [runFolder = m_runFolder, keep = m_keep, keepStep, snapshot = std::move(snapshot), copied = std::move(copied)]() mutable {
        WrittenCheckpoint written {snapshot.step, snapshot.isBest, {}, {}};
        const Status status = model::guarded([&]() -> Status {
            copyLive(snapshot);
            return {};
        });
        copied.set_value();
        auto path = status ? model::guarded([&] { return writeCheckpoint(runFolder, snapshot); }) : Result<std::string>(status.error());
        if (path) {
            written.path = *path;
            pruneCheckpoints(runFolder, keep, keepStep);
        } else {
            written.status = path.error();
        }
        return written;
    });
}

void CheckpointWriter::waitForCopy()
{
    if (m_copying.valid())
        m_copying.wait();
}

std::optional<WrittenCheckpoint> CheckpointWriter::take(Wait wait)
{
    using namespace std::chrono_literals;
    if (!m_running.valid() || (wait == Wait::No && m_running.wait_for(0s) != std::future_status::ready))
        return std::nullopt;
    return m_running.get();
}

}
