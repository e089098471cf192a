// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/word_diff.h"

#include <gtest/gtest.h>

#include <QRegularExpression>

#include <random>

namespace attune::widgets {
namespace {

/// "How [-do-] I {+always+} ~reset~": removed, added and changed parts marked.
std::string diff(const char* before, const char* after)
{
    std::string text;
    for (const auto& part : wordDiff(QString::fromUtf8(before), QString::fromUtf8(after))) {
        const std::string words = part.text.toStdString();
        text += part.kind == DiffPart::Kind::Same ? words : part.kind == DiffPart::Kind::Added ? "{+" + words + "+}" : part.kind == DiffPart::Kind::Removed ? "[-" + words + "-]" : "~" + words + "~";
    }
    return text;
}

}

TEST(WordDiff, MarksWhatIsAddedRemovedAndChanged)
{
    EXPECT_EQ(diff("How do I reset my password? I cannot sign in.", "How do I reset my account password? I cannot sign in."), "How do I reset my {+account +}password? I cannot sign in.");
    EXPECT_EQ(diff("How do I reset my password? I cannot sign in.", "How do I reset my password? I can not sign in."), "How do I reset my password? I ~can not~ sign in.");
    EXPECT_EQ(diff("How do I reset my password? I cannot sign in.", "How do I reset my password?"), "How do I reset my password?[- I cannot sign in.-]");
    EXPECT_EQ(diff("How do I reset my password?", "How do I reset the router?"), "How do I reset ~the router~?");
    EXPECT_EQ(diff("same", "same"), "same");
    EXPECT_EQ(diff("", "new"), "{+new+}");
    EXPECT_EQ(diff("gone", ""), "[-gone-]");
    EXPECT_EQ(diff("", ""), "");
}

TEST(WordDiff, KeepsBothTextsWhole)
{
    std::mt19937 random(7);
    const QStringList words {QStringLiteral("the"), QStringLiteral(" "), QStringLiteral("cat"), QStringLiteral("\n"), QStringLiteral(","), QStringLiteral("Straße"), QStringLiteral("😀"), QStringLiteral("12")};
    for (int round = 0; round < 300; ++round) {
        QString before, after;
        for (auto n = random() % 40; n > 0; --n) {
            const auto& word = words[static_cast<qsizetype>(random() % words.size())];
            before += random() % 8 ? word : QString();
            after += random() % 8 ? word : words[static_cast<qsizetype>(random() % words.size())];
        }
        QString was, now;
        for (const auto& part : wordDiff(before, after)) {
            was += part.kind == DiffPart::Kind::Changed ? part.former : part.kind == DiffPart::Kind::Added ? QString() : part.text;
            now += part.kind == DiffPart::Kind::Removed ? QString() : part.text;
        }
        ASSERT_EQ(now, after) << before.toStdString();
        was.remove(QRegularExpression(QStringLiteral("\\s"))), before.remove(QRegularExpression(QStringLiteral("\\s")));  // white space may stay with either side
        ASSERT_EQ(was, before) << after.toStdString();
    }
}

TEST(WordDiff, GivesUpOnTextsThatHaveLittleInCommon)
{
    QString before = QStringLiteral("start "), after = QStringLiteral("start ");
    for (int i = 0; i < 3000; ++i) {
        before += QStringLiteral("a%1 ").arg(i);
        after += QStringLiteral("b%1 ").arg(i);
    }
    const auto parts = wordDiff(before, after);
    ASSERT_GE(parts.size(), 2);
    EXPECT_EQ(parts[0], (DiffPart {DiffPart::Kind::Same, QStringLiteral("start "), {}}));
    EXPECT_EQ(parts[1].kind, DiffPart::Kind::Changed);
}

}
