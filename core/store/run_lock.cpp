// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include "base/file.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace attune::store {
namespace {

std::string hostName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string bootId()
{
    auto id = readFile("/proc/sys/kernel/random/boot_id", 256);
    return id ? id->substr(0, id->find('\n')) : "";
}

std::string ownerOf(const std::string& lockFile)
{
    const auto json = readJsonFile(lockFile, 4096);
    if (!json || !json->is_object() || !json->contains("pid"))
        return "another process";
    const std::string host = json->value("host", "");
    return fmt::format("process {} on {}", toLine((*json)["pid"]), host == hostName() ? "this computer" : host);
}

}

Result<RunLock> RunLock::acquire(const std::string& runFolder)
{
    const std::string path = runFolder + "/lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return failSystem(path, "open", errno);
    RunLock lock;
    lock.m_fd = fd;
    // isHeld() of another process takes the lock for an instant: a few tries tell that from an owner.
    for (int attempt = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++attempt) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return failSystem(path, "lock", errno);
        if (attempt == 10)
            return fail(ErrorCode::Locked, fmt::format("{} is being trained by {}.", fs::path(runFolder).filename().string(), ownerOf(path)),
                "Wait for it, or stop it with `attune run stop`.");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const std::string text = toLine(Json {{"pid", ::getpid()}, {"host", hostName()}, {"boot", bootId()}}) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return failSystem(path, "write", errno);
    return lock;
}

bool RunLock::isHeld(const std::string& runFolder)
{
    const int fd = ::open((runFolder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool isFree = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
    const bool isTaken = !isFree && errno == EWOULDBLOCK;
    ::close(fd);
    return isTaken;
}

RunLock::RunLock(RunLock&& other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
{
}

RunLock& RunLock::operator=(RunLock&& other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

RunLock::~RunLock()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

}
