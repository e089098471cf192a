// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/decompress.h"

#include "base/file.h"

#include <zlib.h>
#include <zstd.h>

#include <functional>

namespace attune::importer {
namespace {

constexpr std::size_t kBlock = std::size_t(1) << 18;
// A text file compresses 3 to 30 times; what expands a thousandfold beyond this size is a trap.
constexpr std::uint64_t kUnsuspicious = std::uint64_t(1) << 30;
constexpr std::uint64_t kMostRatio = 1000;

/// Takes expanded bytes; false stops.
using Take = std::function<bool(std::string_view)>;

/// Returns what is wrong, or an empty text.
std::string expandGzip(std::string_view bytes, const Take& take)
{
    z_stream stream {};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return "out of memory";
    const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, inflateEnd);
    std::string block(kBlock, '\0');
    std::size_t at = 0;
    bool isInside = false;
    while (at < bytes.size()) {
        const std::size_t part = std::min<std::size_t>(bytes.size() - at, std::size_t(1) << 30);
        stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data() + at));
        stream.avail_in = static_cast<uInt>(part);
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        const int code = inflate(&stream, Z_NO_FLUSH);
        at += part - stream.avail_in;
        isInside = true;
        if (!take(std::string_view(block).substr(0, block.size() - stream.avail_out)))
            return {};
        if (code == Z_STREAM_END) {
            isInside = false;  // another member may follow (RFC 1952, 2.2)
            if (inflateReset(&stream) != Z_OK)
                return "damaged";
            if (compressionOf(bytes.substr(at)) != "gzip")
                return {};
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return "damaged";
        } else if (code == Z_BUF_ERROR && stream.avail_out != 0) {
            break;
        }
    }
    // All input is read, but the stream may still hold output.
    while (isInside) {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        const int code = inflate(&stream, Z_SYNC_FLUSH);
        const std::size_t made = block.size() - stream.avail_out;
        if (made && !take(std::string_view(block).substr(0, made)))
            return {};
        if (code == Z_STREAM_END)
            return {};
        if (!made)
            return "cut off";
    }
    return {};
}

std::string expandZstd(std::string_view bytes, const Take& take)
{
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    if (!context)
        return "out of memory";
    std::string block(kBlock, '\0');
    ZSTD_inBuffer in {bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    for (bool isFull = false; in.pos < in.size || isFull;) {
        ZSTD_outBuffer out {block.data(), block.size(), 0};
        left = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(left))
            return "damaged";
        isFull = out.pos == out.size;
        if (out.pos && !take(std::string_view(block).substr(0, out.pos)))
            return {};
    }
    return left == 0 ? "" : "cut off";
}

std::string expand(std::string_view bytes, const std::string& kind, const Take& take)
{
    return kind == "gzip" ? expandGzip(bytes, take) : expandZstd(bytes, take);
}

}

std::string compressionOf(std::string_view head)
{
    if (head.starts_with("\x1F\x8B\x08"))
        return "gzip";
    return head.starts_with("\x28\xB5\x2F\xFD") ? "zstd" : "";
}

Status decompress(std::string_view bytes, const std::string& kind, formats::FileWriter& out, std::string& problem, const JobContext& context)
{
    bool isAbsurd = false;
    const std::string wrong = expand(bytes, kind, [&](std::string_view block) {
        out.write(block);
        context.report("Expanding", 0, 0);
        isAbsurd = out.size() > kUnsuspicious && out.size() / kMostRatio > bytes.size();
        return !isAbsurd && !out.hasFailed() && !context.isCancelled();
    });
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
    if (isAbsurd)
        return fail(ErrorCode::FileCorrupt, fmt::format("The {} file expands to more than {} times its size.", kind, kMostRatio),
            "Text never compresses that well. Expand it by hand if it is what you want.");
    if (!wrong.empty() && out.size() == 0)
        return fail(ErrorCode::FileCorrupt, fmt::format("The {} file is {}.", kind, wrong), "Fetch the file again.");
    if (!wrong.empty())
        problem = fmt::format("The {} file is {}; what came before is kept.", kind, wrong);
    return {};
}

std::string decompressHead(std::string_view bytes, const std::string& kind, std::size_t maxBytes)
{
    std::string head;
    expand(bytes, kind, [&](std::string_view block) {
        head += block.substr(0, maxBytes - head.size());
        return head.size() < maxBytes;
    });
    return head;
}

}
