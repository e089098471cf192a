// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_shelf.h"
#include "ui/dataset_window.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QSpinBox>
#include <QTableWidget>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::HasSubstr;
using tests::waitFor;

class DatasetPages : public tests::DatasetWindow
{
protected:
    static std::vector<Json> talk(int rows)
    {
        std::vector<Json> all;
        for (int i = 0; i < rows; ++i)
            all.push_back(row("Question " + std::to_string(i) + "?", "The answer to question number " + std::to_string(i) + "."));
        return all;
    }
    bool openTab(const char* name, const char* tab)
    {
        return openDataset(QLatin1String(name)) && isOpened() && clickTab(QLatin1String(tab));
    }
    bool drop(const std::string& path)
    {
        ++clicks;
        window->openFiles({QString::fromStdString(path)});
        return waitFor([this] { return find("add-rows") && find("add-rows")->isEnabled(); });
    }
    /// Runs `act` as soon as a dialog of this name is up; for dialogs that wait for an answer.
    void whenOpen(const char* name, const std::function<void(QWidget*)>& act)
    {
        auto* timer = new QTimer(window.get());
        timer->setInterval(10);
        QObject::connect(timer, &QTimer::timeout, timer, [=] {
            for (auto* top : QApplication::topLevelWidgets())
                if (top->isVisible() && top->objectName() == QLatin1String(name)) {
                    timer->stop();
                    timer->deleteLater();
                    act(top);
                    return;
                }
        });
        timer->start();
    }
};

}

// ---- split

TEST_F(DatasetPages, SplitIntoThreePartsAndLookForLeaks)
{
    auto rows = talk(40);
    rows.push_back(rows[0]);
    import("talk", rows);
    ASSERT_TRUE(openTab("talk", "split"));
    find<QSpinBox>("split-test")->setValue(10);
    ASSERT_TRUE(click("apply-split"));
    ASSERT_TRUE(hasVersion("talk", 2));
    const Json splits = (*history->dataset("talk"))->info["splits"];
    EXPECT_EQ(splits["train"].get<int>() + splits["eval"].get<int>() + splits["test"].get<int>(), 41);
    EXPECT_EQ(splits["eval"], 4);
    EXPECT_TRUE(waitFor([this] { return textOf("leak-line").contains(QStringLiteral("No eval row is in train")); }));
}

TEST_F(DatasetPages, SayWhenEvalRowsAreInTrain)
{
    import("same", {row("a", "The same answer, word for word."), row("a", "The same answer, word for word.")});
    pipeline::SplitOptions options;
    options.ratios = {0.5, 0.5};
    ASSERT_TRUE(pipeline::splitDataset(*history, "same", options, {}));
    ASSERT_TRUE(openTab("same", "split"));
    EXPECT_TRUE(waitFor([this] { return textOf("leak-line").contains(QStringLiteral("1 of 1 eval rows are in train")); }));
}

TEST_F(DatasetPages, SayWhatIsWrongWithASplit)
{
    import("talk", talk(5));
    ASSERT_TRUE(openTab("talk", "split"));
    auto* method = find("split-method");
    QTest::mouseClick(method, Qt::LeftButton, {}, QPoint(method->width() - 10, method->height() / 2));
    ASSERT_TRUE(waitFor([this] { return find("split-column") != nullptr; }));
    ASSERT_TRUE(click("apply-split"));
    EXPECT_TRUE(waitFor([this] {
        for (auto* label : window->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QStringLiteral("names no part")))
                return true;
        return false;
    }));
    EXPECT_EQ((*history->dataset("talk"))->version, 1);
}

// ---- history

TEST_F(DatasetPages, RestoreAnEarlierVersion)
{
    import("talk", talk(6));
    ASSERT_TRUE(pipeline::cleanDataset(*history, "talk", {cleaner::Step {"sample", {{"rows", 2}}}}, {}, {}, {}));
    ASSERT_TRUE(openTab("talk", "history"));
    ASSERT_TRUE(clickRow("versions", QStringLiteral("v1")));
    ASSERT_TRUE(click("restore-version"));
    ASSERT_TRUE(hasVersion("talk", 3));
    EXPECT_EQ((*history->dataset("talk"))->rows, 6);
}

TEST_F(DatasetPages, CompareTwoVersionsRowByRow)
{
    import("talk", talk(6));
    ASSERT_TRUE(pipeline::editRow(*history, "talk", 2, "answer", "Another answer to question number 2.", {}));
    ASSERT_TRUE(openTab("talk", "history"));
    ASSERT_TRUE(clickRow("versions", QStringLiteral("v1")));
    // The menu waits for an answer: the first entry is the other version.
    QTimer::singleShot(200, window.get(), [] {
        if (auto* menu = QApplication::activePopupWidget()) {
            QTest::keyClick(menu, Qt::Key_Down);
            QTest::keyClick(menu, Qt::Key_Return);
        }
    });
    ASSERT_TRUE(click("compare-version"));
    ASSERT_TRUE(waitFor([this] { return textOf("difference-facts").contains(QStringLiteral("1 changed")); }));
    EXPECT_EQ(textOf("difference-facts"), QStringLiteral("0 added, 0 removed, 1 changed, 5 the same"));
    auto* table = find<QAbstractItemView>("difference");
    ASSERT_NE(table, nullptr);
    EXPECT_THAT(table->model()->index(0, 3).data().toString().toStdString(), HasSubstr("Another"));
}

TEST_F(DatasetPages, ReplayCleaningOnNewDataInFiveClicks)
{
    import("old", talk(5));
    ASSERT_TRUE(pipeline::cleanDataset(*history, "old", {cleaner::Step {"regex_drop", {{"column", "question"}, {"pattern", "^Question [0-2]"}}}, cleaner::Step {"lowercase"}}, {}, {}, {}));
    ASSERT_TRUE(drop(write("new.jsonl", talk(8))));
    ASSERT_TRUE(click("add-rows"));
    whenOpen("apply-steps", [this](QWidget*) {
        EXPECT_TRUE(clickRow("steps-sources", QStringLiteral("old")));
        EXPECT_TRUE(click("apply-chosen-steps"));
    });
    ASSERT_TRUE(click("apply-steps-to-new"));
    ASSERT_TRUE(hasVersion("new", 2));  // the dialog opens when the steps of others were read
    EXPECT_EQ(clicks, 5);
    EXPECT_EQ((*history->dataset("new"))->rows, 5);
    EXPECT_EQ(texts("new", "question")[0], "question 3?");
}

TEST_F(DatasetPages, SayThatStepsDoNotFit)
{
    import("old", talk(5));
    ASSERT_TRUE(pipeline::cleanDataset(*history, "old", {cleaner::Step {"regex_drop", {{"column", "question"}, {"pattern", "0"}}}}, {}, {}, {}));
    import("other", {{{"text", "Something else"}}, {{"text", "And more"}}});
    ASSERT_TRUE(openTab("other", "history"));
    bool isSeen = false;
    whenOpen("apply-steps", [this, &isSeen](QWidget* dialog) {
        isSeen = true;
        EXPECT_TRUE(clickRow("steps-sources", QStringLiteral("old")));
        EXPECT_FALSE(find("apply-chosen-steps")->isEnabled());
        bool isSaid = false;
        for (auto* label : dialog->findChildren<QLabel*>())
            isSaid |= label->text().contains(QStringLiteral("do not fit"));
        EXPECT_TRUE(isSaid);
        qobject_cast<QDialog*>(dialog)->reject();
    });
    ASSERT_TRUE(click("apply-steps-button"));
    ASSERT_TRUE(waitFor([&] { return isSeen; }));
    EXPECT_EQ((*history->dataset("other"))->version, 1);
}

// ---- import

TEST_F(DatasetPages, ImportSetsEveryRoleBeforeAdding)
{
    ASSERT_TRUE(drop(dir.write("odd.csv", "one,two\nHow far is it?,Very far indeed.\nHow near?,Quite near.\n")));
    auto* role = find<QComboBox>("role-one");
    ASSERT_NE(role, nullptr);
    for (const auto& [name, words] : {std::pair {"role-one", "answer"}, {"role-two", "prompt"}}) {
        auto* combo = find<QComboBox>(name);
        combo->setCurrentIndex(combo->findText(QLatin1String(words)));
        emit combo->activated(combo->currentIndex());
    }
    find<QLineEdit>("import-name")->setText(QStringLiteral("swapped"));
    ASSERT_TRUE(click("add-rows"));
    ASSERT_TRUE(hasVersion("swapped", 1));
    const auto data = pipeline::openDataset(*history, "swapped", {});
    ASSERT_TRUE(data);
    EXPECT_EQ((*data)->record(0)->prompt, "Very far indeed.");
    EXPECT_EQ((*data)->record(0)->completion, "How far is it?");
}

TEST_F(DatasetPages, ImportListsWhatCannotBeRead)
{
    ASSERT_TRUE(drop(dir.write("broken.jsonl", "{\"text\": \"one\"}\n{\"text\": \n{\"text\": \"two\"}\n")));
    EXPECT_EQ(find<QPushButton>("add-rows")->text(), QStringLiteral("Add 2 rows"));
    ASSERT_TRUE(click("show-lines"));
    auto* lines = find<QListWidget>("import-problems");
    ASSERT_NE(lines, nullptr);
    EXPECT_THAT(lines->item(0)->text().toStdString(), HasSubstr("line 2"));
}

TEST_F(DatasetPages, ImportAddsSeveralFilesAsOneDataset)
{
    window->openFiles({QString::fromStdString(write("a.jsonl", talk(3))), QString::fromStdString(write("b.jsonl", talk(4)))});
    ASSERT_TRUE(waitFor([this] { return find("add-rows") && find("add-rows")->isEnabled(); }));
    EXPECT_THAT(textOf("import-size").toStdString(), HasSubstr("7 rows"));
    ASSERT_TRUE(click("add-rows"));
    ASSERT_TRUE(hasVersion("a", 1));
    EXPECT_EQ((*history->dataset("a"))->rows, 7);
}

TEST_F(DatasetPages, ImportOfATakenNameIsANewVersion)
{
    import("talk", talk(3));
    window->openFiles({QString::fromStdString(write("talk.jsonl", talk(9)))});
    ASSERT_TRUE(waitFor([this] { return find("import-replace") != nullptr; }));
    EXPECT_FALSE(find("add-rows")->isEnabled());
    QTest::mouseClick(find("import-replace"), Qt::LeftButton, {}, QPoint(8, find("import-replace")->height() / 2));
    ASSERT_TRUE(click("add-rows"));
    ASSERT_TRUE(hasVersion("talk", 2));
    EXPECT_EQ((*history->dataset("talk"))->rows, 9);
}

TEST_F(DatasetPages, ImportSplitsTextAsOneWants)
{
    ASSERT_TRUE(drop(dir.write("book.txt", "One line.\nAnd another.\n\nA second paragraph.\n")));
    EXPECT_EQ(find<QPushButton>("add-rows")->text(), QStringLiteral("Add 2 rows"));
    auto* split = find<QComboBox>("import-split");
    ASSERT_NE(split, nullptr);
    split->setCurrentIndex(split->findData(QStringLiteral("line")));
    emit split->activated(split->currentIndex());
    EXPECT_TRUE(waitFor([this] { return find<QPushButton>("add-rows")->text() == QStringLiteral("Add 3 rows"); }));
}

// ---- list

TEST_F(DatasetPages, CombineTwoDatasetsWithWeights)
{
    import("a", talk(10));
    import("b", talk(4));
    window->open(PageId::Datasets, QStringLiteral("list:"));
    ASSERT_TRUE(clickRow("datasets", QStringLiteral("a")));
    ASSERT_TRUE(clickRow("datasets", QStringLiteral("b"), false, Qt::ControlModifier));
    ASSERT_TRUE(click("combine-datasets"));
    ASSERT_TRUE(waitFor([this] { return find("combine-now") != nullptr; }));
    for (auto* box : window->findChildren<QDoubleSpinBox*>())
        if (box->accessibleName() == QStringLiteral("Weight of b"))
            box->setValue(2);
    EXPECT_EQ(textOf("combined-rows"), QStringLiteral("18 rows"));
    find<QLineEdit>("combined-name")->setText(QStringLiteral("both"));
    ASSERT_TRUE(click("combine-now"));
    ASSERT_TRUE(hasVersion("both", 1));
    EXPECT_EQ((*history->dataset("both"))->rows, 18);
}

TEST_F(DatasetPages, DeleteAndTakeBack)
{
    import("talk", talk(3));
    import("stays", talk(3));
    window->open(PageId::Datasets, QStringLiteral("list:"));
    ASSERT_TRUE(clickRow("datasets", QStringLiteral("talk")));
    ASSERT_TRUE(click("delete-dataset"));
    ASSERT_TRUE(waitFor([this] { return history->datasets()->size() == 1; }));
    ASSERT_TRUE(waitFor([this] { return button("Undo") != nullptr; }));
    QTest::mouseClick(button("Undo"), Qt::LeftButton);
    EXPECT_TRUE(waitFor([this] { return history->datasets()->size() == 2; }));
}

TEST_F(DatasetPages, HideWhatIsArchived)
{
    import("talk", talk(3));
    import("stays", talk(3));
    window->open(PageId::Datasets, QStringLiteral("list:"));
    ASSERT_TRUE(clickRow("datasets", QStringLiteral("talk")));
    ASSERT_TRUE(click("archive-dataset"));
    auto* list = find<QAbstractItemView>("datasets");
    EXPECT_TRUE(waitFor([&] { return list->model()->rowCount() == 1; }));
    EXPECT_TRUE(pipeline::archivedDatasets(*history)->contains("talk"));
    for (auto* box : window->findChildren<QCheckBox*>())
        if (box->text() == QStringLiteral("Show archived"))
            QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
    EXPECT_EQ(list->model()->rowCount(), 2);
}

// ---- export

TEST_F(DatasetPages, ExportInAStyleWithItsCard)
{
    import("talk", talk(5));
    ASSERT_TRUE(openTab("talk", "rows"));
    ASSERT_TRUE(click("export-rows"));
    ASSERT_TRUE(waitFor([this] { return find("export-now") != nullptr; }));
    auto* style = find<QComboBox>("export-style");
    style->setCurrentIndex(style->findData(QStringLiteral("messages")));
    emit style->activated(style->currentIndex());
    const QString path = QString::fromStdString(dir.path("talk-messages.jsonl"));
    find<QLineEdit>("export-path")->setText(path);
    ASSERT_TRUE(click("export-now"));
    ASSERT_TRUE(waitFor([&] { return QFile::exists(path) && QFile::exists(path + QStringLiteral(".md")); }));
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    EXPECT_THAT(file.readLine().toStdString(), HasSubstr("\"messages\":"));
}

TEST_F(DatasetPages, ExportSaysWhatAStyleNeeds)
{
    import("talk", talk(5));
    ASSERT_TRUE(openTab("talk", "rows"));
    ASSERT_TRUE(click("export-rows"));
    ASSERT_TRUE(waitFor([this] { return find("export-now") != nullptr; }));
    auto* style = find<QComboBox>("export-style");
    style->setCurrentIndex(style->findData(QStringLiteral("preference")));
    emit style->activated(style->currentIndex());
    EXPECT_THAT(textOf("export-need").toStdString(), HasSubstr("chosen"));
    EXPECT_FALSE(find("export-now")->isEnabled());
}

}
