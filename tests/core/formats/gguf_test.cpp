// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/gguf_file.h"
#include "formats/gguf_writer.h"
#include "formats/safetensors.h"
#include "support/paths.h"

#include <gguf.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace attune;
using formats::GgufFile;

namespace {

/// Little-endian fields one after another, for files that no writer would make.
class Bytes
{
public:
    std::string data = "GGUF";

    template<typename T>
    Bytes& put(T value)
    {
        data.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Bytes& u32(std::uint32_t value) { return put(value); }
    Bytes& u64(std::uint64_t value) { return put(value); }
    Bytes& text(const std::string& value)
    {
        u64(value.size());
        data += value;
        return *this;
    }
    Bytes& head(std::uint64_t tensors, std::uint64_t values) { return u32(3).u64(tensors).u64(values); }
    Bytes& tensor(const std::string& name, std::vector<std::uint64_t> dimensions, std::uint32_t type, std::uint64_t offset)
    {
        text(name).u32(static_cast<std::uint32_t>(dimensions.size()));
        for (const auto dimension : dimensions)
            u64(dimension);
        return u32(type).u64(offset);
    }
    Bytes& fill(std::size_t size)
    {
        data.resize(std::max(size, data.size()), '\0');
        return *this;
    }
};

struct Broken {
    const char* name;
    Bytes bytes;
};

class BrokenGguf : public testing::TestWithParam<Broken>
{
};

std::string smallFile(const tests::TempDir& folder)
{
    formats::GgufWriter writer;
    const std::vector<float> values {1, -2, 3.5f, 0, 5, 6};
    const std::vector<std::string> words {"a", "", std::string("n\0l", 3)};
    const std::vector<std::int32_t> numbers {3, -1};
    writer.setText("general.architecture", "llama");
    writer.setU32("llama.block_count", 7);
    writer.setF32("llama.rope.freq_base", 0.5f);
    writer.setBool("flag", true);
    writer.setTexts("words", words);
    writer.setI32s("numbers", numbers);
    writer.setU32("llama.block_count", 2);
    const auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(values.data()), 24);
    writer.addTensor("m.weight", formats::kGgmlF32, {2, 3}, bytes);
    writer.addTensor("v.weight", formats::kGgmlF32, {6}, bytes);
    EXPECT_TRUE(writer.write(folder.path("small.gguf")));
    return folder.path("small.gguf");
}

}

TEST(GgufFile, ReadsBackWhatTheWriterWrote)
{
    tests::TempDir folder;

    const auto file = GgufFile::open(smallFile(folder));

    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->architecture(), "llama");
    EXPECT_EQ(file->integer("llama.block_count"), 2);
    EXPECT_EQ(file->number("llama.rope.freq_base"), 0.5);
    EXPECT_EQ(file->boolean("flag"), true);
    EXPECT_EQ(file->texts("words"), (std::vector<std::string_view> {"a", "", std::string_view("n\0l", 3)}));
    EXPECT_EQ(file->integers("numbers"), (std::vector<std::int64_t> {3, -1}));
    EXPECT_EQ(file->text("flag"), std::nullopt);
    EXPECT_EQ(file->integer("words"), std::nullopt);
    EXPECT_EQ(file->findTensor("m.weight")->shape, (std::vector<std::int64_t> {2, 3}));
    EXPECT_EQ(file->findTensor("v.weight")->offset % 32, 0u);
}

TEST(GgufFile, WritesFilesThatGgmlReads)
{
    tests::TempDir folder;
    const auto path = smallFile(folder);

    gguf_context* context = gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr});

    ASSERT_NE(context, nullptr);
    EXPECT_EQ(gguf_get_n_tensors(context), 2);
    EXPECT_EQ(gguf_get_val_u32(context, gguf_find_key(context, "llama.block_count")), 2u);
    EXPECT_EQ(gguf_get_data_offset(context) + gguf_get_tensor_offset(context, 1), GgufFile::open(path)->findTensor("v.weight")->offset);
    gguf_free(context);
}

TEST(GgufFile, AgreesWithGgmlOnTheStarterModel)
{
    const auto file = GgufFile::open(tests::starterModel());
    ASSERT_TRUE(file);

    gguf_context* context = gguf_init_from_file(tests::starterModel().c_str(), {.no_alloc = true, .ctx = nullptr});

    ASSERT_EQ(gguf_get_n_tensors(context), static_cast<std::int64_t>(file->tensors().size()));
    ASSERT_EQ(gguf_get_n_kv(context), static_cast<std::int64_t>(file->values().size()));
    for (std::int64_t i = 0; i < gguf_get_n_tensors(context); ++i) {
        const auto& tensor = file->tensors()[static_cast<std::size_t>(i)];
        EXPECT_EQ(tensor.name, gguf_get_tensor_name(context, i));
        EXPECT_EQ(tensor.bytes.size(), gguf_get_tensor_size(context, i));
        EXPECT_EQ(tensor.offset, gguf_get_data_offset(context) + gguf_get_tensor_offset(context, i));
    }
    gguf_free(context);
}

TEST(GgufFile, SurvivesAnyCutAndAnyFlippedByteOfItsHeader)
{
    tests::TempDir folder;
    const std::string whole = readFile(smallFile(folder)).value();
    std::mt19937 random(1);
    int refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(random());
        for (const auto& bytes : {whole.substr(0, i), changed}) {
            const auto file = GgufFile::open(folder.write("changed.gguf", bytes));
            refused += file ? 0 : 1;
            ASSERT_TRUE(file || file.error().code == ErrorCode::FileCorrupt || file.error().code == ErrorCode::Unsupported) << file.error().message;
        }
    }
    EXPECT_GT(refused, static_cast<int>(whole.size())) << "every cut, at least";
}

TEST(GgmlTypes, DecodeEveryTypeAsTheReferenceDoes)
{
    const auto file = formats::SafetensorsFile::open(tests::sourceDir() + "/tests/golden/formats/ggml_types.safetensors");
    ASSERT_TRUE(file);
    int types = 0;
    for (const auto& tensor : file->tensors()) {
        if (!tensor.name.ends_with(".bytes"))
            continue;
        const std::string name = tensor.name.substr(0, tensor.name.size() - 6);
        const auto* expected = file->find(name + ".values");
        std::vector<float> want(static_cast<std::size_t>(expected->count())), got(want.size());
        std::memcpy(want.data(), expected->bytes.data(), expected->bytes.size());
        const auto type = formats::ggmlTypeFromName(name);
        ASSERT_TRUE(type) << name;
        ASSERT_TRUE(formats::dequantise(*type, tensor.bytes, got)) << name;
        for (std::size_t i = 0; i < want.size(); ++i)
            ASSERT_NEAR(got[i], want[i], 2e-6 * std::abs(want[i]) + 1e-12) << name << " value " << i;
        ++types;
    }
    EXPECT_EQ(types, 24);
}

TEST(GgmlTypes, DecodeWhatOnlyProgramsUse)
{
    for (int type = 0; type < 64; ++type) {
        if (!formats::isGgmlType(type))
            continue;
        std::vector<std::uint8_t> bytes(formats::ggmlBlockBytes(type), 0);
        std::vector<float> values(static_cast<std::size_t>(formats::ggmlBlockSize(type)), 7.0f);
        EXPECT_TRUE(formats::dequantise(type, bytes, values)) << formats::ggmlTypeName(type);
    }
    // Q8_1: half 2.0, half sum, bytes 0 … 31.
    std::vector<std::uint8_t> block(36);
    block[1] = 0x40;
    for (std::size_t i = 0; i < 32; ++i)
        block[4 + i] = static_cast<std::uint8_t>(i);
    std::vector<float> values(32);
    ASSERT_TRUE(formats::dequantise(9, block, values));
    EXPECT_EQ(values[31], 62.0f);
}

TEST(GgmlTypes, QuantiseAndDecodeStayClose)
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> values(1024), back(1024);
    for (float& value : values)
        value = normal(random);
    for (const auto& [name, tolerance] : {std::pair("Q8_0", 0.02), std::pair("Q6_K", 0.1), std::pair("Q4_K", 0.4), std::pair("BF16", 0.02), std::pair("F16", 0.002)}) {
        const int type = *formats::ggmlTypeFromName(name);
        std::vector<std::uint8_t> bytes(formats::ggmlRowBytes(type, 1024));
        ASSERT_TRUE(formats::quantise(type, values, 1024, bytes));
        ASSERT_TRUE(formats::dequantise(type, bytes, back));
        for (std::size_t i = 0; i < values.size(); ++i)
            ASSERT_NEAR(back[i], values[i], tolerance) << name;
    }
}

TEST_P(BrokenGguf, IsCorruptAndNothingElse)
{
    tests::TempDir folder;

    const auto file = GgufFile::open(folder.write("x.gguf", GetParam().bytes.data));

    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::FileCorrupt) << file.error().message;
    EXPECT_NE(file.error().message.find("x.gguf"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenGguf,
    testing::Values(Broken {"OnlyMagic", Bytes()}, Broken {"Version", Bytes().u32(9).u64(0).u64(0)},
        Broken {"ManyTensors", Bytes().head(~0ull, 0).fill(200)}, Broken {"ManyValues", Bytes().head(0, 1ull << 60).fill(200)},
        Broken {"LongKey", Bytes().head(0, 1).u64(~0ull).fill(200)}, Broken {"EmptyKey", Bytes().head(0, 1).text("").u32(4).u32(1).fill(200)},
        Broken {"NulInKey", Bytes().head(0, 1).text(std::string("a\0b", 3)).u32(4).u32(1).fill(200)},
        Broken {"UnknownValueType", Bytes().head(0, 1).text("k").u32(13).u32(1).fill(200)},
        Broken {"ArrayOfArrays", Bytes().head(0, 1).text("k").u32(9).u32(9).u64(1).fill(200)},
        Broken {"LongArray", Bytes().head(0, 1).text("k").u32(9).u32(4).u64(1ull << 62).fill(200)},
        Broken {"LongTextArray", Bytes().head(0, 1).text("k").u32(9).u32(8).u64(1ull << 61).fill(200)},
        Broken {"LongText", Bytes().head(0, 1).text("k").u32(8).u64(1000).fill(200)},
        Broken {"LongTextInArray", Bytes().head(0, 1).text("k").u32(9).u32(8).u64(2).text("x").u64(1ull << 63).fill(200)},
        Broken {"KeyTwice", Bytes().head(0, 2).text("k").u32(4).u32(1).text("k").u32(4).u32(1).fill(200)},
        Broken {"AlignmentZero", Bytes().head(0, 1).text("general.alignment").u32(4).u32(0).fill(200)},
        Broken {"AlignmentOdd", Bytes().head(0, 1).text("general.alignment").u32(4).u32(48).fill(200)},
        Broken {"AlignmentText", Bytes().head(0, 1).text("general.alignment").u32(8).text("32").fill(200)},
        Broken {"LongTensorName", Bytes().head(1, 0).tensor(std::string(64, 'n'), {1}, 0, 0).fill(400)},
        Broken {"EmptyTensorName", Bytes().head(1, 0).tensor("", {1}, 0, 0).fill(400)},
        Broken {"NulInTensorName", Bytes().head(1, 0).tensor(std::string("a\0", 2), {1}, 0, 0).fill(400)},
        Broken {"TensorTwice", Bytes().head(2, 0).tensor("t", {1}, 0, 0).tensor("t", {1}, 0, 32).fill(400)},
        Broken {"FiveDimensions", Bytes().head(1, 0).tensor("t", {1, 1, 1, 1, 1}, 0, 0).fill(400)},
        Broken {"OverflowingShape", Bytes().head(1, 0).tensor("t", {1ull << 40, 1ull << 40}, 0, 0).fill(400)},
        Broken {"NegativeShape", Bytes().head(1, 0).tensor("t", {~0ull}, 0, 0).fill(400)},
        Broken {"UnknownTensorType", Bytes().head(1, 0).tensor("t", {32}, 999, 0).fill(400)},
        Broken {"RemovedTensorType", Bytes().head(1, 0).tensor("t", {32}, 4, 0).fill(400)},
        Broken {"HugeTensorType", Bytes().head(1, 0).tensor("t", {32}, ~0u, 0).fill(400)},
        Broken {"HalfABlock", Bytes().head(1, 0).tensor("t", {16}, 8, 0).fill(400)},
        Broken {"OffsetElsewhere", Bytes().head(1, 0).tensor("t", {8}, 0, 64).fill(400)},
        Broken {"OffsetHuge", Bytes().head(1, 0).tensor("t", {8}, 0, ~31ull).fill(400)},
        Broken {"DataPastEnd", Bytes().head(1, 0).tensor("t", {1000}, 0, 0).fill(400)}, Broken {"NoData", Bytes().head(1, 0).tensor("t", {8}, 0, 0)}),
    [](const auto& broken) { return std::string(broken.param.name); });
