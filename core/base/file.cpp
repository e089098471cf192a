// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace attune {
namespace {

class Descriptor
{
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int get() const { return m_fd; }
    int close() { return m_fd >= 0 ? ::close(std::exchange(m_fd, -1)) : 0; }

private:
    int m_fd;
};

Error notAFile(const std::string& path)
{
    return fail(ErrorCode::FileUnreadable, fmt::format("{} is a folder, not a file.", path), "Give the path of a file.");
}

Status writeAll(int fd, std::string_view bytes, const std::string& path)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EIO ? fail(ErrorCode::DiskWrite, fmt::format("Writing {} failed.", path), "Check the disk.")
                                : failSystem(path, "write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Error writeError(const std::string& path, int number)
{
    Error error = failSystem(path, "write", number);
    if (error.code == ErrorCode::FileUnreadable)
        error.code = ErrorCode::DiskWrite;
    return error;
}

}

Result<std::string> readFile(const std::string& path, std::size_t maxBytes)
{
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0)
        return failSystem(path, "read", errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode))
        return notAFile(path);
    if (static_cast<std::size_t>(info.st_size) > maxBytes)
        return fail(ErrorCode::FileCorrupt, fmt::format("{} has {} bytes; at most {} make sense here.", path, info.st_size, maxBytes),
            "Check that this is the right file.");
    std::string text;
    text.reserve(static_cast<std::size_t>(info.st_size));
    char buffer[1 << 16];
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failSystem(path, "read", errno);
        if (n == 0)
            return text;
        if (text.size() + static_cast<std::size_t>(n) > maxBytes)
            return fail(ErrorCode::FileCorrupt, fmt::format("{} is larger than {} bytes.", path, maxBytes), "Check that this is the right file.");
        text.append(buffer, static_cast<std::size_t>(n));
    }
}

Status writeFileAtomically(const std::string& path, std::string_view bytes)
{
    static std::atomic<unsigned> counter {0};
    const std::string temporary = fmt::format("{}.{}-{}.part", path, ::getpid(), counter++);
    Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd.get() < 0)
        return writeError(path, errno);
    auto status = writeAll(fd.get(), bytes, path);
    if (status && ::fsync(fd.get()) != 0)
        status = writeError(path, errno);
    if (fd.close() != 0 && status)
        status = writeError(path, errno);
    if (status && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = writeError(path, errno);
    if (!status) {
        ::unlink(temporary.c_str());
        return status;
    }
    return syncFolder(fs::path(path).parent_path().string());
}

Status appendFile(const std::string& path, std::string_view bytes)
{
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (fd.get() < 0)
        return writeError(path, errno);
    return writeAll(fd.get(), bytes, path);
}

Status syncFolder(const std::string& path)
{
    Descriptor fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0)
        return writeError(path, errno);
    // Some file systems refuse to sync folders; that is no reason to fail a write that succeeded.
    ::fsync(fd.get());
    return {};
}

Status makeFolder(const std::string& path)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (error && !fs::is_directory(path))
        return writeError(path, error.value());
    return {};
}

Result<MappedFile> MappedFile::open(const std::string& path)
{
    // O_NONBLOCK: opening a pipe would wait for a writer, and a pipe is refused below.
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        return failSystem(path, "read", errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0)
        return failSystem(path, "read", errno);
    if (S_ISDIR(info.st_mode))
        return notAFile(path);
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::FileUnreadable, fmt::format("{} is no ordinary file.", path), "Give the path of a file.");
    MappedFile file;
    file.m_path = path;
    file.m_size = static_cast<std::size_t>(info.st_size);
    if (file.m_size == 0)
        return file;
    void* data = ::mmap(nullptr, file.m_size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED)
        return failSystem(path, "map", errno);
    file.m_data = static_cast<const std::uint8_t*>(data);
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
    , m_path(std::move(other.m_path))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    std::swap(m_path, other.m_path);
    return *this;
}

MappedFile::~MappedFile()
{
    if (m_data)
        ::munmap(const_cast<std::uint8_t*>(m_data), m_size);
}

void MappedFile::release(std::size_t offset, std::size_t length) const
{
    const std::size_t page = 4096;
    const std::size_t begin = (offset + page - 1) / page * page;
    const std::size_t end = std::min(offset + length, m_size) / page * page;
    if (m_data && end > begin)
        ::madvise(const_cast<std::uint8_t*>(m_data) + begin, end - begin, MADV_DONTNEED);
}

void MappedFile::willReadSequentially() const
{
    if (m_data)
        ::madvise(const_cast<std::uint8_t*>(m_data), m_size, MADV_SEQUENTIAL);
}

std::uint64_t freeDiskBytes(const std::string& path)
{
    std::error_code error;
    fs::path place = fs::absolute(path, error);
    while (!place.empty() && !fs::exists(place, error) && place != place.parent_path())
        place = place.parent_path();
    const auto space = fs::space(place, error);
    return error ? 0 : space.available;
}

std::string absolutePath(const std::string& path, const std::string& base)
{
    fs::path result = path;
    if (path == "~" || path.starts_with("~/"))
        if (const char* home = std::getenv("HOME"))
            result = fs::path(home) / path.substr(path.size() > 1 ? 2 : 1);
    if (result.is_relative())
        result = (base.empty() ? fs::current_path() : fs::path(base)) / result;
    return result.lexically_normal().string();
}

}
