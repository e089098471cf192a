// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/file_writer.h"

#include "base/file.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace attune::formats {

Result<FileWriter> FileWriter::create(const std::string& path)
{
    static std::atomic<unsigned> counter {0};
    FileWriter writer;
    writer.m_path = path;
    writer.m_temporary = fmt::format("{}.{}-{}.part", path, ::getpid(), counter++);
    writer.m_fd = ::open(writer.m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writer.m_fd < 0)
        return failSystem(path, "write", errno);
    return writer;
}

FileWriter::FileWriter(FileWriter&& other) noexcept
{
    *this = std::move(other);
}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_temporary, other.m_temporary);
    std::swap(m_buffer, other.m_buffer);
    std::swap(m_written, other.m_written);
    std::swap(m_fd, other.m_fd);
    std::swap(m_errno, other.m_errno);
    return *this;
}

FileWriter::~FileWriter()
{
    discard();
}

void FileWriter::discard()
{
    if (m_fd < 0)
        return;
    ::close(m_fd);
    ::unlink(m_temporary.c_str());
    m_fd = -1;
}

void FileWriter::flush()
{
    std::string_view left = m_buffer;
    while (!left.empty() && !m_errno) {
        const auto n = ::write(m_fd, left.data(), left.size());
        if (n < 0 && errno != EINTR)
            m_errno = errno;
        else if (n > 0)
            left.remove_prefix(static_cast<std::size_t>(n));
    }
    m_written += m_buffer.size();
    m_buffer.clear();
}

Status FileWriter::commit()
{
    flush();
    if (!m_errno && ::fsync(m_fd) != 0 && errno != EINVAL)
        m_errno = errno;
    if (!m_errno && ::rename(m_temporary.c_str(), m_path.c_str()) != 0)
        m_errno = errno;
    if (m_errno) {
        discard();
        return failSystem(m_path, "write", m_errno);
    }
    ::close(m_fd);
    m_fd = -1;
    return syncFolder(fs::path(m_path).parent_path().string());
}

}
