// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace attune {

namespace fs = std::filesystem;

/// The whole file as bytes. Errors: FileMissing, FileUnreadable, FileCorrupt when over maxBytes.
Result<std::string> readFile(const std::string& path, std::size_t maxBytes = std::size_t(1) << 34);

/// Writes to a temporary name beside the target, fsyncs, renames: after a crash the old file or the
/// new one is there, never half of either. Errors: DiskFull, DiskWrite.
Status writeFileAtomically(const std::string& path, std::string_view bytes);

/// Appends one line and flushes; for logs.
Status appendFile(const std::string& path, std::string_view bytes);

/// fsyncs a folder, so that a rename in it survives a power cut.
Status syncFolder(const std::string& path);

/// Makes the folder and its parents. Errors: DiskFull, DiskWrite.
Status makeFolder(const std::string& path);

/// A file mapped read-only. Move-only; the view lives as long as the object. Any thread may read.
class MappedFile
{
public:
    static Result<MappedFile> open(const std::string& path);
    MappedFile() = default;
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::span<const std::uint8_t> bytes() const { return {m_data, m_size}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_size}; }
    std::size_t size() const { return m_size; }
    const std::string& path() const { return m_path; }
    /// Tells the kernel that the pages of [offset, offset+length) are not needed any more.
    void release(std::size_t offset, std::size_t length) const;
    void willReadSequentially() const;

private:
    const std::uint8_t* m_data = nullptr;
    std::size_t m_size = 0;
    std::string m_path;
};

/// Free bytes on the disk that holds path (or its nearest existing parent).
std::uint64_t freeDiskBytes(const std::string& path);
/// `~` and relative paths made absolute and normal.
std::string absolutePath(const std::string& path, const std::string& base = {});

}
