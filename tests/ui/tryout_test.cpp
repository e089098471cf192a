// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/next_tokens.h"
#include "pages/tryout/tryout_column.h"
#include "pipeline/engine.h"
#include "ui/window.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using tests::waitFor;

class TryOutTest : public tests::WindowTest
{
protected:
    TryOutTest()
    {
        store::ModelRow row;
        row.name = "smollm2-135m-instruct";
        row.path = tests::starterModel();
        row.created = store::nowUtc();
        row.info = {{"trainable", true}};
        EXPECT_TRUE(history->putModel(row));
        settings.setValue(QStringLiteral("tryout/length"), QStringLiteral("12"));
        settings.setValue(QStringLiteral("tryout/temperature"), QStringLiteral("0"));
        window->open(shell::PageId::TryOut);
        EXPECT_TRUE(waitFor([this] { return columns().size() == 2 && !columns()[1]->choice().id.isEmpty(); }));
    }
    QList<TryOutColumn*> columns()
    {
        QList<TryOutColumn*> all;
        for (auto* column : window->findChildren<TryOutColumn*>())
            if (column->isVisible())
                all.append(column);
        return all;
    }
    void say(const char* text)
    {
        auto* input = part<QPlainTextEdit>("chat-input");
        QTest::keyClicks(input, QLatin1String(text));
        QTest::keyClick(input, Qt::Key_Return);
    }
    static bool hasEngine() { return static_cast<bool>(pipeline::openEngine()); }
};

}

TEST_F(TryOutTest, PutsTheBaseBesideTheNewestRun)
{
    EXPECT_EQ(columns()[0]->choice().id, QStringLiteral("smollm2-135m-instruct"));
    EXPECT_TRUE(columns()[1]->choice().hasAdapter());
    EXPECT_NE(button("Send to both"), nullptr);
}

TEST_F(TryOutTest, TakesThreeColumnsAtMost)
{
    ASSERT_TRUE(press("Add column"));
    ASSERT_TRUE(waitFor([this] { return columns().size() == 3; }));
    EXPECT_NE(button("Send to all"), nullptr);
    EXPECT_FALSE(button("Add column")->isEnabled());
    for (auto* close : columns()[2]->findChildren<QToolButton*>())
        if (close->accessibleName() == QStringLiteral("Remove the column") && close->isVisible())
            click(close);
    EXPECT_TRUE(waitFor([this] { return columns().size() == 2; }));
}

TEST_F(TryOutTest, HidesTheModelsInABlindTest)
{
    QCheckBox* blind = nullptr;
    for (auto* box : window->findChildren<QCheckBox*>())
        if (box->isVisible() && box->text() == QStringLiteral("Blind test"))
            blind = box;
    ASSERT_NE(blind, nullptr);
    QTest::mouseClick(blind, Qt::LeftButton, {}, QPoint(8, blind->height() / 2));
    EXPECT_TRUE(says(QStringLiteral("Answer A")));
    EXPECT_EQ(part<QComboBox>("choice-0"), nullptr);
}

TEST_F(TryOutTest, AnswersMarksAndCountsVotes)
{
    if (!hasEngine())
        GTEST_SKIP() << "the engine is not built";
    for (auto* column : columns())
        ASSERT_TRUE(column->choose(QStringLiteral("smollm2-135m-instruct")));
    say("What is two and two?");
    const auto answers = [this] { return columns()[1]->answers(); };
    ASSERT_TRUE(waitFor([&] { return !answers().isEmpty() && button("Send to both") && !answers().last()->text().isEmpty(); }, 60000));
    EXPECT_EQ(columns()[0]->answers().last()->text(), answers().last()->text()) << "the same model, the same seed";

    QPushButton* better = nullptr;
    for (auto* one : answers().last()->findChildren<QPushButton*>(QStringLiteral("better")))
        better = one;
    ASSERT_TRUE(click(better));
    EXPECT_TRUE(says(QStringLiteral("Votes: ")));
    EXPECT_TRUE(waitFor([this] {
        const auto kept = history->value("tryout/history");
        return kept && kept->is_array() && !kept->empty() && kept->front()["turns"][0]["better"] == 1;
    })) << "what was said is kept";

    emit answers().last()->wordClicked(3);
    auto* next = part<NextTokens>("next-tokens");
    ASSERT_TRUE(waitFor([&] { return !next->rows().isEmpty(); }, 30000));
    EXPECT_GT(next->rows().first().tuned, next->rows().last().tuned);
}

}
