// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file_writer.h"

#include "base/file.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace attune {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

}

Result<FileWriter> FileWriter::create(const std::string& path)
{
    static std::atomic<unsigned> counter {0};
    FileWriter file;
    file.m_path = path;
    file.m_temporary = fmt::format("{}.{}-{}.part", path, ::getpid(), counter++);
    file.m_fd = ::open(file.m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file.m_fd < 0)
        return file.failWrite(errno);
    file.m_buffer.reserve(kBufferBytes);
    return file;
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_size(other.m_size)
    , m_path(std::move(other.m_path))
    , m_temporary(std::exchange(other.m_temporary, {}))
    , m_buffer(std::move(other.m_buffer))
{
}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept
{
    std::swap(m_fd, other.m_fd);
    std::swap(m_size, other.m_size);
    std::swap(m_path, other.m_path);
    std::swap(m_temporary, other.m_temporary);
    std::swap(m_buffer, other.m_buffer);
    return *this;
}

FileWriter::~FileWriter()
{
    if (m_fd < 0)
        return;
    ::close(m_fd);
    ::unlink(m_temporary.c_str());
}

Error FileWriter::failWrite(int errorNumber) const
{
    Error error = failSystem(m_path, "write", errorNumber);
    if (error.code == ErrorCode::FileUnreadable)
        error.code = ErrorCode::DiskWrite;
    return error;
}

Status FileWriter::write(std::string_view bytes)
{
    m_size += bytes.size();
    if (m_buffer.size() + bytes.size() <= kBufferBytes) {
        m_buffer.append(bytes);
        return {};
    }
    ATTUNE_RETURN_IF_ERROR(flush());
    while (!bytes.empty()) {
        const ssize_t n = ::write(m_fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failWrite(errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Status FileWriter::writeZeros(std::uint64_t count)
{
    static const std::string zeros(4096, '\0');
    while (count > 0) {
        const auto part = std::min<std::uint64_t>(count, zeros.size());
        ATTUNE_RETURN_IF_ERROR(write(std::string_view(zeros).substr(0, part)));
        count -= part;
    }
    return {};
}

Status FileWriter::flush()
{
    std::string_view rest = m_buffer;
    while (!rest.empty()) {
        const ssize_t n = ::write(m_fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failWrite(errno);
        rest.remove_prefix(static_cast<std::size_t>(n));
    }
    m_buffer.clear();
    return {};
}

Status FileWriter::commit()
{
    ATTUNE_RETURN_IF_ERROR(flush());
    if (::fsync(m_fd) != 0)
        return failWrite(errno);
    const int fd = std::exchange(m_fd, -1);
    if (::close(fd) != 0 || ::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
        const int number = errno;
        ::unlink(m_temporary.c_str());
        return failWrite(number);
    }
    return syncFolder(fs::path(m_path).parent_path().string());
}

}
