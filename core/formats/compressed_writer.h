// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/file_writer.h"

#include <memory>

namespace attune::formats {

/// A FileWriter behind gzip (RFC 1952), zstd (RFC 8878) or nothing. The same bytes in give the same
/// bytes out: no names or times are stored.
class CompressedWriter
{
public:
    /// kind: "gzip", "zstd" or "". Errors: as FileWriter.
    static Result<CompressedWriter> create(const std::string& path, const std::string& kind);
    CompressedWriter(CompressedWriter&&) noexcept;
    CompressedWriter& operator=(CompressedWriter&&) noexcept;
    ~CompressedWriter();

    void write(std::string_view bytes);
    bool hasFailed() const { return m_file.hasFailed(); }
    Status commit();

private:
    explicit CompressedWriter(FileWriter file);
    FileWriter m_file;
    struct Private;
    std::unique_ptr<Private> d;
};

}
