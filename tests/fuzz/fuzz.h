// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "base/log.h"
#include "importer/source.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace attune::fuzz {

/// A promise of the reader was broken: the fuzzer keeps the input.
inline void require(bool holds, const char* promise)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

inline std::string_view textOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

/// A folder in memory for readers that open paths; one per process.
inline const std::string& scratchFolder()
{
    static const std::string folder = [] {
        const std::string path = fmt::format("{}/attune-fuzz-{}", fs::exists("/dev/shm") ? "/dev/shm" : "/tmp", ::getpid());
        fs::create_directories(path);
        std::atexit([] {
            std::error_code ignored;
            fs::remove_all(scratchFolder(), ignored);
        });
        return path;
    }();
    return folder;
}

inline std::string writeScratch(const std::string& name, std::string_view bytes)
{
    const std::string path = scratchFolder() + "/" + name;
    std::FILE* file = std::fopen(path.c_str(), "wb");
    require(file && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size(), "the scratch folder can be written");
    std::fclose(file);
    return path;
}

/// Indexes the bytes as one source format and reads every row: places lie in the file, in order, and what was
/// indexed can be read.
inline void readSource(const char* id, std::string_view text)
{
    const importer::Source* source = importer::findSource(id);
    require(source, "the source exists");
    importer::ImportOptions options;
    options.threads = 1;
    static const char* const splits[] = {"line", "paragraph", "document"};
    options.split = splits[text.size() % 3];
    (void)source->sniff({text, "x", text.size() % 2 == 0});
    importer::Body body {text, "fuzz", 0, false};
    std::string rewritten;
    if (source->rewrite) {
        const std::string path = scratchFolder() + "/rewritten";
        auto out = formats::FileWriter::create(path);
        require(out.has_value(), "the scratch folder can be written");
        const auto isRewritten = source->rewrite(body, *out, {});
        if (!isRewritten)
            return;
        if (*isRewritten) {
            require(static_cast<bool>(out->commit()), "the scratch folder can be written");
            rewritten = *readFile(path);
            body.content = rewritten;
            source = importer::findSource("jsonl");
        }
    }
    const auto index = source->index(body, options, {});
    if (!index)
        return;
    require(index->begins.size() == index->lengths.size(), "each row has a place and a length");
    importer::Layout layout {std::string(source->id), index->delimiter, {}, {}};
    for (std::size_t c = 0; c < index->columns.size(); ++c) {
        layout.columns.push_back(index->columns[c].name);
        layout.positions.push_back(static_cast<int>(c));
    }
    importer::Row row;
    for (std::size_t i = 0; i < index->begins.size(); ++i) {
        require(index->begins[i] <= body.content.size() && index->lengths[i] <= body.content.size() - index->begins[i], "rows lie in the file");
        require(i == 0 || index->begins[i] >= index->begins[i - 1], "rows follow one another");
        require(source->read(body.content.substr(index->begins[i], index->lengths[i]), layout, row), "an indexed row can be read");
        for (std::size_t c = 0; c < row.size(); ++c)
            (void)importer::toJson(row[c]);
    }
}

}
