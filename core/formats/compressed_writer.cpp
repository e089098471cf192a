// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/compressed_writer.h"

#include <zlib.h>
#include <zstd.h>

namespace attune::formats {
namespace {

constexpr std::size_t kBlock = std::size_t(1) << 17;

}

struct CompressedWriter::Private {
    bool isGzip = false;
    z_stream gzip {};
    ZSTD_CCtx* zstd = nullptr;
    std::string block = std::string(kBlock, '\0');

    ~Private()
    {
        if (isGzip)
            deflateEnd(&gzip);
        ZSTD_freeCCtx(zstd);
    }

    void compressGzip(std::string_view bytes, bool isLast, FileWriter& file)
    {
        do {
            const std::size_t part = std::min<std::size_t>(bytes.size(), std::size_t(1) << 30);
            gzip.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
            gzip.avail_in = static_cast<uInt>(part);
            bytes.remove_prefix(part);
            do {
                gzip.next_out = reinterpret_cast<Bytef*>(block.data());
                gzip.avail_out = static_cast<uInt>(block.size());
                deflate(&gzip, isLast && bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
                file.write(std::string_view(block).substr(0, block.size() - gzip.avail_out));
            } while (gzip.avail_out == 0);
        } while (!bytes.empty());
    }
    void compressZstd(std::string_view bytes, bool isLast, FileWriter& file)
    {
        ZSTD_inBuffer in {bytes.data(), bytes.size(), 0};
        std::size_t left = 0;
        do {
            ZSTD_outBuffer out {block.data(), block.size(), 0};
            left = ZSTD_compressStream2(zstd, &out, &in, isLast ? ZSTD_e_end : ZSTD_e_continue);
            file.write(std::string_view(block).substr(0, out.pos));
        } while (!ZSTD_isError(left) && (isLast ? left > 0 : in.pos < in.size));
    }
    void compress(std::string_view bytes, bool isLast, FileWriter& file)
    {
        if (isGzip)
            compressGzip(bytes, isLast, file);
        else
            compressZstd(bytes, isLast, file);
    }
};

CompressedWriter::CompressedWriter(FileWriter file)
    : m_file(std::move(file))
{
}
CompressedWriter::CompressedWriter(CompressedWriter&&) noexcept = default;
CompressedWriter& CompressedWriter::operator=(CompressedWriter&&) noexcept = default;
CompressedWriter::~CompressedWriter() = default;

Result<CompressedWriter> CompressedWriter::create(const std::string& path, const std::string& kind)
{
    ATTUNE_TRY(auto file, FileWriter::create(path));
    CompressedWriter writer(std::move(file));
    if (kind.empty())
        return writer;
    writer.d = std::make_unique<Private>();
    if (kind == "gzip") {
        if (deflateInit2(&writer.d->gzip, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            return fail(ErrorCode::OutOfMemory, "There is not enough memory to compress.", "Close other programs.");
        writer.d->isGzip = true;
    } else {
        writer.d->zstd = ZSTD_createCCtx();
        if (!writer.d->zstd)
            return fail(ErrorCode::OutOfMemory, "There is not enough memory to compress.", "Close other programs.");
    }
    return writer;
}

void CompressedWriter::write(std::string_view bytes)
{
    if (!d)
        m_file.write(bytes);
    else if (!bytes.empty())
        d->compress(bytes, false, m_file);
}

Status CompressedWriter::commit()
{
    if (d)
        d->compress({}, true, m_file);
    return m_file.commit();
}

}
