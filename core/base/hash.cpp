// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/hash.h"

#include "base/file.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include <fmt/format.h>

#include <memory>

namespace attune {

std::string Hash128::hex() const
{
    return fmt::format("{:016x}{:016x}", high, low);
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed)
{
    const XXH128_hash_t h = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {h.low64, h.high64};
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest {};
    unsigned length = 0;
    ATTUNE_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1, "SHA-256 failed");
    std::string hex;
    for (unsigned i = 0; i < length; ++i)
        hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

Result<std::string> sha256OfFile(const std::string& path)
{
    ATTUNE_TRY(auto file, MappedFile::open(path));
    file.willReadSequentially();
    return sha256(file.text());
}

Result<Hash128> hash128OfFile(const std::string& path)
{
    ATTUNE_TRY(auto file, MappedFile::open(path));
    file.willReadSequentially();
    return hash128(file.text());
}

}
