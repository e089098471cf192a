// SPDX-License-Identifier: GPL-3.0-or-later
// The same conversations written in many formats, each the way other programs write it, come in as the same
// conversations without a hand.
#include "formats/compressed_writer.h"
#include "importer/import.h"
#include "importer/source_dataset.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <random>

namespace attune::importer {
namespace {

constexpr int kConversations = 500;

struct Exchange {
    std::string instruction, input, answer;
    std::string prompt() const { return input.empty() ? instruction : instruction + "\n\n" + input; }
};

/// Texts with what usually breaks: fixed seed, so the same on every machine that has mt19937.
std::vector<Exchange> exchanges()
{
    static const std::vector<std::string> hard {"007", " leading and trailing ", "line one\nline two\n\nline four", "she said \"no\", twice", "comma, semicolon; tab\there | pipe", "C:\\new\\table", "emoji 🙂👩‍👩‍👧 and 日本語",
        "naïve café — “quoted”", "{\"not\": [\"json\"]}", "[1, 2, 3]", "null", "true", "1e5", "-0.50", "'single'", "a\r\nwindows line", "=SUM(A1:A2)", "# heading\n* item", "\xC2\xA0no-break\xC2\xA0", "<b>&amp;</b>", "مرحبا بالعالم",
        "\"", "\"\"", ",", "ends with newline\n", "Human: hi\nAssistant: ho"};
    std::mt19937 random(20261121);
    const auto text = [&](const char* start) {
        std::string result = fmt::format("{} {}", start, random() % 100000);
        for (auto n = random() % 4; n > 0; --n)
            result += " " + hard[random() % hard.size()];
        return random() % 6 == 0 ? hard[random() % hard.size()] : result;
    };
    std::vector<Exchange> all;
    for (int i = 0; i < kConversations; ++i)
        all.push_back({text("Explain number"), random() % 3 == 0 ? text("It is") : std::string(), text("The answer is")});
    return all;
}

std::string jsonArray(const std::vector<Json>& rows)
{
    return Json(rows).dump(2) + "\n";
}

std::string jsonLines(const std::vector<Json>& rows)
{
    std::string text;
    for (const auto& row : rows)
        text += toLine(row) + "\n";
    return text;
}

/// One object whose values are the columns.
std::string jsonColumns(const std::vector<Json>& rows)
{
    Json columns = Json::object();
    for (const auto& row : rows)
        for (const auto& [name, value] : row.items())
            columns[name].push_back(value);
    return columns.dump();
}

std::string separated(const std::vector<Json>& rows, char delimiter, const char* lineEnd)
{
    const auto field = [](const std::string& text) {
        std::string quoted = "\"";
        for (const char c : text)
            quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        return quoted + "\"";
    };
    std::string text;
    for (std::size_t i = 0; i <= rows.size(); ++i) {
        bool isFirst = true;
        for (const auto& [name, value] : rows[i == 0 ? 0 : i - 1].items()) {
            text += (isFirst ? "" : std::string(1, delimiter)) + field(i == 0 ? name : value.get<std::string>());
            isFirst = false;
        }
        text += lineEnd;
    }
    return text;
}

std::string utf16(const std::string& text)
{
    std::string out = "\xFF\xFE";
    const auto unit = [&](std::uint32_t u) { out += {static_cast<char>(u & 0xFF), static_cast<char>(u >> 8)}; };
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
        for (std::size_t k = 1; k < length; ++k)
            code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
        i += length;
        if (code < 0x10000)
            unit(code);
        else
            unit(0xD800 + ((code - 0x10000) >> 10)), unit(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    return out;
}

class Conversations : public testing::Test
{
protected:
    /// The conversations of a file as it is: format, roles and encoding are found unasked.
    std::vector<std::vector<Message>> read(const std::string& name, const std::string& content, const std::string& compression = {})
    {
        const std::string path = dir.path(name), folder = dir.path(name + "-index");
        auto out = formats::CompressedWriter::create(path, compression);
        out->write(content);
        EXPECT_TRUE(out->commit());
        const auto header = importFiles({path}, folder, {}, {});
        std::vector<std::vector<Message>> all;
        if (!header) {
            ADD_FAILURE() << name << ": " << header.error().message;
            return all;
        }
        EXPECT_EQ(header->rows, kConversations) << name;
        EXPECT_EQ(header->skipped, 0) << name;
        const auto data = *SourceDataset::open(name, folder);
        for (std::int64_t row = 0; row < data->rows(); ++row)
            all.push_back(data->record(row)->conversation());
        return all;
    }
    void expectSame(const std::vector<std::vector<Message>>& found, const std::vector<std::vector<Message>>& wanted, const std::string& name)
    {
        ASSERT_EQ(found.size(), wanted.size()) << name;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            ASSERT_EQ(found[i].size(), wanted[i].size()) << name << " row " << i;
            for (std::size_t k = 0; k < wanted[i].size(); ++k) {
                ASSERT_EQ(found[i][k].role, wanted[i][k].role) << name << " row " << i;
                ASSERT_EQ(found[i][k].content, wanted[i][k].content) << name << " row " << i;
            }
        }
    }

    tests::TempDir dir;
};

}

TEST_F(Conversations, OfOneExchangeAreTheSameFromEveryFormat)
{
    std::vector<Json> alpaca, shareGpt, messages, pairs, questions;
    std::vector<std::vector<Message>> wanted;
    for (const auto& e : exchanges()) {
        alpaca.push_back({{"instruction", e.instruction}, {"input", e.input}, {"output", e.answer}});
        shareGpt.push_back({{"conversations", {{{"from", "human"}, {"value", e.prompt()}}, {{"from", "gpt"}, {"value", e.answer}}}}});
        messages.push_back({{"messages", {{{"role", "user"}, {"content", e.prompt()}}, {{"role", "assistant"}, {"content", e.answer}}}}});
        pairs.push_back({{"prompt", e.prompt()}, {"completion", e.answer}});
        questions.push_back({{"question", e.prompt()}, {"answer", e.answer}});
        wanted.push_back({{"user", e.prompt(), nullptr}, {"assistant", e.answer, nullptr}});
    }
    const std::vector<std::pair<std::string, std::string>> files {{"alpaca.json", jsonArray(alpaca)}, {"alpaca.jsonl", jsonLines(alpaca)}, {"alpaca.csv", separated(alpaca, ',', "\r\n")}, {"sharegpt.json", jsonArray(shareGpt)},
        {"sharegpt.jsonl", jsonLines(shareGpt)}, {"messages.jsonl", jsonLines(messages)}, {"messages.json", jsonArray(messages)}, {"pairs.csv", separated(pairs, ',', "\n")}, {"pairs.tsv", separated(pairs, '\t', "\n")},
        {"pairs.jsonl", jsonLines(pairs)}, {"pairs-columns.json", jsonColumns(pairs)}, {"questions.csv", separated(questions, ',', "\r\n")}, {"semicolons.csv", separated(questions, ';', "\n")},
        {"no-suffix", jsonLines(questions)}, {"wrong-suffix.txt", separated(pairs, ',', "\n")}, {"utf16.csv", utf16(separated(pairs, ',', "\n"))}, {"bom.jsonl", "\xEF\xBB\xBF" + jsonLines(pairs)}};
    for (const auto& [name, content] : files)
        expectSame(read(name, content), wanted, name);
    expectSame(read("messages.jsonl.gz", jsonLines(messages), "gzip"), wanted, "messages.jsonl.gz");
    expectSame(read("questions.csv.zst", separated(questions, ',', "\n"), "zstd"), wanted, "questions.csv.zst");
    expectSame(read("alpaca.json.gz", jsonArray(alpaca), "gzip"), wanted, "alpaca.json.gz");
}

TEST_F(Conversations, OfManyTurnsAreTheSameFromEveryFormat)
{
    std::vector<Json> shareGpt, messages, parts;
    std::vector<std::vector<Message>> wanted;
    const auto all = exchanges();
    for (std::size_t i = 0; i < all.size(); ++i) {
        Json from = Json::array({{{"from", "system"}, {"value", fmt::format("You are number {}.", i)}}}), roles = Json::array({{{"role", "system"}, {"content", fmt::format("You are number {}.", i)}}}), listed = roles;
        wanted.push_back({{"system", fmt::format("You are number {}.", i), nullptr}});
        for (std::size_t turn = 0; turn <= i % 4; ++turn) {
            const auto& e = all[(i + turn) % all.size()];
            for (const bool isUser : {true, false}) {
                const std::string content = isUser ? e.prompt() : e.answer;
                from.push_back({{"from", isUser ? "human" : "gpt"}, {"value", content}});
                roles.push_back({{"role", isUser ? "user" : "assistant"}, {"content", content}});
                listed.push_back({{"role", isUser ? "user" : "assistant"}, {"content", Json::array({{{"type", "text"}, {"text", content}}})}});
                wanted.back().push_back({isUser ? "user" : "assistant", content, nullptr});
            }
        }
        shareGpt.push_back({{"id", i}, {"conversations", from}});
        messages.push_back({{"messages", roles}});
        parts.push_back({{"messages", listed}});
    }

    expectSame(read("sharegpt.json", jsonArray(shareGpt)), wanted, "sharegpt.json");
    expectSame(read("sharegpt.jsonl.zst", jsonLines(shareGpt), "zstd"), wanted, "sharegpt.jsonl.zst");
    expectSame(read("messages.jsonl", jsonLines(messages)), wanted, "messages.jsonl");
    expectSame(read("parts.json", jsonArray(parts)), wanted, "parts.json");
    std::vector<Json> inCsv;
    for (const auto& row : messages)
        inCsv.push_back({{"messages", row["messages"].dump()}});
    expectSame(read("messages.csv", separated(inCsv, ',', "\n")), wanted, "messages.csv");
}

}
