// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "formats/file_writer.h"

#include <string>
#include <string_view>

namespace attune::importer {

/// "gzip", "zstd" or "" by the first bytes (RFC 1952, RFC 8878).
std::string compressionOf(std::string_view head);

/// Expands into `out`, block by block. What came before a cut or damaged place is kept; `problem` then
/// says so. Stops after maxBytes without an error (0 = no limit).
/// Errors: FileCorrupt when nothing could be expanded or the file expands to absurd size, DiskFull, Cancelled.
Status decompress(std::string_view bytes, const std::string& kind, formats::FileWriter& out, std::string& problem, const JobContext& context);
/// The start of what the file expands to, at most maxBytes.
std::string decompressHead(std::string_view bytes, const std::string& kind, std::size_t maxBytes);

}
