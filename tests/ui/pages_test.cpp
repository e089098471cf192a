// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window.h"

#include "importer/record.h"
#include "pages/dataset/row_grid.h"
#include "shell/status_bar.h"
#include "widgets/option_field.h"
#include "widgets/panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using tests::waitFor;

class Pages : public tests::WindowTest
{
protected:
    /// All that a page says where one can see it.
    std::string said(PageId id)
    {
        QStringList all;
        for (auto* label : window->page(id)->findChildren<QLabel*>())
            if (label->isVisible())
                all.append(label->text());
        return all.join(QLatin1Char('|')).toStdString();
    }
    bool says(PageId id, const std::string& text)
    {
        return waitFor([&] { return said(id).find(text) != std::string::npos; });
    }
    QLineEdit* lineOf(const char* key)
    {
        auto* field = window->page(PageId::Train)->findChild<widgets::OptionField*>(QStringLiteral("field-") + QLatin1String(key));
        return field ? field->findChild<QLineEdit*>() : nullptr;
    }
    std::string writeRows(const std::string& name) const
    {
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += "{\"prompt\": \"What is " + std::to_string(i) + " and one?\", \"completion\": \"It is " + std::to_string(i + 1) + ".\"}\n";
        return dir.write(name, text);
    }
    /// Opens a page's menu of more actions and chooses in it; the menu runs a loop of its own.
    bool chooseInMenu(PageId id, const char* text)
    {
        bool isChosen = false;
        QTimer poll;
        QObject::connect(&poll, &QTimer::timeout, [&] {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            for (auto* action : menu ? menu->actions() : QList<QAction*>())
                if (action->text() == QLatin1String(text) && action->isEnabled()) {
                    isChosen = true;
                    action->trigger();
                }
            if (menu)
                menu->close();
        });
        poll.start(5);
        for (auto* more : window->page(id)->findChildren<QToolButton*>())
            if (more->isVisible() && more->accessibleName() == QStringLiteral("More actions"))
                click(more);
        return waitFor([&] { return isChosen && !QApplication::activePopupWidget(); });
    }
    pages::RowGrid* rowsOf()
    {
        auto* grid = window->page(PageId::Datasets)->findChild<pages::RowGrid*>();
        return grid && grid->isVisible() ? grid : nullptr;
    }
};

}

TEST_F(Pages, ShowWhereOneLeftWhenTheWindowOpens)
{
    EXPECT_EQ(shown(), window->page(PageId::Home));
    EXPECT_TRUE(says(PageId::Home, "3 runs"));
    EXPECT_TRUE(says(PageId::Home, "Continue"));
    // The run of another process stands in the status bar.
    EXPECT_TRUE(waitFor([this] { return window->findChild<StatusBar*>()->accessibleName() == QStringLiteral("%1, 30 %").arg(QString::fromStdString(running)); }));
}

TEST_F(Pages, ImportAFileThatIsDropped)
{
    window->openFiles({QString::fromStdString(writeRows("small talk.jsonl"))});
    ASSERT_TRUE(says(PageId::Datasets, "40 rows"));
    auto* add = window->findChild<QPushButton*>(QStringLiteral("add-rows"));
    ASSERT_NE(add, nullptr);
    ASSERT_TRUE(waitFor([&] { return add->isEnabled(); }));
    EXPECT_THAT(said(PageId::Datasets), ContainsRegex("40 rows, 2\\.[0-9].*KiB"));
    EXPECT_TRUE(says(PageId::Datasets, "What is 0 and one?")) << "what training sees of the first row";

    QTest::mouseClick(add, Qt::LeftButton);

    ASSERT_TRUE(waitFor([this] { return rowsOf() && rowsOf()->rowCount() == 40; }));
    EXPECT_TRUE(waitFor([this] { return rowsOf()->cellText(7, QStringLiteral("column:prompt")) == QStringLiteral("What is 7 and one?"); }));
    const auto datasets = history->datasets();
    ASSERT_TRUE(datasets);
    ASSERT_EQ(datasets->size(), 1u);
    EXPECT_EQ(datasets->front().rows, 40);
    EXPECT_THAT(window->windowTitle().toStdString(), HasSubstr(datasets->front().name));
}

TEST_F(Pages, SayWhyAFileCannotBeImported)
{
    window->openFiles({QString::fromStdString(dir.write("empty.jsonl", ""))});

    EXPECT_TRUE(says(PageId::Datasets, "empty.jsonl is empty")) << said(PageId::Datasets);
    auto* add = window->findChild<QPushButton*>(QStringLiteral("add-rows"));
    ASSERT_NE(add, nullptr);
    waitFor([] { return false; }, 100);
    EXPECT_FALSE(add->isEnabled());
}

TEST_F(Pages, SayInTheDialogsWordsThatNoColumnIsText)
{
    window->openFiles({QString::fromStdString(dir.write("data.json", "{\"a\": 1, \"b\": [2]}"))});

    EXPECT_TRUE(says(PageId::Datasets, "No column was recognised as text to train on.")) << said(PageId::Datasets);
    EXPECT_THAT(said(PageId::Datasets), Not(HasSubstr("--map"))) << "there is no command line here";
    auto* add = window->findChild<QPushButton*>(QStringLiteral("add-rows"));
    ASSERT_NE(add, nullptr);
    EXPECT_EQ(add->text(), QStringLiteral("Add 1 row"));
}

TEST_F(Pages, PreviewTheFileThatWasChosenLast)
{
    const auto first = QString::fromStdString(writeRows("first.jsonl"));
    const auto second = QString::fromStdString(dir.write("second.csv", "prompt,completion\nHow far?,Very.\nHow near?,So-so.\n"));
    for (int i = 0; i < 5; ++i) {
        window->openFiles({first});
        window->openFiles({second});
    }

    ASSERT_TRUE(says(PageId::Datasets, "2 rows"));
    waitFor([] { return false; }, 200);
    EXPECT_THAT(said(PageId::Datasets), HasSubstr("2 rows"));
    EXPECT_THAT(said(PageId::Datasets), Not(HasSubstr("40 rows")));
}

TEST_F(Pages, ShowARecipeThatIsDropped)
{
    window->openFiles({QString::fromStdString(dir.write("mine.yaml",
        "attune_recipe: 1\nname: mine\nmodel:\n  base: tiny\ndata:\n  train: talk\nmethod:\n  r: 48\ntraining:\n  learning_rate: 7.7e-5\n"))});

    ASSERT_TRUE(waitFor([this] { return lineOf("training.learning_rate") && lineOf("training.learning_rate")->text() == QStringLiteral("7.7e-5"); }));
    EXPECT_EQ(lineOf("method.r")->text(), QStringLiteral("48"));
    const auto* field = window->page(PageId::Train)->findChild<widgets::OptionField*>(QStringLiteral("field-method.r"));
    EXPECT_TRUE(field->isChanged());
    EXPECT_FALSE(window->page(PageId::Train)->findChild<widgets::OptionField*>(QStringLiteral("field-training.batch_size"))->isChanged());
}

TEST_F(Pages, KeepTheFormWhenARecipeIsBroken)
{
    window->open(PageId::Train);
    const QString before = lineOf("training.learning_rate")->text();
    window->openFiles({QString::fromStdString(dir.write("broken.yaml", "attune_recipe: 1\ntraining:\n  learnin_rate: 3\n"))});

    EXPECT_TRUE(waitFor([this] {
        for (auto* label : window->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QStringLiteral("learnin_rate")))
                return true;
        return false;
    })) << "the message names the key";
    EXPECT_EQ(lineOf("training.learning_rate")->text(), before);
}

TEST_F(Pages, SayWhatIsWrongWithATypedValueAndTakeItBack)
{
    window->open(PageId::Train);
    auto* line = lineOf("training.learning_rate");
    ASSERT_NE(line, nullptr);
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("quick"));
    auto* start = window->findChild<QPushButton*>(QStringLiteral("start-training"));
    ASSERT_NE(start, nullptr);

    EXPECT_TRUE(line->property("error").toBool());
    EXPECT_EQ(line->text(), QStringLiteral("quick")) << "what is typed stays for who types";
    EXPECT_TRUE(waitFor([&] { return !start->isEnabled(); }));

    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("0.001"));
    EXPECT_FALSE(line->property("error").toBool());
    EXPECT_TRUE(window->page(PageId::Train)->findChild<widgets::OptionField*>(QStringLiteral("field-training.learning_rate"))->isChanged());
}

TEST_F(Pages, ProposeWhatIsAddedMeanwhile)
{
    window->open(PageId::Train);
    auto* field = window->page(PageId::Train)->findChild<widgets::OptionField*>(QStringLiteral("field-model.base"));
    ASSERT_NE(field, nullptr);
    ASSERT_TRUE(waitFor([&] { return field->findChild<QComboBox*>() != nullptr; }));
    EXPECT_EQ(field->findChild<QComboBox*>()->count(), 0);

    ASSERT_TRUE(history->putModel({.name = "tiny", .path = dir.path("no-such-model.gguf"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    ASSERT_TRUE(waitFor([&] { return field->findChild<QComboBox*>()->findData(QStringLiteral("tiny")) >= 0; }));
    EXPECT_EQ(field->findChild<QComboBox*>()->currentData().toString(), QStringLiteral("tiny")) << "the only model is proposed";
    EXPECT_TRUE(says(PageId::Train, "There is no dataset yet"));
}

TEST_F(Pages, SayWhatIsMissingBeforeARunCanStart)
{
    window->open(PageId::Train);
    EXPECT_TRUE(says(PageId::Train, "There is no model yet"));
    EXPECT_FALSE(window->findChild<QPushButton*>(QStringLiteral("start-training"))->isEnabled());
    auto* help = window->findChild<QPushButton*>(QStringLiteral("unblock"));
    ASSERT_TRUE(help && help->isVisible());
    QTest::mouseClick(help, Qt::LeftButton);
    EXPECT_TRUE(waitFor([this] { return window->page(PageId::Models)->isVisible(); })) << "the button leads to where models are added";
}

TEST_F(Pages, TakeAnAnswerThatComesAfterTheConversationWasCleared)
{
    ASSERT_TRUE(history->putModel({.name = "tiny", .path = dir.path("no-such-model.gguf"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    window->open(PageId::TryOut);
    auto* input = window->findChild<QPlainTextEdit*>(QStringLiteral("chat-input"));
    ASSERT_NE(input, nullptr);
    for (const char* name : {"choice-0", "choice-1"}) {
        auto* choice = part<QComboBox>(name);
        ASSERT_NE(choice, nullptr) << name;
        ASSERT_TRUE(waitFor([&] { return choice->findData(QStringLiteral("tiny")) >= 0; }));
        choice->setCurrentIndex(choice->findData(QStringLiteral("tiny")));
    }
    for (int round = 0; round < 3; ++round) {
        QTest::keyClicks(input, QStringLiteral("Hello"));
        QTest::keyClick(input, Qt::Key_Return);
        EXPECT_TRUE(input->toPlainText().isEmpty());
        // At once: the answer is still on its way.
        ASSERT_TRUE(chooseInMenu(PageId::TryOut, "New conversation"));
        ASSERT_TRUE(waitFor([this] { return button("Send to both") != nullptr; }));
        EXPECT_THAT(said(PageId::TryOut), Not(HasSubstr("Hello")));
    }
    QTest::keyClicks(input, QStringLiteral("Hello"));
    QTest::keyClick(input, Qt::Key_Return);
    ASSERT_TRUE(waitFor([this] { return button("Send to both") != nullptr; }));
    EXPECT_TRUE(says(PageId::TryOut, "Hello"));
    EXPECT_THAT(said(PageId::TryOut), Not(HasSubstr("|…|"))) << "the answer says why there is none";
}

TEST_F(Pages, SayWhyAModelCannotBeAdded)
{
    window->openFiles({QString::fromStdString(dir.write("broken.gguf", "GGUF but no more"))});
    EXPECT_EQ(shown(), window->page(PageId::Models));
    EXPECT_TRUE(waitFor([this] {
        for (auto* label : window->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QStringLiteral("broken.gguf")))
                return true;
        return false;
    }));
    const auto models = history->models();
    EXPECT_TRUE(models && models->empty());
}

TEST_F(Pages, ChooseTheThemeInTheSettings)
{
    window->open(PageId::Settings);
    widgets::SegmentedControl* theme = nullptr;
    for (auto* control : window->page(PageId::Settings)->findChildren<widgets::SegmentedControl*>())
        if (control->accessibleName() == QStringLiteral("Theme"))
            theme = control;
    ASSERT_NE(theme, nullptr);
    theme->setCurrentIndex(0);
    QTest::mouseClick(theme, Qt::LeftButton, {}, QPoint(theme->width() - 8, theme->height() / 2));
    EXPECT_EQ(style::theme(), style::Theme::Dark);
    EXPECT_EQ(settings.value(QStringLiteral("appearance/theme")).toString(), QStringLiteral("dark"));
    waitFor([] { return false; }, 50);
    EXPECT_LT(window->grab().toImage().pixelColor(window->width() - 20, window->height() / 2).lightness(), 80);
    QTest::keyClick(theme, Qt::Key_Left);
    EXPECT_EQ(style::theme(), style::Theme::Light);
}

TEST_F(Pages, KeepNoteOfJobsInActivity)
{
    window->openFiles({QString::fromStdString(dir.write("broken.gguf", "GGUF but no more"))});
    window->open(PageId::Activity);
    EXPECT_TRUE(waitFor([this] {
        for (auto* view : window->page(PageId::Activity)->findChildren<QTableView*>())
            for (int row = 0; view->isVisible() && row < view->model()->rowCount(); ++row)
                if (view->model()->index(row, 0).data().toString().contains(QStringLiteral("broken.gguf")))
                    return true;
        return said(PageId::Activity).find("broken.gguf") != std::string::npos;
    }));
}

TEST_F(Pages, CompareTheRunsThatAreSelected)
{
    press(Qt::Key_5);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
    EXPECT_EQ(part<QPushButton>("runs-compare"), nullptr) << "nothing is selected";
    const auto click = [this](int row, Qt::KeyboardModifiers modifiers) {
        QTest::mouseClick(runs()->viewport(), Qt::LeftButton, modifiers, runs()->visualRect(runs()->model()->index(row, 0)).center());
    };
    click(0, {});
    ASSERT_NE(button("Compare 1"), nullptr);
    EXPECT_FALSE(button("Compare 1")->isEnabled());
    click(2, Qt::ControlModifier);
    ASSERT_NE(button("Compare 2"), nullptr);
    ASSERT_TRUE(button("Compare 2")->isEnabled());
    QTest::mouseClick(button("Compare 2"), Qt::LeftButton);

    plots::CurvePanel* panel = nullptr;
    ASSERT_TRUE(waitFor([&] {
        for (auto* one : window->page(PageId::Runs)->findChildren<plots::CurvePanel*>())
            if (one->isVisible() && one->toCsv().count(QLatin1Char('\n')) > 1)
                panel = one;
        return panel != nullptr;
    }));
    const QString csv = panel->toCsv();
    EXPECT_TRUE(csv.contains(QString::fromStdString(done + ",")));
    EXPECT_TRUE(csv.contains(QString::fromStdString(failed + ",")));
    EXPECT_FALSE(csv.contains(QString::fromStdString(running)));
    for (const auto& line : csv.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        EXPECT_EQ(line.count(QLatin1Char(',')), line.startsWith(QLatin1Char('"')) ? 3 : 2) << line.toStdString() << ": a comma in a name is quoted";
}

TEST_F(Pages, HideArchivedRunsUntilAsked)
{
    press(Qt::Key_5);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
    ASSERT_TRUE(history->annotateRun(failed, "too fast", {"lost"}, true));
    EXPECT_TRUE(waitFor([this] { return runs()->shownRows() == 2; }));
    ASSERT_TRUE(press("Archived"));
    EXPECT_EQ(runs()->shownRows(), 3);
}

TEST_F(Pages, FilterRunsByWhatIsTyped)
{
    press(Qt::Key_5);
    ASSERT_TRUE(waitFor([this] { return runs()->shownRows() == 3; }));
    for (auto* line : window->page(PageId::Runs)->findChildren<QLineEdit*>())
        if (line->accessibleName() == QStringLiteral("Filter runs"))
            QTest::keyClicks(line, QStringLiteral("story"));
    EXPECT_EQ(runs()->shownRows(), 1);
    EXPECT_THAT(said(PageId::Runs), HasSubstr("1 of 3"));
}

}
