// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include "formats/gguf_adapter.h"
#include "formats/gguf_file.h"
#include "tokenizer/loaders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    const std::string path = fuzz::writeScratch("file.gguf", fuzz::textOf(data, size));
    const auto file = formats::GgufFile::open(path);
    if (!file)
        return 0;
    std::uint64_t sum = 0;
    for (const auto& value : file->values()) {
        const std::string key(value.key);
        (void)file->text(key);
        (void)file->integer(key);
        (void)file->number(key);
        (void)file->boolean(key);
        (void)file->texts(key);
        (void)file->integers(key);
        (void)file->numbers(key);
        (void)file->arrayLength(key);
    }
    for (const auto& tensor : file->tensors()) {
        fuzz::require(tensor.offset <= size && tensor.bytes.size() <= size - tensor.offset, "tensors lie in the file");
        if (!tensor.bytes.empty())
            sum += tensor.bytes.front() + tensor.bytes.back();
        (void)tensor.count();
    }
    (void)file->mainType();
    (void)formats::GgufAdapter::open(path);
    if (const auto tokenizer = tokenizer::loadGgufTokenizer(*file))
        (void)(*tokenizer)->encode("Hello, wörld 123");
    return static_cast<int>(sum & 0);
}
