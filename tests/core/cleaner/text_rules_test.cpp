// SPDX-License-Identifier: GPL-3.0-or-later
#include "memory_rows.h"

#include "cleaner/html.h"
#include "cleaner/markdown.h"
#include "cleaner/mojibake.h"

#include <gmock/gmock.h>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string fixed(const std::string& text)
{
    std::string out;
    return fixMojibake(text, out) ? out : text;
}

std::string plain(const std::string& html)
{
    std::string out;
    return stripHtml(html, out) ? out : html;
}

std::string unmarked(const std::string& markdown)
{
    std::string out;
    return stripMarkdown(markdown, out) ? out : markdown;
}

/// A text as it looks when its UTF-8 bytes are read as Windows-1252 (holes as control characters).
std::string damaged(const std::string& text)
{
    static const std::vector<std::string> high {"€", "\xC2\x81", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\xC2\x8D", "Ž", "\xC2\x8F", "\xC2\x90", "‘", "’", "“", "”", "•", "–", "—",
        "˜", "™", "š", "›", "œ", "\xC2\x9D", "ž", "Ÿ"};
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80)
            out += c;
        else if (byte < 0xA0)
            out += high[byte - 0x80];
        else
            out += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
    }
    return out;
}

TEST(FixMojibake, BringsBackWhatWasReadAsWindows1252)
{
    EXPECT_EQ(fixed("cafÃ©"), "café");
    EXPECT_EQ(fixed("Itâ€™s â€œfineâ€\xC2\x9D"), "It’s “fine”");
    for (const std::string text : {"Grüße aus Köln", "naïve façade", "Zażółć gęślą jaźń, Łódź", "Привет, как дела?", "Ελλάδα", "日本語のテキスト", "مرحبا بالعالم", "🙂 smile", "price: 5 €", "Çok güzel, değil mi?"}) {
        EXPECT_EQ(fixed(damaged(text)), text);
        EXPECT_EQ(fixed(damaged(damaged(text))), text) << "twice";
        EXPECT_EQ(fixed(text), text) << "sound text stays";
    }
}

TEST(FixMojibake, LeavesWhatPeopleWriteOnPurpose)
{
    for (const std::string text : {"“MAÇÔ", "A IRMÔ disse", "NESCAFÉ® and CAFÉ™", "GRÜ“", "SÃO PAULO", "Â", "É…", "100 °C", "€ 5", "PÂ°", "\xFF\xFE broken", ""})
        EXPECT_EQ(fixed(text), text);
}

TEST(FixMojibake, IsAFixedPointAndSafeOnAnyBytes)
{
    std::uint64_t state = 1;
    for (int i = 0; i < 3000; ++i) {
        std::string text;
        for (int k = 0; k < 12; ++k) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            static const std::vector<std::string> parts {"Ã", "©", "â", "€", "™", "a", "\xC3", "\xA9", "ð", "Ÿ", "™", "‚", "Â", " ", "\xC2\x81", "Ä"};
            text += parts[state >> 60];
        }
        const std::string once = fixed(text);
        EXPECT_EQ(fixed(once), once) << text;
    }
}

TEST(StripHtml, TakesTagsAndKeepsText)
{
    EXPECT_EQ(plain("<p>Hello <b>world</b> &amp; co.</p>"), "Hello world & co.");
    EXPECT_EQ(plain("<a href=\"x>y\" title='a>b'>link</a>"), "link");
    EXPECT_EQ(plain("one<br>two<br/>three"), "one\ntwo\nthree");
    EXPECT_EQ(plain("<ul><li>a</li><li>b</li></ul>"), "a\nb");
    EXPECT_EQ(plain("<!-- no --><!DOCTYPE html>x<script>if (a < b) alert('</p>')</script><style>p {}</style>y"), "xy");
    EXPECT_EQ(plain("&lt;b&gt; &#8364; &#x20AC; &euro; &nbsp;|&hellip; &#128; &#0; &notit; &NotEqualTilde;"), "<b> € € € \xC2\xA0|… € \xEF\xBF\xBD &notit; ≂̸");
}

TEST(StripHtml, KeepsWhatIsNoTag)
{
    for (const std::string text : {"if a < b and c > d", "x <3 you", "a <b", "AT&T & co", "1 << 2", "<", "&", "&;", "&#;", "&#x;", "<>", "5 <= 6 >= 2"})
        EXPECT_EQ(plain(text), text);
    EXPECT_EQ(plain("<p>unclosed <b"), "unclosed <b");
    EXPECT_EQ(plain(std::string(100'000, '<')), std::string(100'000, '<'));
}

TEST(StripMarkdown, TakesTheMarksAndKeepsTheText)
{
    EXPECT_EQ(unmarked("# Title\n\nSome **bold**, *italic*, ***both***, __b__, _i_, ~~gone~~ and `code`."), "Title\n\nSome bold, italic, both, b, i, gone and code.");
    EXPECT_EQ(unmarked("See [the **docs**](https://x.y/(a)) and ![a cat](cat.png), [ref][1], <https://z.de>."), "See the docs and a cat, ref, https://z.de.");
    EXPECT_EQ(unmarked("> quoted\n> > twice\n\n- one\n* two\n  + three\n- [x] done\n1. first"), "quoted\ntwice\n\none\ntwo\n  three\ndone\n1. first");
    EXPECT_EQ(unmarked("```python\nx = a * b * c  # **no**\n```\nafter"), "x = a * b * c  # **no**\nafter");
    EXPECT_EQ(unmarked("| a | b |\n|---|:-:|\n| 1 | 2 |"), "a | b\n1 | 2");
    EXPECT_EQ(unmarked("above\n\n---\n\nbelow"), "above\n\n\nbelow");
    EXPECT_EQ(unmarked("**bold *and italic***, **over\ntwo lines**"), "bold and italic, over\ntwo lines");
    EXPECT_EQ(unmarked("\\*kept\\* \\# \\["), "*kept* # [");
}

TEST(StripMarkdown, KeepsWhatIsNoMark)
{
    for (const std::string text : {"2 * 3 * 4 = 24", "snake_case_name and __init", "a ** b", "#hashtag", "C# and F#", "[not a link]", "5 - 3", "~5 minutes", "x_1 + y_2", "", "\n", "a\n"})
        EXPECT_EQ(unmarked(text), text);
    EXPECT_EQ(unmarked(std::string(20'000, '*')), std::string(20'000, '*').substr(0, 0)) << "one long rule";
    EXPECT_EQ(unmarked("a" + std::string(5'000, '[')), "a" + std::string(5'000, '['));
}

TEST(TextRules, CountWhatTheyChange)
{
    const auto cleaned = clean(MemoryRows::ofTexts({"<b>a</b>", "b", "&lt;"}), "{type: strip_html}");

    EXPECT_EQ(cleaned.reports.at(0).changed, 2);
    EXPECT_EQ(cleaned.reports[0].rowsOut, 3);
    EXPECT_THAT(textsAfter({"cafÃ©", "x"}, "{type: fix_mojibake, columns: t}"), ElementsAre("café", "x"));
    EXPECT_THAT(textsAfter({"**x**"}, "{type: strip_markdown}"), ElementsAre("x"));
    const Json talk {{{"role", "user"}, {"content", "<i>hi</i>"}}, {{"role", "assistant"}, {"content", "ok"}}};
    EXPECT_EQ(clean(MemoryRows::ofConversations({talk}), "{type: strip_html}").rows.at(0)["m"][0]["content"], "hi");
    EXPECT_THAT(textsAfter({"[{\"role\":\"user\",\"content\":\"a &quot;b&quot;\"}]", "[{not json &amp;"}, "{type: strip_html}"), ElementsAre("[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\"}]", "[{not json &"))
        << "a conversation in a table's text stays JSON";
    EXPECT_THAT(refusal(MemoryRows::ofTexts({}), "{type: strip_html, column: t}").hint, HasSubstr("columns"));
    EXPECT_EQ(refusal(MemoryRows::ofTexts({}), "{type: strip_html, columns: [u]}").exitCode(), 4);
}

TEST(TextRules, LookAgainAtWhatAnEarlierStepChanged)
{
    const auto after = [](const std::vector<std::string>& texts, const std::vector<Step>& steps) {
        const MemoryRows rows = MemoryRows::ofTexts(texts);
        const auto chain = StepChain::prepare(steps, rows.columns());
        Row row;
        std::vector<std::string> left;
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            EXPECT_TRUE(rows.read(i, row));
            chain->edit(row);
            left.emplace_back(std::as_const(row)[0].text);
        }
        return left;
    };

    EXPECT_THAT(after({"&#65;&nbsp; b", "x"}, {{"lowercase"}, {"strip_html"}, {"lowercase"}, {"collapse_whitespace"}}), ElementsAre("a b", "x"));
    EXPECT_THAT(after({"a<br>b", "cafÃƒÂ©&lt;"}, {{"collapse_whitespace"}, {"strip_html"}, {"fix_mojibake"}, {"collapse_whitespace"}}), ElementsAre("a b", "café<"));
    EXPECT_THAT(after({"x", "y"}, {{"regex_replace", {{"column", "t"}, {"pattern", "x"}, {"replacement", " É <i>E</i>"}}}, {"trim"}, {"strip_html"}, {"lowercase"}}), ElementsAre("é e", "y"));
}

}
}
