// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "support/paths.h"

#include "methods/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace attune {
namespace {

struct Source {
    std::string path;    ///< relative to the checkout
    std::string folder;  ///< "core/trainer", "ui/pages", "app/cli"
    std::string text;
    std::vector<std::string> quoted, angled;  ///< what it includes
};

bool hasSuffix(const std::string& path, std::initializer_list<std::string_view> suffixes)
{
    return std::any_of(suffixes.begin(), suffixes.end(), [&](std::string_view s) { return path.ends_with(s); });
}

/// All C++ sources of ours; read once.
const std::vector<Source>& sources()
{
    static const std::vector<Source> all = [] {
        static const std::regex include(R"re(^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>))re");
        std::vector<Source> result;
        for (const char* top : {"app", "core", "ui", "tests"}) {
            for (const auto& entry : fs::recursive_directory_iterator(tests::sourceDir() + "/" + top)) {
                if (!entry.is_regular_file() || !hasSuffix(entry.path().string(), {".cpp", ".h", ".cu", ".inc"}))
                    continue;
                Source source;
                source.path = fs::relative(entry.path(), tests::sourceDir()).string();
                const auto second = source.path.find('/', source.path.find('/') + 1);
                source.folder = source.path.substr(0, second);
                source.text = readFile(entry.path().string()).value_or(std::string());
                for (std::size_t begin = 0; begin < source.text.size();) {
                    const auto end = std::min(source.text.find('\n', begin), source.text.size());
                    const std::string line = source.text.substr(begin, end - begin);
                    std::smatch match;
                    if (line.find("include") != std::string::npos && std::regex_search(line, match, include))
                        (match[1].matched ? source.quoted : source.angled).push_back(match[match[1].matched ? 1 : 2]);
                    begin = end + 1;
                }
                result.push_back(std::move(source));
            }
        }
        return result;
    }();
    return all;
}

const std::set<std::string> kTorchFolders {"model", "peft", "trainer", "evaluator", "exporter", "engine"};

/// Who may include whom (design: architecture.md §2). An entry with a slash is one header: the type that
/// the next stage takes over. What an allowed folder may include is allowed, too.
const std::map<std::string, std::set<std::string>> kLayers {
    {"base", {}},
    {"formats", {"base"}},
    {"store", {"base"}},
    {"importer", {"base", "formats"}},
    {"cleaner", {"base", "importer"}},
    {"tokenizer", {"base", "formats", "importer/record.h", "importer/dataset.h"}},
    {"families", {"base", "formats"}},
    {"methods", {"base", "families"}},
    {"planner", {"base", "families", "methods", "tokenizer/shard.h", "tokenizer/packing.h"}},
    {"runner", {"base", "formats", "tokenizer"}},
    {"pipeline", {"base", "formats", "store", "importer", "cleaner", "tokenizer", "families", "methods", "planner", "runner"}},
    {"model", {"base", "formats", "families", "cuda", "tokenizer/shard.h"}},
    {"peft", {"base", "methods", "model"}},
    {"trainer", {"base", "formats", "tokenizer", "planner", "model", "peft", "evaluator"}},
    {"evaluator", {"base", "tokenizer", "model"}},
    {"exporter", {"base", "formats", "tokenizer", "model", "peft", "runner", "trainer/checkpoint.h"}},
    {"engine", {"base", "formats", "store", "importer", "cleaner", "tokenizer", "families", "methods", "planner", "runner", "pipeline", "model", "peft", "trainer", "evaluator", "exporter", "cuda"}},
    {"cuda", {}},
};

// Decision (core/README.md): values that cross the engine's door may be used behind it.
const std::set<std::string> kDoorHeaders {"pipeline/events.h", "pipeline/recipe.h", "pipeline/engine.h", "pipeline/checkpoints.h", "pipeline/packing.h", "pipeline/ranks.h", "pipeline/versions.h"};

std::set<std::string> closureOf(const std::string& folder)
{
    std::set<std::string> reached = kLayers.at(folder);
    for (bool grows = true; grows;) {
        std::set<std::string> more = reached;
        for (const auto& entry : reached)
            if (const auto it = kLayers.find(entry); it != kLayers.end())
                more.insert(it->second.begin(), it->second.end());
        grows = more.size() > reached.size();
        reached = std::move(more);
    }
    return reached;
}

bool isAllowed(const std::string& folder, const std::string& header)
{
    const std::string target = header.substr(0, header.find('/'));
    if (target == folder || !kLayers.contains(target))
        return target == folder || header.find('/') == std::string::npos || target == "cli";
    const auto allowed = closureOf(folder);
    return allowed.contains(target) || allowed.contains(header) || (kTorchFolders.contains(folder) && kDoorHeaders.contains(header));
}

bool isTorch(const std::string& header)
{
    return header.starts_with("torch/") || header.starts_with("ATen/") || header.starts_with("c10/");
}

bool isQt(const std::string& header)
{
    static const std::regex qt("Q[A-Z][A-Za-z]*(/.*)?|Qt[A-Z].*");
    return std::regex_match(header, qt);
}

TEST(Layers, CoreIncludesOnlyWhatLiesBelow)
{
    for (const auto& source : sources()) {
        if (!source.folder.starts_with("core/"))
            continue;
        const std::string folder = source.folder.substr(5);
        ASSERT_TRUE(kLayers.contains(folder)) << source.path << ": a new folder of core needs a row in the table and in core/README.md";
        for (const auto& header : source.quoted)
            EXPECT_TRUE(isAllowed(folder, header)) << source.path << " includes " << header;
    }
}

// at::parallel_for is a header: without -fopenmp it compiles to a plain loop, and nothing but the clock tells.
TEST(Layers, FilesWithParallelLoopsAreCompiledForThreads)
{
    const auto build = readFile(tests::sourceDir() + "/core/CMakeLists.txt");
    ASSERT_TRUE(build);
    const auto end = build->find("COMPILE_OPTIONS -fopenmp");
    ASSERT_NE(end, std::string::npos);
    const auto begin = build->rfind("set_source_files_properties(", end);
    const std::string listed = build->substr(begin, end - begin);
    for (const auto& source : sources())
        if (source.folder.starts_with("core/") && source.text.find("at::parallel_for(") != std::string::npos)
            EXPECT_NE(listed.find(source.path.substr(5)), std::string::npos) << source.path << " belongs into the list with -fopenmp in core/CMakeLists.txt";
}

TEST(Layers, CoreAndTheCommandLineKnowNoQt)
{
    for (const auto& source : sources()) {
        if (!source.folder.starts_with("core/") && source.folder != "app/cli")
            continue;
        for (const auto& header : source.angled)
            EXPECT_FALSE(isQt(header)) << source.path << " includes " << header;
    }
}

TEST(Layers, OnlyTheEngineKnowsTorch)
{
    for (const auto& source : sources()) {
        const bool isEngine = source.folder.starts_with("core/") && kTorchFolders.contains(source.folder.substr(5));
        if (isEngine || source.folder == "core/cuda" || source.folder.starts_with("tests/"))
            continue;
        for (const auto& header : source.angled)
            EXPECT_FALSE(isTorch(header)) << source.path << " includes " << header;
        for (const auto& header : source.quoted)
            EXPECT_FALSE(kTorchFolders.contains(header.substr(0, header.find('/')))) << source.path << " includes " << header;
    }
}

// The door's headers are read by programs that do not have LibTorch: neither may what they include.
TEST(Layers, NoHeaderOfTheTorchFreePartReachesTorch)
{
    std::map<std::string, const Source*> byHeader;
    for (const auto& source : sources())
        if (source.folder.starts_with("core/"))
            byHeader[source.path.substr(5)] = &source;
    for (const auto& [name, source] : byHeader) {
        if (kTorchFolders.contains(name.substr(0, name.find('/'))) || name.starts_with("cuda/") || !name.ends_with(".h"))
            continue;
        std::set<std::string> seen {name};
        std::vector<std::string> open {name};
        while (!open.empty()) {
            const std::string header = open.back();
            open.pop_back();
            const auto it = byHeader.find(header);
            if (it == byHeader.end())
                continue;
            for (const auto& angled : it->second->angled)
                EXPECT_FALSE(isTorch(angled)) << name << " reaches " << angled << " through " << header;
            for (const auto& next : it->second->quoted)
                if (seen.insert(next).second)
                    open.push_back(next);
        }
    }
}

TEST(Layers, OnlyPlotsIncludeThePlotLibrary)
{
    for (const auto& source : sources())
        for (const auto& header : source.angled)
            EXPECT_TRUE(header != "qcustomplot.h" || source.folder == "ui/plots" || source.path == "tests/ui/curve_panel_test.cpp") << source.path;
}

// `if (family == "llama")` anywhere else would be the fifteenth file to edit for a new family.
TEST(Layers, FamiliesAreNamedOnlyInTheirFolder)
{
    std::set<std::string> ids;
    for (const auto& entry : fs::directory_iterator(tests::sourceDir() + "/core/families/all"))
        ids.insert(entry.path().stem().string());
    ASSERT_FALSE(ids.empty());
    for (const auto& source : sources()) {
        if (source.folder == "core/families" || source.folder.starts_with("tests/"))
            continue;
        for (const auto& id : ids) {
            // Several are also ggml's words for kinds of vocabularies (tokenizer.ggml.model and .pre), or names of chat templates.
            const bool writesVocabularies = source.path.starts_with("core/exporter/hf_tokenizer") || source.path.starts_with("core/exporter/gguf_vocabulary");
            // And `generate --engine llama` is the program, not the family.
            const bool namesTheProgram = source.path == "app/cli/commands/generate.cpp" && id == "llama";
            // The library `adapters` calls an initialisation so.
            const bool namesAnInitialisation = source.path == "core/peft/methods/bottleneck.cpp" && id == "bert";
            if (source.folder == "core/tokenizer" || writesVocabularies || namesTheProgram || namesAnInitialisation)
                continue;
            EXPECT_EQ(source.text.find('"' + id + '"'), std::string::npos) << source.path << " names the family " << id;
        }
    }
}

std::set<std::string> stemsOf(const std::string& folder)
{
    std::set<std::string> stems;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(tests::sourceDir() + "/" + folder, error))
        if (entry.path().extension() == ".cpp")
            stems.insert(entry.path().stem().string());
    return stems;
}

TEST(Layers, EveryMethodIsBothDescribedAndApplied)
{
    const auto described = stemsOf("core/methods/all");
    EXPECT_EQ(described.size(), methods::all().size());
    std::set<std::string> available;
    for (const auto* method : methods::all())
        if (method->isAvailable)
            available.insert(method->id);
    EXPECT_FALSE(available.empty());
    EXPECT_EQ(available, stemsOf("core/peft/methods"));
}

}
}
