// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::formats {

/// Writes a file that may be long: buffered, under a temporary name until commit(), which syncs and
/// renames it; without commit() nothing is left behind. The first error is kept and told by commit().
/// Errors: DiskFull, DiskWrite.
class FileWriter
{
public:
    static Result<FileWriter> create(const std::string& path);
    FileWriter(FileWriter&& other) noexcept;
    FileWriter& operator=(FileWriter&& other) noexcept;
    ~FileWriter();

    void write(std::string_view bytes)
    {
        m_buffer += bytes;
        if (m_buffer.size() >= kBufferBytes)
            flush();
    }
    /// Bytes given to write() so far.
    std::uint64_t size() const { return m_written + m_buffer.size(); }
    bool hasFailed() const { return m_errno != 0; }
    Status commit();

private:
    static constexpr std::size_t kBufferBytes = std::size_t(1) << 18;
    FileWriter() = default;
    void flush();
    void discard();

    std::string m_path, m_temporary, m_buffer;
    std::uint64_t m_written = 0;
    int m_fd = -1;
    int m_errno = 0;
};

}
