// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune {

/// A large file written piece by piece: buffered to a temporary name beside the target, fsynced and
/// renamed by commit(). Without commit the temporary file goes away with the object. One thread.
class FileWriter
{
public:
    /// Errors: DiskWrite, DiskFull.
    static Result<FileWriter> create(const std::string& path);
    FileWriter(FileWriter&& other) noexcept;
    FileWriter& operator=(FileWriter&& other) noexcept;
    ~FileWriter();

    Status write(std::string_view bytes);
    Status write(std::span<const std::uint8_t> bytes)
    {
        return write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }
    Status writeZeros(std::uint64_t count);
    /// Bytes written so far.
    std::uint64_t size() const { return m_size; }
    Status commit();

private:
    FileWriter() = default;
    Status flush();
    Error failWrite(int errorNumber) const;

    int m_fd = -1;
    std::uint64_t m_size = 0;
    std::string m_path, m_temporary;
    std::string m_buffer;
};

}
