// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/safetensors.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace attune;
using formats::SafetensorsFile;

namespace {

std::string golden(const std::string& name)
{
    return tests::sourceDir() + "/tests/golden/formats/" + name;
}

/// A file of this header and so many bytes of data.
std::string fileBytes(const std::string& header, std::size_t dataBytes)
{
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + header + std::string(dataBytes, '\x01');
}

struct Broken {
    const char* name;
    std::string bytes;
};

class BrokenSafetensors : public testing::TestWithParam<Broken>
{
};

std::string deep(int levels)
{
    return "{\"a\":" + std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']') + "}";
}

}

TEST(Safetensors, WritesWhatTheReferenceWrites)
{
    const auto file = SafetensorsFile::open(golden("reference.safetensors"));
    ASSERT_TRUE(file) << file.error().message;
    std::vector<formats::TensorToWrite> tensors;
    for (const auto& tensor : file->tensors())
        tensors.push_back(formats::toWrite(tensor));
    tests::TempDir folder;

    ASSERT_TRUE(formats::writeSafetensors(folder.path("copy.safetensors"), std::move(tensors), file->metadata()));

    EXPECT_EQ(readFile(folder.path("copy.safetensors")).value(), readFile(golden("reference.safetensors")).value());
}

TEST(Safetensors, ReadsShapesTypesAndMetadata)
{
    const auto file = SafetensorsFile::open(golden("reference.safetensors"));
    ASSERT_TRUE(file);

    EXPECT_EQ(file->tensors().size(), 11u);
    EXPECT_EQ(file->metadata().at("format"), "pt");
    EXPECT_EQ(file->find("b.half")->shape, (std::vector<std::int64_t> {3, 5}));
    EXPECT_EQ(file->find("double")->count(), 1);
    EXPECT_EQ(file->find("empty")->count(), 0);
    EXPECT_EQ(file->find("nothing"), nullptr);
}

TEST(Safetensors, TurnsEveryTypeIntoFloats)
{
    const auto file = SafetensorsFile::open(golden("reference.safetensors"));
    ASSERT_TRUE(file);
    const auto read = [&](const char* name) {
        const auto* tensor = file->find(name);
        std::vector<float> values(static_cast<std::size_t>(tensor->count()));
        EXPECT_TRUE(formats::toFloat32(tensor->dtype, tensor->bytes, values));
        return values;
    };

    EXPECT_EQ(read("z.bool"), (std::vector<float> {1, 0, 1}));
    EXPECT_EQ(read("a.bytes"), (std::vector<float> {0, 1, 2, 3, 4}));
    EXPECT_EQ(read("long"), (std::vector<float> {1099511627776.0f, -3}));
    EXPECT_EQ(read("double"), (std::vector<float> {2.5f}));
    EXPECT_EQ(read("e4m3"), (std::vector<float> {0.5f, -448.0f, 0.001953125f}));
    EXPECT_EQ(read("e5m2"), (std::vector<float> {0.5f, -57344.0f, 1.52587890625e-05f}));
}

TEST(Safetensors, SplitsIntoShardsAndReadsThemBack)
{
    const auto file = SafetensorsFile::open(golden("tiny_llama/model.safetensors"));
    ASSERT_TRUE(file);
    std::vector<formats::TensorToWrite> tensors;
    for (const auto& tensor : file->tensors())
        tensors.push_back(formats::toWrite(tensor));
    tests::TempDir folder;

    ASSERT_TRUE(formats::writeShardedSafetensors(folder.path(), std::move(tensors), 20'000));
    const auto sharded = formats::ShardedSafetensors::open(folder.path());

    ASSERT_TRUE(sharded) << sharded.error().message;
    EXPECT_FALSE(fs::exists(folder.path("model.safetensors")));
    ASSERT_EQ(sharded->tensors().size(), file->tensors().size());
    for (const auto& tensor : file->tensors())
        EXPECT_TRUE(std::ranges::equal(sharded->find(tensor.name)->bytes, tensor.bytes)) << tensor.name;
}

TEST(Safetensors, RefusesAnIndexThatLeavesTheFolder)
{
    tests::TempDir folder;
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"../secret.safetensors"}})");

    const auto sharded = formats::ShardedSafetensors::open(folder.path());

    ASSERT_FALSE(sharded);
    EXPECT_EQ(sharded.error().code, ErrorCode::FileCorrupt);
}

TEST(HalfPrecision, RoundsToNearestEvenLikeTheHardware)
{
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const float value = formats::fromHalf(static_cast<std::uint16_t>(bits));
        if (value == value) {
            ASSERT_EQ(formats::toHalf(value), bits);
        }
    }
    for (const auto& [value, expected] : {std::pair(65519.0f, 0x7BFF), std::pair(65520.0f, 0x7C00), std::pair(2049.0f, 0x6800), std::pair(2051.0f, 0x6802), std::pair(2.98023224e-8f, 0x0000),
             std::pair(2.98023260e-8f, 0x0001), std::pair(-1e30f, 0xFC00)})
        EXPECT_EQ(formats::toHalf(value), expected) << value;
    EXPECT_EQ(formats::toBfloat16(1.00390625f), 0x3F80);
    EXPECT_EQ(formats::toBfloat16(1.01171875f), 0x3F82);
}

TEST_P(BrokenSafetensors, IsCorruptAndNothingElse)
{
    tests::TempDir folder;
    const auto path = folder.write("x.safetensors", GetParam().bytes);

    const auto file = SafetensorsFile::open(path);

    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::FileCorrupt) << file.error().message;
    EXPECT_NE(file.error().message.find("x.safetensors"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenSafetensors,
    testing::Values(Broken {"Empty", ""}, Broken {"Short", "\x02\x00\x00"}, Broken {"HeaderPastEnd", fileBytes("{}", 0).substr(0, 9)},
        Broken {"HugeHeader", std::string(8, '\xFF') + "{}"}, Broken {"NoObject", fileBytes("[]", 0)}, Broken {"BrokenJson", fileBytes("{\"a\":", 0)},
        Broken {"DeepJson", fileBytes(deep(100'000), 0)},
        Broken {"UnknownType", fileBytes(R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", 4)},
        Broken {"TypeIsNumber", fileBytes(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4)},
        Broken {"NoShape", fileBytes(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4)},
        Broken {"NegativeShape", fileBytes(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4)},
        Broken {"FractionalShape", fileBytes(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4)},
        Broken {"OverflowingShape", fileBytes(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}})", 0)},
        Broken {"SizeDisagrees", fileBytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4)},
        Broken {"OffsetsReversed", fileBytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4)},
        Broken {"OffsetPastEnd", fileBytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4)},
        Broken {"HugeOffset", fileBytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}})", 4)},
        Broken {"Hole", fileBytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)},
        Broken {"Overlap", fileBytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12)},
        Broken {"TrailingBytes", fileBytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5)},
        Broken {"TwiceTheSameName", fileBytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)},
        Broken {"NulInName", fileBytes(R"({"a\u0000b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)},
        Broken {"MetadataNumber", fileBytes(R"({"__metadata__":{"format":1}})", 0)}, Broken {"MetadataList", fileBytes(R"({"__metadata__":["x"]})", 0)},
        Broken {"MetadataText", fileBytes(R"({"__metadata__":"x"})", 0)}),
    [](const auto& broken) { return std::string(broken.param.name); });
