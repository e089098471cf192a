// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window.h"

#include "base/file.h"
#include "base/hash.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTabBar>
#include <QTest>
#include <QTimer>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::HasSubstr;
using tests::waitFor;

/// The Models page of a person who also uses LM Studio; the starter model is on the list.
class ModelsPage : public tests::WindowTest
{
protected:
    ModelsPage()
        : homeBefore(std::getenv("HOME") ? std::getenv("HOME") : "")
    {
        ::setenv("HOME", dir.path("home").c_str(), 1);
    }
    ~ModelsPage() override
    {
        window.reset();
        QThreadPool::globalInstance()->waitForDone();
        ::setenv("HOME", homeBefore.c_str(), 1);
    }
    void SetUp() override
    {
        if (!fs::exists(tests::starterModel()))
            GTEST_SKIP() << "the starter model is not there";
        fs::create_directories(dir.path("home/.lmstudio/models/someone/starter"));
        fs::create_symlink(tests::starterModel(), dir.path("home/.lmstudio/models/someone/starter/starter-again.gguf"));
        dir.write("home/.lmstudio/models/someone/starter/broken.gguf", "GGUF and no more");
        ASSERT_TRUE(history->putModel({.name = "starter", .path = tests::starterModel(), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
        window->open(PageId::Models);
        ASSERT_TRUE(waitFor([this] { return table() && table()->shownRows() == 3; }));
    }
    QWidget* page() { return window->page(PageId::Models); }
    widgets::Table* table()
    {
        for (auto* one : page()->findChildren<widgets::Table*>())
            if (one->accessibleName() == QStringLiteral("Models"))
                return one;
        return nullptr;
    }
    QString cell(int row, int column) { return table()->model()->index(row, column).data().toString(); }
    int rowOf(const char* name)
    {
        for (int row = 0; row < table()->shownRows(); ++row)
            if (cell(row, 0).contains(QLatin1String(name)))
                return row;
        return -1;
    }
    std::string said()
    {
        QStringList all;
        for (auto* label : page()->findChildren<QLabel*>())
            if (label->isVisible())
                all.append(label->text());
        return all.join(QLatin1Char('|')).toStdString();
    }
    void select(const char* name) { QTest::mouseClick(table()->viewport(), Qt::LeftButton, {}, table()->visualRect(table()->model()->index(rowOf(name), 0)).center()); }

    /// Answers the file dialog that is open or opens next.
    void chooseFile(const std::string& path)
    {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog)
            return QTimer::singleShot(0, window.get(), [this, path] { chooseFile(path); });
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        name->setText(QString::fromStdString(path));
        QTest::keyClick(name, Qt::Key_Return);
    }

    const std::string homeBefore;
};

}

TEST_F(ModelsPage, SaysOfEachModelWhetherItCanBeTrained)
{
    const int row = rowOf("starter");
    ASSERT_GE(row, 0);
    EXPECT_THAT(cell(rowOf("broken"), 5).toStdString(), HasSubstr("no:"));
    EXPECT_THAT(cell(rowOf("starter-again"), 5).toStdString(), HasSubstr("yes: LoRA"));
    EXPECT_EQ(cell(rowOf("starter-again"), 4), QStringLiteral("LM Studio"));
    EXPECT_EQ(cell(rowOf("starter-again"), 2), QStringLiteral("Q4_1"));

    for (auto* box : page()->findChildren<QCheckBox*>())
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    EXPECT_EQ(table()->shownRows(), 2);
    for (auto* combo : page()->findChildren<QComboBox*>()) {
        combo->setFocus();
        QTest::keyClicks(combo, QStringLiteral("LM"));
    }
    EXPECT_EQ(table()->shownRows(), 1);
}

TEST_F(ModelsPage, ShowsTheFactsOfOne)
{
    table()->selectId(QStringLiteral("starter"));
    ASSERT_TRUE(waitFor([this] { return said().find("|30|") != std::string::npos; })) << said();
    EXPECT_THAT(said(), HasSubstr("9, 3 for keys and values"));
    EXPECT_THAT(said(), HasSubstr("All weights"));
    auto* tabs = page()->findChild<QTabBar*>();
    tabs->setFocus();
    QTest::keyClick(tabs, Qt::Key_Right);
    QPlainTextEdit* shown = nullptr;
    for (auto* edit : page()->findChildren<QPlainTextEdit*>())
        if (edit->isVisible())
            shown = edit;
    ASSERT_NE(shown, nullptr);
    EXPECT_THAT(shown->toPlainText().toStdString(), HasSubstr("<|im_start|>user\nHow do I reset my password?"));
}

TEST_F(ModelsPage, AddsWhatAnotherProgramKeepsHere)
{
    select("starter-again");
    auto* add = page()->findChild<QPushButton*>(QStringLiteral("add-found"));
    ASSERT_TRUE(waitFor([&] { return add->isVisible(); }));
    QTest::mouseClick(add, Qt::LeftButton);
    ASSERT_TRUE(waitFor([this] { return history->models()->size() == 2; }));
    const auto added = history->model("starter-again");
    ASSERT_TRUE(added && *added);
    EXPECT_TRUE(waitFor([this] { return table()->currentId() == QStringLiteral("starter-again"); }));
    EXPECT_FALSE(add->isVisible());
    auto* train = page()->findChild<QPushButton*>(QStringLiteral("train-on-model"));
    QTest::mouseClick(train, Qt::LeftButton);
    EXPECT_EQ(shown(), window->page(PageId::Train));
}

TEST_F(ModelsPage, SaysWhereAMissingFileWasAndTakesItsNewPlace)
{
    const std::string before = dir.path("before.gguf"), now = dir.path("now.gguf");
    ASSERT_TRUE(history->putModel({.name = "moved", .path = before, .sha256 = {}, .created = store::nowUtc(), .info = {{"notes", "Mine."}}}));
    ASSERT_TRUE(waitFor([this] { return rowOf("moved") >= 0; }));
    EXPECT_EQ(cell(rowOf("moved"), 3), QStringLiteral("–")) << "no size of a file that is not there";
    EXPECT_EQ(cell(rowOf("moved"), 5), QStringLiteral("The file is missing"));
    select("moved");
    ASSERT_TRUE(waitFor([&] { return said().find("It was at " + before) != std::string::npos; })) << said();
    ASSERT_NE(part<QPushButton>("remove-gone"), nullptr);

    fs::create_symlink(tests::starterModel(), now);
    QTimer::singleShot(0, window.get(), [&] { chooseFile(now); });
    ASSERT_TRUE(click(part<QPushButton>("locate-model")));
    ASSERT_TRUE(waitFor([&] { return (*history->model("moved"))->path == now; }));
    EXPECT_EQ((*history->model("moved"))->info.value("notes", ""), "Mine.");
    EXPECT_TRUE(waitFor([this] { return cell(rowOf("moved"), 5).contains(QStringLiteral("yes: LoRA")); }));
    EXPECT_EQ(part<QPushButton>("locate-model"), nullptr);
}

TEST_F(ModelsPage, TakesAModelWithoutAFileOffTheList)
{
    ASSERT_TRUE(history->putModel({.name = "moved", .path = dir.path("before.gguf"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    ASSERT_TRUE(waitFor([this] { return rowOf("moved") >= 0; }));
    select("moved");
    ASSERT_TRUE(waitFor([this] { return part<QPushButton>("remove-gone") != nullptr; }));
    ASSERT_TRUE(click(part<QPushButton>("remove-gone")));
    EXPECT_TRUE(waitFor([this] { return rowOf("moved") < 0; }));
}

TEST_F(ModelsPage, KeepsNotesAndVerifiesFiles)
{
    table()->selectId(QStringLiteral("starter"));
    auto* tabs = page()->findChild<QTabBar*>();
    tabs->setCurrentIndex(3);
    auto* notes = page()->findChild<QPlainTextEdit*>(QStringLiteral("model-notes"));
    notes->setFocus();
    QTest::keyClicks(notes, QStringLiteral("Good at sums."));
    auto* verify = page()->findChild<QPushButton*>(QStringLiteral("verify-model"));
    QTest::mouseClick(verify, Qt::LeftButton);
    ASSERT_TRUE(waitFor([this] {
        const auto row = history->model("starter");
        return row && *row && (*row)->info.contains("files") && (*row)->info.value("notes", "") == "Good at sums.";
    }, 60000));
    const Json files = (*history->model("starter"))->info["files"];
    EXPECT_EQ(files.begin().value().get<std::string>(), *sha256OfFile(tests::starterModel()));
    EXPECT_TRUE(waitFor([&] { return verify->text() == QStringLiteral("Verify files"); }));
}

}
