// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window.h"

#include "base/file.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/engine.h"
#include "pipeline/recipe.h"
#include "widgets/choice_segments.h"
#include "widgets/collapsible_group.h"
#include "widgets/option_field.h"
#include "widgets/panel.h"
#include "widgets/token_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTest>
#include <QTimer>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::waitFor;
using widgets::OptionField;

/// The Train page with the starter model and a small dataset of prompts and answers.
class TrainForm : public tests::WindowTest
{
protected:
    void SetUp() override
    {
        if (!fs::exists(tests::starterModel()))
            GTEST_SKIP() << "the starter model is not there";
        ASSERT_TRUE(history->putModel({.name = "starter", .path = tests::starterModel(), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
        std::string text;
        for (int i = 0; i < 64; ++i)
            text += "{\"prompt\": \"What is " + std::to_string(i) + " and one?\", \"completion\": \"It is " + std::to_string(i + 1) + ".\"}\n";
        ASSERT_TRUE(pipeline::importDataset(*history, {dir.write("sums.jsonl", text)}, "sums", {}, false, {}));
        window->open(PageId::Train);
        ASSERT_TRUE(waitFor([this] { return start()->isEnabled() && fact(1).contains(QStringLiteral("tokens each")); })) << blocked();
    }

    QWidget* page() { return window->page(PageId::Train); }
    OptionField* field(const char* key) { return page()->findChild<OptionField*>(QStringLiteral("field-") + QLatin1String(key)); }
    QLineEdit* line(const char* key) { return field(key)->editor()->findChild<QLineEdit*>(); }
    QComboBox* combo(const char* key) { return field(key)->editor()->combo(); }
    QPushButton* start() { return page()->findChild<QPushButton*>(QStringLiteral("start-training")); }
    QComboBox* presets() { return page()->findChild<QComboBox*>(QStringLiteral("presets")); }
    QLineEdit* finder() { return page()->findChild<QLineEdit*>(QStringLiteral("find-setting")); }
    widgets::CollapsibleGroup* group(const char* id) { return page()->findChild<widgets::CollapsibleGroup*>(QStringLiteral("group-") + QLatin1String(id)); }
    QString fact(int index) { return page()->findChild<QLabel*>(QStringLiteral("fact-%1").arg(index))->text(); }
    std::string blocked() { return page()->findChild<QLabel*>(QStringLiteral("blocked"))->text().toStdString(); }
    std::string said()
    {
        QStringList all;
        for (auto* label : page()->findChildren<QLabel*>())
            if (label->isVisible())
                all.append(label->text());
        return all.join(QLatin1Char('|')).toStdString();
    }
    /// Chooses in a list as one does without a mouse: by the first letters of a name.
    void choose(QComboBox* combo, const char* letters)
    {
        combo->setFocus();
        QTest::keyClicks(combo, QString::fromLatin1(letters));
    }
    void type(const char* key, const char* text)
    {
        line(key)->setFocus();
        line(key)->selectAll();
        QTest::keyClicks(line(key), QString::fromLatin1(text));
    }
    /// Types a path into the file dialog that opens next.
    void answerFileDialog(const std::string& path)
    {
        QTimer::singleShot(0, window.get(), [this, path] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            if (!dialog)
                return answerFileDialog(path);
            auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
            name->setText(QString::fromStdString(path));
            QTest::keyClick(name, Qt::Key_Return);
        });
    }
    /// What the page would start: saved through its button.
    Result<pipeline::Recipe> saved()
    {
        const std::string path = dir.path("saved.yaml");
        std::error_code ignored;
        fs::remove(path, ignored);
        answerFileDialog(path);
        QTest::mouseClick(page()->findChild<QPushButton*>(QStringLiteral("save-recipe")), Qt::LeftButton);
        window->activateWindow();
        EXPECT_TRUE(waitFor([this] { return window->isActiveWindow(); }));
        return pipeline::Recipe::read(path);
    }
    bool hasEngine() { return pipeline::openEngine().has_value(); }
};

}

TEST_F(TrainForm, ShowsTheFieldsOfTheMethodThatIsChosen)
{
    EXPECT_TRUE(field("method.r")->isVisible());
    EXPECT_FALSE(field("method.reduction_factor")->isVisible());
    EXPECT_EQ(group("method")->name(), QStringLiteral("LoRA"));
    choose(combo("method.type"), "Bottleneck");
    EXPECT_TRUE(field("method.reduction_factor")->isVisible());
    EXPECT_FALSE(field("method.r")->isVisible());
    EXPECT_EQ(group("method")->name(), QStringLiteral("Bottleneck adapters"));
    group("method")->setOpen(true);
    EXPECT_TRUE(field("method.placement")->isVisible());
    EXPECT_FALSE(field("method.lora_alpha")->isVisible());
    ASSERT_TRUE(waitFor([this] { return field("method.type")->hintText().contains(QStringLiteral("adapter folder only")); })) << field("method.type")->hintText().toStdString();
    EXPECT_TRUE(waitFor([this] { return field("method.reduction_factor")->hintText().contains(QStringLiteral("36 values wide")); }));
    EXPECT_EQ(saved()->text("method.type"), "bottleneck");
}

TEST_F(TrainForm, FollowsTheRolesOfTheDataset)
{
    auto* objective = combo("objective.type");
    ASSERT_TRUE(waitFor([&] { return objective->findData(QStringLiteral("dpo")) >= 0 && !(objective->model()->index(objective->findData(QStringLiteral("dpo")), 0).flags() & Qt::ItemIsEnabled); }));
    EXPECT_TRUE(objective->itemData(objective->findData(QStringLiteral("dpo")), Qt::ToolTipRole).toString().contains(QStringLiteral("chosen and rejected"))) << "and says why";
    EXPECT_TRUE(objective->model()->index(objective->findData(QStringLiteral("pretrain")), 0).flags() & Qt::ItemIsEnabled);

    std::string pairs;
    for (int i = 0; i < 40; ++i)
        pairs += "{\"prompt\": \"Number " + std::to_string(i) + "?\", \"chosen\": \"Gladly.\", \"rejected\": \"No.\"}\n";
    ASSERT_TRUE(pipeline::importDataset(*history, {dir.write("pairs.jsonl", pairs)}, "pairs", {}, false, {}));
    ASSERT_TRUE(waitFor([this] { return combo("data.train")->findData(QStringLiteral("pairs")) >= 0; }));
    choose(combo("data.train"), "pairs");
    ASSERT_TRUE(waitFor([&] { return objective->model()->index(objective->findData(QStringLiteral("dpo")), 0).flags() & Qt::ItemIsEnabled; }));
    choose(objective, "Preferences (D");
    EXPECT_TRUE(group("objective")->isOpen()) << "a new objective shows what it brings";
    EXPECT_TRUE(field("objective.beta")->isVisible());
    EXPECT_FALSE(field("training.label_smoothing")->isBlocked() && field("training.label_smoothing")->hintText().isEmpty());
    EXPECT_TRUE(field("training.label_smoothing")->isBlocked());
    EXPECT_THAT(field("training.label_smoothing")->hintText().toStdString(), HasSubstr("no meaning"));
    // Both answers stand side by side.
    EXPECT_TRUE(waitFor([this] { return said().find("Chosen answers") != std::string::npos && said().find("Rejected answers") != std::string::npos; }));
}

TEST_F(TrainForm, KeepsWeightsThatTheMethodAllows)
{
    auto* weights = page()->findChild<widgets::ChoiceSegments*>();
    ASSERT_NE(weights, nullptr);
    ASSERT_EQ(weights->accessibleName(), QStringLiteral("How the frozen weights are kept"));
    EXPECT_EQ(weights->currentIndex(), 2);
    weights->setFocus();
    QTest::keyClick(weights, Qt::Key_Left);
    QTest::keyClick(weights, Qt::Key_Left);
    EXPECT_EQ(saved()->text("model.quantization"), "nf4");
    choose(combo("method.type"), "All");
    EXPECT_EQ(saved()->text("model.quantization"), "none") << "all weights cannot be trained in 4 bits";
    ASSERT_TRUE(waitFor([&] { return !weights->isPossible(0); }));
    weights->setFocus();
    QTest::keyClick(weights, Qt::Key_Left);
    EXPECT_EQ(weights->currentIndex(), 2);
    QTest::mouseClick(weights, Qt::LeftButton, {}, QPoint(8, weights->height() / 2));
    EXPECT_EQ(saved()->text("model.quantization"), "none");
}

TEST_F(TrainForm, StartsFromAPresetAndGoesBackToIt)
{
    ASSERT_TRUE(waitFor([this] { return presets()->findData(QStringLiteral("style-few-rows")) >= 0; }));
    choose(presets(), "Learn a style");
    EXPECT_EQ(line("training.learning_rate")->text(), QStringLiteral("1e-4"));
    EXPECT_EQ(line("method.r")->text(), QStringLiteral("8"));
    EXPECT_EQ(combo("data.train")->currentData().toString(), QStringLiteral("sums")) << "the dataset is one's own";
    EXPECT_FALSE(field("method.r")->isChanged());
    EXPECT_THAT(said(), HasSubstr("As the preset has it."));

    type("training.learning_rate", "3e-4");
    EXPECT_TRUE(field("training.learning_rate")->isChanged());
    EXPECT_EQ(presets()->accessibleDescription(), QStringLiteral("· 1 changed"));
    EXPECT_THAT(said(), HasSubstr("Differs from preset: learning rate."));
    group("method")->setOpen(true);
    type("method.lora_alpha", "64");
    EXPECT_EQ(group("method")->badge(), QStringLiteral("1 changed"));

    for (auto* reset : field("training.learning_rate")->findChildren<QToolButton*>())
        if (reset->isVisible() && reset->toolTip().startsWith(QStringLiteral("Back to")))
            QTest::mouseClick(reset, Qt::LeftButton);
    EXPECT_EQ(line("training.learning_rate")->text(), QStringLiteral("1e-4")) << "the preset's value, not the default";
    EXPECT_FALSE(field("training.learning_rate")->isChanged());

    auto* more = page()->findChild<QToolButton*>(QStringLiteral("train-more"));
    emit more->findChild<QMenu*>()->aboutToShow();
    for (auto* action : more->findChild<QMenu*>()->actions())
        if (action->text().contains(QStringLiteral("Reset")))
            action->trigger();
    EXPECT_EQ(line("method.lora_alpha")->text(), QStringLiteral("16"));
    EXPECT_EQ(group("method")->badge(), QString());
}

TEST_F(TrainForm, FindsASettingInAnyGroup)
{
    EXPECT_FALSE(field("method.lora_dropout")->isVisible());
    QTest::keyClick(window->windowHandle(), Qt::Key_F, Qt::ControlModifier);
    ASSERT_TRUE(waitFor([this] { return finder()->hasFocus(); }));
    QTest::keyClicks(finder(), QStringLiteral("dropout"));
    EXPECT_TRUE(field("method.lora_dropout")->isVisible());
    EXPECT_FALSE(field("method.lora_alpha")->isVisible());
    EXPECT_FALSE(field("training.learning_rate")->isVisible());
    EXPECT_FALSE(group("checkpoints")->isVisible());
    QTest::keyClick(finder(), Qt::Key_Return);
    EXPECT_TRUE(line("method.lora_dropout")->hasFocus());
    QTest::keyClicks(line("method.lora_dropout"), QStringLiteral("5"));

    finder()->setFocus();
    QTest::keyClick(finder(), Qt::Key_Escape);
    EXPECT_TRUE(field("training.learning_rate")->isVisible());
    EXPECT_FALSE(field("method.lora_dropout")->isVisible()) << "its group is folded again";
    EXPECT_TRUE(group("checkpoints")->isVisible());

    QTest::keyClicks(finder(), QStringLiteral("virtual tokens"));
    EXPECT_THAT(said(), HasSubstr("Virtual tokens belongs to: ")) << "a setting of another method says so";
}

TEST_F(TrainForm, SaysInWordsWhyARunCannotStart)
{
    const auto before = history->runs()->size();
    group("optimizer")->setOpen(true);
    type("training.warmup_ratio", "7");
    group("optimizer")->setOpen(false);
    EXPECT_TRUE(waitFor([this] { return !start()->isEnabled(); }));
    EXPECT_THAT(blocked(), testing::StartsWith("Warm-up share is 7; it must be between 0 and 1"));
    start()->setFocus();
    QTest::keyClick(window->windowHandle(), Qt::Key_Return, Qt::ControlModifier);
    EXPECT_TRUE(waitFor([this] { return line("training.warmup_ratio")->hasFocus(); })) << "the key leads to what is wrong";
    EXPECT_EQ(history->runs()->size(), before);
    const int height = field("training.warmup_ratio")->height();
    type("training.warmup_ratio", "0.1");
    EXPECT_EQ(field("training.warmup_ratio")->height(), height) << "nothing jumps";
    EXPECT_TRUE(waitFor([this] { return start()->isEnabled(); })) << blocked();

    type("data.max_length", "8");
    EXPECT_TRUE(waitFor([this] { return !start()->isEnabled(); })) << "every answer is cut off";
    EXPECT_THAT(blocked(), Not(testing::IsEmpty()));
}

TEST_F(TrainForm, SaysWhatIsWrongWithAFieldWithoutMovingTheForm)
{
    const auto isLaidOut = [this] { return field("method.type")->y() >= field("objective.type")->geometry().bottom(); };
    ASSERT_TRUE(waitFor([&] { return field("method.type")->hintText().contains(QStringLiteral("trained")) && isLaidOut(); }));
    std::map<QString, int> before;
    for (const auto* row : page()->findChildren<widgets::FieldRow*>())
        if (row->isVisible())
            before[row->objectName()] = row->mapTo(page(), QPoint()).y();
    const QString wrong = QStringLiteral("Learning rate must be a number, e.g. 2e-4");

    type("training.learning_rate", "abc");

    EXPECT_EQ(field("training.learning_rate")->error(), wrong);
    EXPECT_FALSE(start()->isEnabled());
    EXPECT_EQ(blocked(), wrong.toStdString()) << "the reason is near the button";
    EXPECT_TRUE(waitFor([this] { return fact(0) == QStringLiteral("–"); })) << "no figures of settings that no longer stand";
    EXPECT_THAT(said(), HasSubstr("Counted once the settings above hold"));
    for (const auto* row : page()->findChildren<widgets::FieldRow*>()) {
        if (row->isVisible()) {
            EXPECT_EQ(row->mapTo(page(), QPoint()).y(), before[row->objectName()]) << row->objectName().toStdString();
        }
    }
    type("training.learning_rate", "1e-4");
    EXPECT_TRUE(waitFor([this] { return start()->isEnabled() && fact(1).contains(QStringLiteral("tokens each")); })) << blocked();
}

TEST_F(TrainForm, SaysAtTheFieldWhatTheCheckFoundWrongWithIt)
{
    window->open(PageId::Train, QStringLiteral("set:objective.type=distill"));
    EXPECT_TRUE(waitFor([this] { return blocked().find("needs a model to learn from") != std::string::npos; })) << blocked();
    const auto isMarked = [this] { return field("objective.teacher")->editor()->combo()->property("error").toBool(); };
    EXPECT_TRUE(isMarked());
    EXPECT_THAT(said(), HasSubstr("Distillation needs a model to learn from. Name a model with the same vocabulary."));
    EXPECT_THAT(said(), HasSubstr("Counted once the settings above hold")) << "no forecast of settings that no longer stand";
    window->open(PageId::Train, QStringLiteral("set:objective.type=sft"));
    EXPECT_TRUE(waitFor([this] { return start()->isEnabled(); })) << blocked();
    EXPECT_FALSE(isMarked());
}

TEST_F(TrainForm, ShowsTheFirstBatchAndLooksCloser)
{
    ASSERT_TRUE(waitFor([this] { return said().find("rows, ") != std::string::npos && button("Look closer") && button("Look closer")->isEnabled(); }));
    type("training.batch_size", "2");
    field("data.packing");
    group("data")->setOpen(true);
    auto* packing = field("data.packing")->editor()->focusProxy();
    packing->setFocus();
    QTest::keyClick(packing, Qt::Key_Space);
    ASSERT_TRUE(waitFor([this] { return said().find("2 rows, ") != std::string::npos; }));
    EXPECT_THAT(field("training.batch_size")->hintText().toStdString(), HasSubstr("= 2 rows per step"));
    QTest::mouseClick(button("Look closer"), Qt::LeftButton);
    QDialog* dialog = nullptr;
    ASSERT_TRUE(waitFor([&] { return (dialog = page()->findChild<QDialog*>(QStringLiteral("batch-dialog"))) != nullptr; }));
    auto* rows = dialog->findChild<widgets::Table*>();
    ASSERT_TRUE(waitFor([&] { return rows->shownRows() == 3; })) << "all, and two rows";
    QTest::keyClick(dialog, Qt::Key_Escape);
    EXPECT_TRUE(waitFor([this] { return page()->findChild<QDialog*>(QStringLiteral("batch-dialog")) == nullptr; }));
}

TEST_F(TrainForm, CopiesACommandThatStartsTheSame)
{
    type("training.learning_rate", "5e-4");
    QTest::mouseClick(page()->findChild<QPushButton*>(QStringLiteral("copy-command")), Qt::LeftButton);
    const QString command = QApplication::clipboard()->text();
    EXPECT_THAT(command.toStdString(), HasSubstr("run start"));
    const auto recipe = pipeline::Recipe::read(command.section(QLatin1Char(' '), -1).toStdString());
    ASSERT_TRUE(recipe) << command.toStdString();
    EXPECT_EQ(recipe->number("training.learning_rate"), 5e-4);
    EXPECT_EQ(recipe->toYaml(), saved()->toYaml());
}

TEST_F(TrainForm, WritesAndReadsTheConfigurationsOfOthers)
{
    const std::string peft = dir.path("adapter");
    ASSERT_TRUE(makeFolder(peft));
    dir.write("adapter/adapter_config.json", R"({"peft_type": "LORA", "r": 24, "lora_alpha": 48, "base_model_name_or_path": "starter", "target_modules": ["q_proj", "v_proj"]})");
    auto* more = page()->findChild<QToolButton*>(QStringLiteral("train-more"));
    emit more->findChild<QMenu*>()->aboutToShow();
    answerFileDialog(peft);
    for (auto* action : more->findChild<QMenu*>()->actions())
        if (action->text().contains(QStringLiteral("PEFT")))
            action->trigger();
    EXPECT_EQ(line("method.r")->text(), QStringLiteral("24"));
    EXPECT_EQ(line("method.target_modules")->text(), QStringLiteral("q_proj, v_proj"));
}

TEST_F(TrainForm, StartsTheRunThatTheFormShows)
{
    if (!hasEngine())
        GTEST_SKIP() << "the engine is not built";
    type("training.batch_size", "1");
    type("data.max_length", "64");
    type("method.r", "4");
    group("optimizer")->setOpen(true);
    type("training.max_steps", "2");
    ASSERT_TRUE(waitFor([this] { return start()->isEnabled() && fact(1).startsWith(QStringLiteral("2,")); })) << blocked() << fact(1).toStdString();
    const auto recipe = saved();
    ASSERT_TRUE(recipe);
    const auto before = history->runs()->size();

    QTest::keyClick(window->windowHandle(), Qt::Key_Return, Qt::ControlModifier);

    ASSERT_TRUE(waitFor([&] { return history->runs()->size() == before + 1 && fs::exists(history->runs()->front().recipe); }, 60000));
    const auto run = history->runs()->front();
    const auto frozen = pipeline::Recipe::read(run.recipe);
    ASSERT_TRUE(frozen);
    for (const auto& option : pipeline::recipeSchema().options()) {
        if (option.key != "model.base" && option.key != "data.train" && option.key != "data.eval" && option.key != "data.template_date" && recipe->isVisible(option)) {
            EXPECT_EQ(frozen->value(option.key), recipe->value(option.key)) << option.key;
        }
    }
    EXPECT_EQ(run.name, "sums");
    EXPECT_TRUE(waitFor([&] { return history->run(run.id)->status == store::RunStatus::Completed; }, 120000));
    EXPECT_EQ(shown(), window->page(PageId::Runs)) << "the run is what one sees now";
}

TEST_F(TrainForm, SaysAtTheDatasetThatItsFileIsGone)
{
    fs::remove(dir.path("sums.jsonl"));
    type("data.max_length", "64");  // no rows of that length wait in the cache

    ASSERT_TRUE(waitFor([this] { return !field("data.train")->error().isEmpty(); })) << blocked();
    EXPECT_EQ(field("data.train")->error().toStdString(),
        "The file " + dir.path("sums.jsonl") + " of the dataset sums is gone. Put back what was imported, or import the file again on the page of the dataset.");
    EXPECT_EQ(blocked(), "The rows of the dataset cannot be read.");
    EXPECT_FALSE(start()->isEnabled());
    const std::string all = said();
    EXPECT_NE(all.find("is gone"), std::string::npos);
    EXPECT_EQ(all.find("is gone"), all.rfind("is gone")) << all;
}

TEST_F(TrainForm, WarnsThatARunWithoutItsFileCannotBeRepeated)
{
    fs::remove(dir.path("sums.jsonl"));
    type("training.num_train_epochs", "4");  // the rows of this length are in the cache

    ASSERT_TRUE(waitFor([this] { return said().find("it could not be repeated") != std::string::npos; })) << said();
    EXPECT_THAT(said(), HasSubstr("The file " + dir.path("sums.jsonl") + " of the dataset sums is gone."));
    EXPECT_TRUE(start()->isEnabled());
    ASSERT_TRUE(press("Locate…"));
    EXPECT_EQ(shown(), window->page(PageId::Datasets));
}

TEST_F(TrainForm, CallsModelAndDatasetOfARunByTheirNames)
{
    const std::string text = "attune_recipe: 1\nmodel: {base: \"" + tests::starterModel() + "\"}\ndata: {train: sums@1}\n";
    window->open(PageId::Train, QStringLiteral("recipe:") + QString::fromStdString(dir.write("again.yaml", text)));

    ASSERT_TRUE(waitFor([this] { return combo("data.train")->currentText() == QStringLiteral("sums v1"); })) << combo("data.train")->currentText().toStdString();
    EXPECT_EQ(combo("data.train")->currentData().toString(), QStringLiteral("sums@1")) << "the version stays named";
    EXPECT_EQ(combo("model.base")->currentText(), QString::fromStdString(fs::path(tests::starterModel()).filename().string()));
    EXPECT_EQ(combo("model.base")->toolTip(), QString::fromStdString(tests::starterModel()));
    const std::string run = dir.write("workspace/again.yaml", text);
    window->open(PageId::Train, QStringLiteral("recipe:") + QString::fromStdString(run));
    EXPECT_TRUE(waitFor([this] { return combo("model.base")->currentText() == QStringLiteral("starter"); })) << "the model of a run is the one on the list";
    EXPECT_TRUE(waitFor([this] { return start()->isEnabled(); })) << blocked();
}

TEST_F(TrainForm, LeadsToAModelWhoseFileIsMissing)
{
    ASSERT_TRUE(history->putModel({.name = "moved", .path = dir.path("moved.gguf"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    window->open(PageId::Train, QStringLiteral("model:moved"));

    ASSERT_TRUE(waitFor([this] { return blocked().find("The file of the model moved is missing: it was at " + dir.path("moved.gguf")) != std::string::npos; })) << blocked();
    EXPECT_FALSE(start()->isEnabled());
    ASSERT_TRUE(press("Show the model"));
    EXPECT_EQ(shown(), window->page(PageId::Models));
    EXPECT_TRUE(waitFor([this] { return part<QLabel>("model-gone") != nullptr; }));
}

TEST_F(TrainForm, KnowsBeforeTheRunThatTheRowsDoNotSuitTheObjective)
{
    std::string rows;
    for (int i = 0; i < 40; ++i)
        rows += "{\"text\": \"I lost card " + std::to_string(i) + "\", \"label\": \"" + (i % 2 ? "lost" : "found") + "\"}\n";
    ASSERT_TRUE(pipeline::importDataset(*history, {dir.write("cards.jsonl", rows)}, "cards", {}, false, {}));
    window->open(PageId::Train, QStringLiteral("data:cards"));
    window->open(PageId::Train, QStringLiteral("set:objective.type=token_classification"));

    ASSERT_TRUE(waitFor([this] { return blocked().find("lists of words with lists of labels") != std::string::npos; })) << blocked();
    EXPECT_FALSE(start()->isEnabled());
    EXPECT_EQ(blocked().find("token_classification"), std::string::npos) << blocked();
    EXPECT_THAT(blocked(), HasSubstr("Label words"));
}

TEST_F(TrainForm, MeasuresAStepAndForgetsIt)
{
    if (!hasEngine())
        GTEST_SKIP() << "the engine is not built";
    type("training.batch_size", "1");
    type("data.max_length", "64");
    ASSERT_TRUE(waitFor([this] { return start()->isEnabled(); })) << blocked();
    EXPECT_EQ(fact(4), QStringLiteral("not measured yet"));
    const auto before = history->runs()->size();

    QTest::mouseClick(page()->findChild<QPushButton*>(QStringLiteral("test-step")), Qt::LeftButton);

    ASSERT_TRUE(waitFor([this] { return fact(4).contains(QStringLiteral("s per step")); }, 120000));
    EXPECT_TRUE(fact(4).startsWith(QStringLiteral("about")));
    EXPECT_EQ(history->runs()->size(), before) << "nothing is in the history";
    for (const auto& entry : fs::directory_iterator(workspace() + "/cache"))
        EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("trial")));
    type("method.r", "8");
    EXPECT_TRUE(waitFor([this] { return fact(4) == QStringLiteral("not measured yet"); })) << "another rank costs something else";
}

}
