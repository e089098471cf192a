// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/export/destinations.h"
#include "pages/export/result_card.h"
#include "ui/window.h"

#include <QClipboard>
#include <QLineEdit>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using testing::HasSubstr;
using tests::waitFor;

families::ModelSource model(std::int64_t parameters, std::int64_t hidden, std::int64_t vocabulary)
{
    families::ModelSource source;
    source.parameters = parameters;
    source.spec.hiddenSize = hidden;
    source.spec.vocabSize = vocabulary;
    source.spec.tiedEmbeddings = true;
    return source;
}

class ExportPageTest : public tests::WindowTest
{
protected:
    ExportPageTest() { tests::addCheckpoint(*history, done, 300); }
    bool openExport(const std::string& run)
    {
        window->open(shell::PageId::Export, QString::fromStdString(run));
        return waitFor([this] { return part<QPushButton>("export-now") && part<QPushButton>("export-now")->isEnabled(); });
    }
};

}

TEST(ExportSizes, AreAboutWhatLlamaCppWrites)
{
    // Qwen2.5-0.5B: 0.37 GiB as Q4_K_M and 0.49 as Q8_0 (visual.md §11); hidden size 896 has no blocks of 256.
    const auto qwen = model(494'032'768, 896, 151'936);
    const auto gib = [&](int type) { return exportSize(destinations()[0], exportTypes()[static_cast<std::size_t>(type)], qwen, 0).result / (1 << 30); };
    EXPECT_NEAR(gib(0), 0.37, 0.02);
    EXPECT_NEAR(gib(3), 0.49, 0.01);
    EXPECT_NEAR(gib(4), 0.92, 0.01);
    // Llama-3.1-8B: 4.58 GiB as Q4_K_M.
    auto llama = model(8'030'261'248, 4096, 128'256);
    llama.spec.tiedEmbeddings = false;
    EXPECT_NEAR(exportSize(destinations()[0], exportTypes()[0], llama, 0).result / (1 << 30), 4.58, 0.15);
}

TEST(ExportSizes, CountTheFileThatQuantisingGoesThrough)
{
    const auto small = model(135'000'000, 576, 49'152);
    const auto q4 = exportSize(destinations()[0], exportTypes()[0], small, 0), f16 = exportSize(destinations()[0], exportTypes()[4], small, 0);
    EXPECT_DOUBLE_EQ(q4.working, q4.result + 2.0 * 135'000'000);
    EXPECT_DOUBLE_EQ(f16.working, f16.result);
}

TEST_F(ExportPageTest, SaysWhyNothingCanBeExported)
{
    window->open(shell::PageId::Export, QString::fromStdString(failed));
    EXPECT_TRUE(says(QStringLiteral("This run has no checkpoint")));
    EXPECT_FALSE(part<QPushButton>("export-now")->isEnabled());
}

TEST_F(ExportPageTest, ProposesTheStepThatIsToBeUsed)
{
    tests::addCheckpoint(*history, done, 250);
    ASSERT_TRUE(history->putValue("use/" + done, 250));
    ASSERT_TRUE(openExport(done));
    auto* terminal = [this]() -> QToolButton* {
        for (auto* button : window->page(shell::PageId::Export)->findChildren<QToolButton*>())
            if (button->accessibleName() == QStringLiteral("Copy as command"))
                return button;
        return nullptr;
    }();
    ASSERT_TRUE(click(terminal));
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("attune export gguf " + done));
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("--checkpoint 250 --type Q4_K_M"));
}

TEST_F(ExportPageTest, NamesTheFileByTypeUntilOneNamesIt)
{
    ASSERT_TRUE(openExport(done));
    auto* name = part<QLineEdit>("export-name");
    EXPECT_EQ(name->text(), QString::fromStdString(done) + QStringLiteral("-Q4_K_M"));
    auto* types = part<widgets::Table>("export-types");
    types->setFocus();
    QTest::keyClick(types, Qt::Key_Down);
    EXPECT_EQ(name->text(), QString::fromStdString(done) + QStringLiteral("-Q5_K_M"));
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("mine"));
    QTest::keyClick(types, Qt::Key_Down);
    EXPECT_EQ(name->text(), QStringLiteral("mine"));
}

TEST_F(ExportPageTest, AsksBeforeItReplacesAFile)
{
    ASSERT_TRUE(openExport(done));
    auto* folder = part<QLineEdit>("export-folder");
    folder->setText(QString::fromStdString(dir.path("out")));
    const auto path = dir.write("out/" + done + "-Q4_K_M.gguf", "mine");
    ASSERT_TRUE(click(part<QPushButton>("export-now")));
    EXPECT_TRUE(says(QStringLiteral("already exists")));
    EXPECT_NE(button("Replace"), nullptr);
    EXPECT_NE(button("Keep both"), nullptr);
}

TEST_F(ExportPageTest, ShowsTheLastExportWithItsMeasures)
{
    const Json parity {{"tokens", 384}, {"mean_kl", 0.018}, {"top1_agreement", 0.972}, {"max_abs_diff", 1.2}, {"word", "close"}, {"histogram", {{"counts", {300, 60, 20, 4}}, {"end", 0.4}}},
        {"worst", {{"kl", 0.412}, {"sequence", 1}, {"position", 26}}}};
    ASSERT_TRUE(history->putExport(done, {{"path", dir.path("bot.gguf")}, {"bytes", 400000000}, {"sha256", "3fa9c17e00000000b04d52"}, {"verified", true}, {"verification", parity}, {"parity", parity},
        {"target", "gguf"}, {"type", "Q4_K_M"}, {"created", store::nowUtc()}, {"seconds", 41.0},
        {"differences", {{{"context", "Your refund arrives within"}, {"run", " 3"}, {"file", " three"}, {"sequence", 0}, {"position", 4}, {"kl", 0.2}}}}}));
    ASSERT_TRUE(openExport(done));
    EXPECT_TRUE(says(QStringLiteral("bot.gguf")));
    EXPECT_TRUE(says(QStringLiteral("0.412 nats, text 2, token 27")));
    EXPECT_NE(button("Try out the exported file"), nullptr);
    ASSERT_TRUE(press("Copy"));
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("llama-cli -cnv -m " + dir.path("bot.gguf")));
}

}
