// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <regex>

namespace attune {
namespace {

std::string outputOf(const std::string& command)
{
    std::string text;
    std::array<char, 4096> buffer {};
    if (FILE* pipe = ::popen(command.c_str(), "r")) {
        for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
            text.append(buffer.data(), n);
        ::pclose(pipe);
    }
    return text;
}

/// Files of the checkout outside build folders, relative; what git tracks where git is there.
std::vector<std::string> files()
{
    std::vector<std::string> result;
    for (const auto& entry : fs::recursive_directory_iterator(tests::sourceDir())) {
        const std::string path = fs::relative(entry.path(), tests::sourceDir()).string();
        if (entry.is_regular_file() && !path.starts_with("build/") && !path.starts_with(".git"))
            result.push_back(path);
    }
    return result;
}

bool isCode(const std::string& path)
{
    const bool isOurs = path.starts_with("app/") || path.starts_with("core/") || path.starts_with("ui/") || path.starts_with("tests/");
    return isOurs && (path.ends_with(".cpp") || path.ends_with(".h") || path.ends_with(".cu"));
}

std::vector<std::string> codeFiles()
{
    auto all = files();
    std::erase_if(all, [](const std::string& path) { return !isCode(path); });
    EXPECT_GT(all.size(), 50u);
    return all;
}

std::string textOf(const std::string& path)
{
    return readFile(tests::sourceDir() + "/" + path).value_or(std::string());
}

TEST(Files, EverySourceSaysItsLicenceFirst)
{
    for (const auto& path : codeFiles())
        EXPECT_TRUE(textOf(path).starts_with("// SPDX-License-Identifier: GPL-3.0-or-later\n")) << path;
}

TEST(Files, HeadersAreGuarded)
{
    for (const auto& path : codeFiles())
        EXPECT_TRUE(!path.ends_with(".h") || textOf(path).find("#pragma once") != std::string::npos) << path;
}

/// Sizes that need a written reason (house style: sizes). The reason stands here.
const std::map<std::string, const char*> kLongFiles {};

TEST(Files, AreShortEnoughToRead)
{
    for (const auto& path : codeFiles()) {
        if (kLongFiles.contains(path))
            continue;
        const auto text = textOf(path);
        const auto lines = std::count(text.begin(), text.end(), '\n');
        EXPECT_LE(lines, path.ends_with(".h") ? 300 : 600) << path << " has " << lines << " lines";
    }
}

TEST(Files, AreSmall)
{
    constexpr std::uintmax_t kMost = 300'000;  // pictures and fonts of the studio may be larger
    for (const auto& path : files())
        EXPECT_TRUE(path.starts_with("resources/") || path.ends_with(".png") || fs::file_size(tests::sourceDir() + "/" + path) <= kMost) << path;
}

TEST(Files, HaveNoTabsOrCarriageReturns)
{
    for (const auto& path : codeFiles())
        EXPECT_EQ(textOf(path).find_first_of("\t\r"), std::string::npos) << path;
}

// A path of one machine in a source works on one machine.
TEST(Files, NameNoMachine)
{
    const std::string home = std::string("/ro") + "ot/", work = std::string("/wo") + "rk/";
    for (const auto& path : files())
        if (isCode(path) || path.ends_with(".md") || path.ends_with(".sh") || path.ends_with(".txt") || path.ends_with(".cmake") || path.ends_with(".py"))
            for (const auto& place : {home, work})
                for (auto at = textOf(path).find(place); at != std::string::npos; at = std::string::npos)
                    ADD_FAILURE() << path << " names " << place << " at byte " << at;
}

TEST(Programs, OpenTheEngineInsteadOfLinkingIt)
{
    const std::string bin = tests::binaryDir() + "/bin/";
    const std::map<std::string, std::vector<std::string>> forbidden {
        {"attune", {"libtorch", "libc10", "libQt6", "libattune_engine"}}, {"attune-studio", {"libtorch", "libc10", "libattune_engine"}}};
    for (const auto& [program, libraries] : forbidden) {
        std::error_code error;
        if (!fs::exists(bin + program, error))
            continue;
        const std::string linked = outputOf("ldd '" + bin + program + "'");
        EXPECT_NE(linked.find("libattune_data"), std::string::npos) << linked;
        for (const auto& library : libraries)
            EXPECT_EQ(linked.find(library), std::string::npos) << program << " links " << library;
    }
}

}
}
