// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace attune {

/// XXH3-128, for sources, caches and row keys; not for security.
struct Hash128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Hash128&) const = default;
    auto operator<=>(const Hash128&) const = default;
    std::string hex() const;  ///< 32 lower-case digits
};

Hash128 hash128(std::string_view bytes, std::uint64_t seed = 0);
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

/// SHA-256 as 64 lower-case digits, for models, downloads and exports (FIPS 180-4).
std::string sha256(std::string_view bytes);
Result<std::string> sha256OfFile(const std::string& path);
/// XXH3-128 of a file's bytes (all of them).
Result<Hash128> hash128OfFile(const std::string& path);

}
