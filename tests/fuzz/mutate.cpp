// SPDX-License-Identifier: GPL-3.0-or-later
// A main() for the fuzz targets where libFuzzer is missing: the same random changes to the seeds in every run.
//   X_mutate SECONDS SEED_FOLDER [FILE]: with FILE, only that input. The present input lies in SEED_FOLDER/../X-input
// while it is tried, so that a crash leaves it there.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;

std::string readAll(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void tryInput(const std::string& input)
{
    // A copy of the exact size, so that reading past its end is seen by the sanitizers.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string piece(const std::string& text, Random& random, std::size_t most)
{
    if (text.empty())
        return {};
    const std::size_t begin = random() % text.size();
    return text.substr(begin, 1 + random() % most);
}

void change(std::string& text, const std::vector<std::string>& seeds, Random& random)
{
    static const std::vector<std::string> words {"{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\r\n", "\0", "\xFF", "\xC3", "\xEF\xBB\xBF", "\\u0000", "\\ud800", "null", "true", "1e999", "-0", "99999999999999999999", "0x",
        "&a", "*a", "- ", "|", ">", "#", "@", "://", "+49 30 1234567", "4111111111111111", "DE89370400440532013000", "::1", "-----BEGIN PRIVATE KEY-----", "\t", " ", "\xE2\x80\xA8", "\xF0\x9F\x99\x82", "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"};
    const std::size_t at = text.empty() ? 0 : random() % (text.size() + 1);
    switch (random() % 9) {
    case 0: text.insert(at, words[random() % words.size()]); break;
    case 1: text.erase(at, 1 + random() % 16); break;
    case 2: if (at < text.size()) text[at] = static_cast<char>(random()); break;
    case 3: if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << (random() % 8))); break;
    case 4: text.resize(at); break;
    case 5: text.insert(at, piece(seeds[random() % seeds.size()], random, 200)); break;
    case 6: text.insert(at, piece(text, random, 200)); break;
    case 7: {  // many of the same: nesting, long runs
        const std::string unit = random() % 2 ? words[random() % words.size()] : piece(text, random, 8);
        std::string run;
        for (std::size_t i = random() % 2000; i > 0; --i)
            run += unit;
        text.insert(at, run);
        break;
    }
    default:  // a length or a count
        for (std::size_t i = 0; i < 8 && at + i < text.size(); ++i)
            text[at + i] = static_cast<char>(random() % 4 ? 0xFF : random());
    }
}

}

int main(int argc, char** argv)
{
    if (argc < 3)
        return std::fprintf(stderr, "usage: %s SECONDS SEED_FOLDER [FILE]\n", argv[0]), 2;
    if (argc > 3) {
        tryInput(readAll(argv[3]));
        return 0;
    }
    std::vector<std::string> seeds {""};
    const std::filesystem::path folder = argv[2];
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_regular_file())
            seeds.push_back(readAll(entry.path()));
    std::sort(seeds.begin(), seeds.end());
    const std::string present = std::filesystem::path(folder / "..").string() + "/" + std::filesystem::path(argv[0]).filename().string() + "-input";
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(std::atof(argv[1]));
    Random random(1);
    std::uint64_t runs = 0;
    for (; std::chrono::steady_clock::now() < end; ++runs) {
        std::string input = seeds[random() % seeds.size()];
        for (std::size_t changes = random() % 6; changes > 0; --changes)
            change(input, seeds, random);
        if (input.size() > 100'000)
            input.resize(100'000);
        std::ofstream(present, std::ios::binary) << input;
        tryInput(input);
    }
    std::filesystem::remove(present);
    std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
    return 0;
}
