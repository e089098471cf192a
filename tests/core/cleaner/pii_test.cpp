// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/pii_text.h"
#include "cleaner/scan.h"

#include "base/file.h"
#include "core/cleaner/labelled_text.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kLeastPrecision = 0.97, kLeastRecall = 0.95;

/// "kind:text" of everything found.
std::vector<std::string> found(const std::string& text, const ScanOptions& options = {}, const std::string& label = {})
{
    const auto scanner = Scanner::create(options);
    EXPECT_TRUE(scanner) << scanner.error().message;
    std::vector<Found> finds;
    std::vector<std::string> out;
    scanner->scan(text, label, finds);
    for (const Found& f : finds)
        out.push_back(std::string(f.kind) + ":" + text.substr(f.begin, f.end - f.begin));
    return out;
}

/// Texts that hold exactly the one thing between the braces, or nothing if there are none.
void expectFinds(const std::string& kind, const std::vector<std::string>& cases)
{
    for (std::string text : cases) {
        std::vector<std::string> expected;
        if (const auto open = text.find("{{"); open != std::string::npos) {
            const auto close = text.find("}}");
            expected.push_back(kind + ":" + text.substr(open + 2, close - open - 2));
            text = text.substr(0, open) + text.substr(open + 2, close - open - 2) + text.substr(close + 2);
        }
        EXPECT_EQ(found(text), expected) << text;
    }
}

class LabelledSet : public testing::TestWithParam<const char*>
{
};

}

TEST_P(LabelledSet, IsReadWithPrecisionAndRecall)
{
    const auto text = readFile(tests::sourceDir() + "/tests/fixtures/pii/" + GetParam());
    ASSERT_TRUE(text) << text.error().message;
    const auto lines = readLabelled(*text);
    const auto scores = score(lines, *Scanner::create({}));

    for (const auto* detector : pii::detectors()) {
        const auto it = scores.find(std::string(detector->kind));
        ASSERT_NE(it, scores.end()) << detector->kind;
        const Score& s = it->second;
        EXPECT_GE(s.hits + s.misses, 150) << detector->kind << ": too few positives to tell";
        EXPECT_GE(s.precision(), kLeastPrecision) << detector->kind << "\n" << fmt::format("{}", fmt::join(s.mistakes, "\n"));
        EXPECT_GE(s.recall(), kLeastRecall) << detector->kind << "\n" << fmt::format("{}", fmt::join(s.mistakes, "\n"));
    }
}

INSTANTIATE_TEST_SUITE_P(Pii, LabelledSet, testing::Values("labelled.txt", "held_out.txt"), [](const auto& file) { return std::string(file.param).substr(0, std::string(file.param).find('.')); });

TEST(PiiDetectors, AreComplete)
{
    for (const auto* detector : pii::detectors()) {
        EXPECT_FALSE(detector->anchors.empty()) << detector->kind;
        EXPECT_FALSE(detector->help.empty()) << detector->kind;
        EXPECT_TRUE(detector->tag.starts_with("[") && detector->tag.ends_with("]")) << detector->kind;
        EXPECT_THAT(found(std::string(detector->tag)), IsEmpty()) << "a tag must not be found again";
    }
    EXPECT_EQ(piiKinds().size(), pii::detectors().size() + 1);
}

TEST(PiiDetectors, StandTextsOfEveryLengthAndByte)
{
    // Every prefix and suffix of texts that begin like finds: no byte outside of the text is looked at.
    const std::string texts[] = {"bob@example.org", "+49 (0)30 901820", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "2001:db8::1", "::ffff:1.2.3.4", "10.0.0.1",
        "https://a:b@c.de/x?token=12345678901", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop", "jos\xC3\xA9@m\xC3\xBCnchen.de", "aws_secret_access_key=",
        "123456789:AAabcdefghijklmnopqrstuvwxyz1234567", "\xE7\x94\xB5\xE8\xAF\x9D 138 1234 5678"};
    for (const auto& text : texts)
        for (std::size_t begin = 0; begin <= text.size(); ++begin)
            for (std::size_t end = begin; end <= text.size(); ++end) {
                const std::vector<char> exact(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end));
                std::vector<Found> finds;
                static const auto scanner = *Scanner::create({});
                scanner.scan({exact.data(), exact.size()}, "phone", finds);
                for (const Found& f : finds)
                    ASSERT_TRUE(f.begin < f.end && f.end <= exact.size()) << text;
            }
    for (int byte = 0; byte < 256; ++byte)
        found(std::string(300, static_cast<char>(byte)));
}

TEST(Email, KeepsToTheAddress)
{
    expectFinds("email", {"Mail <{{bob@example.org}}>, please.", "mailto:{{a.b+c@x.co.uk}}?subject=x", "请发送邮件至{{bob@example.com}}。", "{{josé@correo.es}}", "'{{o'neil@mail.ie}}'", "{{BOB@EXAMPLE.COM}}.",
        "{{bob@example.com}}.Thanks for all", "bob@localhost", "icon@2x.png", "lodash@4.17.21", "git@github.com:org/repo.git", "@user@mastodon.social", "https://medium.com/@user/post", "A @ B.com", "x@y.sum(axis=0)", "bob@.com", "@example.com"});
}

TEST(Phone, NeedsAShapeOrAWord)
{
    expectFinds("phone", {"{{+1 (212) 555-0198}}", "({{+49 30 901820}})", "{{(030) 901820}}", "call {{5552345678}}", "tel. {{555-1234}}", "Tel {{212-555-0198 ext. 12}}", "{{01 23 45 67 89}}", "{{+33 (0)6 12 34 56 78}}", "tel:{{+4930901820}}", "5552345678",
        "order 212-555-0198", "01-02-2024 10:30", "2024-01-02 10:30", "1 234 567 890", "1,234,567,890", "+12 apples", "0.0211635609063", "01 02 03 04 05 06 07", "252.227-7013", "+999 123456789", "case 0123-456-789"});
}

TEST(Ip, TellsAddressesFromVersions)
{
    expectFinds("ip", {"host {{10.1.2.3}} up", "http://{{192.168.0.1}}:8080/x", "[{{2001:db8::1}}]:443", "{{fe80::1}}%eth0", "{{1:2:3:4:5:6:7:8}}", "{{::1}}", "v1.2.3.4 on {{10.0.0.1}}", "version 10.2.3.4", "Chrome/120.0.0.0", "libfoo-1.2.3.4",
        "1.2.3.4.5", "256.1.1.1", "01.02.03.04", "section 4.2.1.3", "update V8 to 5.9.211.37", "12:30:45", "aa:bb:cc:dd:ee:ff", "std::vector", "dead::beef", "1::2::3", "a::b"});
}

TEST(Card, NeedsIssuerAndCheckDigit)
{
    expectFinds("card", {"pay {{4111 1111 1111 1111}} now", "{{4111-1111-1111-1111}}", "{{378282246310005}}", "{{3782 822463 10005}}", "a,{{5555555555554444}},2028", "4111 1111 1111 1112", "0000 0000 0000 0000", "9111111111111111",
        "x4111111111111111", "41111111111111110", "visa {{4222222222222}}", "4222222222222"});
}

TEST(Iban, NeedsCountryLengthAndRemainder)
{
    expectFinds("iban", {"IBAN {{DE89 3704 0044 0532 0130 00}} BIC X", "{{GB29NWBK60161331926819}}", "IBAN{{DE89370400440532013000}}", "{{de89370400440532013000}}", "DE88370400440532013000", "DE8937040044053201300", "XDE89370400440532013000",
        "DE893704004405320130001"});
}

TEST(Key, KnowsThePrefixesOfProviders)
{
    // Written in two parts, so that scanners for leaked secrets do not take them for real ones.
    const std::string letters = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3";
    for (const std::string& key : {std::string("sk") + "-proj-" + letters, std::string("sk") + "-ant-api03-" + letters, std::string("AK") + "IAIOSFODNN7EXAMPLE", std::string("gh") + "p_" + letters.substr(0, 36), std::string("gl") + "pat-" + letters.substr(0, 20),
             std::string("AI") + "za" + letters.substr(0, 35), std::string("h") + "f_" + letters.substr(0, 34), std::string("sk") + "_live_" + letters.substr(0, 24), std::string("xo") + "xb-123456789012-" + letters.substr(0, 24)})
        EXPECT_THAT(found("token=\"" + key + "\";"), ElementsAre("key:" + key));
    expectFinds("key", {"sk-learn", "sk-1234", std::string("sk") + "-" + std::string(48, 'x'), "hf_hub_download", "AKIA is a prefix", "key-value", "eyJ is how they begin", "-----BEGIN PUBLIC KEY-----", "{{-----BEGIN RSA PRIVATE KEY-----\nAb1=\n-----END RSA PRIVATE KEY-----}} end",
        "cut {{-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg}}"});
    EXPECT_THAT(found("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"), ElementsAre("key:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
}

TEST(Url, NeedsAPasswordOrAToken)
{
    expectFinds("url", {"see {{https://bob:pw@example.org/x}}.", "({{ftp://a:b@c.de}})", "{{redis://:secret@cache:6379/0}}", "{{https://x.io/a?access_token=0123456789abcdef}}", "https://bob@example.org/", "https://example.org/a?b=c", "http://${USER}:${PASS}@host/",
        "https://x.io/?token=", "http://host:8080/@me", "https://x.io/a?token_type=bearer"});
}

TEST(Scanner, KeepsOneOfWhatOverlaps)
{
    EXPECT_THAT(found("https://bob:4111111111111111@10.0.0.1/x?mail=a@b.de"), ElementsAre("url:https://bob:4111111111111111@10.0.0.1/x?mail=a@b.de"));
    EXPECT_THAT(found("DE89 3704 0044 0532 0130 00"), ElementsAre("iban:DE89 3704 0044 0532 0130 00"));
}

TEST(Scanner, ReadsTheColumnsNameAsContext)
{
    EXPECT_THAT(found("5552345678"), IsEmpty());
    EXPECT_THAT(found("5552345678", {}, "phone"), ElementsAre("phone:5552345678"));
    EXPECT_THAT(found("212-555-0198", {}, "order_id"), IsEmpty());
    EXPECT_THAT(found("100.20.30.44", {}, "version"), IsEmpty());
}

TEST(Scanner, LooksOnlyForTheKindsAskedFor)
{
    ScanOptions options;
    options.kinds = {"ip"};
    EXPECT_THAT(found("bob@example.org at 10.0.0.1", options), ElementsAre("ip:10.0.0.1"));
    options.kinds = {"emial"};
    EXPECT_EQ(Scanner::create(options).error().code, ErrorCode::Usage);
    EXPECT_EQ(Scanner::create(options).error().hint, "Did you mean \"email\"?");
}

TEST(Scanner, PassesOverWhatIsIgnored)
{
    ScanOptions options;
    options.ignoredValues = {"DE89370400440532013000", "Info@Example.org"};
    options.ignoredPatterns = {"^10\\."};
    EXPECT_THAT(found("DE89 3704 0044 0532 0130 00, info@example.org, 10.0.0.1, 192.168.0.1", options), ElementsAre("ip:192.168.0.1"));
    options.ignoredPatterns = {"("};
    EXPECT_EQ(Scanner::create(options).error().code, ErrorCode::Usage);
}

TEST(Scanner, FindsNamesOfAList)
{
    ScanOptions options;
    options.kinds = {"name"};
    EXPECT_EQ(Scanner::create(options).error().code, ErrorCode::Usage) << "no list";
    options.names = {"Anna", " Özil ", "Ольга", ""};
    EXPECT_THAT(found("Anna met Mesut Özil, Annas Ольга and anna.", options), ElementsAre("name:Anna", "name:Özil", "name:Ольга"));
}

}
