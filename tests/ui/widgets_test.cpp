// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/recipe.h"
#include "style/theme.h"
#include "ui/fixture.h"
#include "widgets/collapsible_group.h"
#include "widgets/memory_bar.h"
#include "widgets/option_field.h"
#include "widgets/panel.h"
#include "widgets/token_view.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <gmock/gmock.h>

namespace attune::widgets {
namespace {

using testing::HasSubstr;

const Option& optionOf(const char* key)
{
    return *pipeline::recipeSchema().find(key);
}

/// The button that puts the preset's value back.
QToolButton* resetOf(OptionField& field)
{
    for (auto* button : field.findChildren<QToolButton*>())
        if (button->toolTip() == OptionField::tr("Back to the preset's value"))
            return button;
    return nullptr;
}

/// All that the labels of a widget say.
std::string textsOf(const QWidget& widget)
{
    QStringList all;
    for (const auto* label : widget.findChildren<QLabel*>())
        all.append(label->text());
    return all.join(QLatin1Char('|')).toStdString();
}

class Widgets : public tests::UiTest
{
};

}

TEST_F(Widgets, MakeAFieldOfEveryOption)
{
    tests::QtMessages messages;
    for (const auto& option : pipeline::recipeSchema().options()) {
        OptionField field(option);
        field.setValue(option.defaultValue);
        EXPECT_FALSE(field.isChanged()) << option.key;
        EXPECT_THAT(textsOf(field), HasSubstr(option.label)) << option.key;
        field.resize(760, field.height());
        EXPECT_GT(tests::coloursOf(field), 2) << option.key;
        const bool isCheck = option.type == OptionType::Boolean, isCombo = option.type == OptionType::Choice || (option.type == OptionType::Text && !option.choices.empty());
        EXPECT_EQ(field.findChildren<QCheckBox*>().size(), isCheck ? 1 : 0) << option.key;
        EXPECT_EQ(field.findChildren<QComboBox*>().size(), isCombo ? 1 : 0) << option.key;
        if (auto* combo = field.findChild<QComboBox*>()) {
            EXPECT_EQ(combo->count(), static_cast<int>(option.choices.size())) << option.key;
        }
        auto* reset = resetOf(field);
        ASSERT_NE(reset, nullptr) << option.key;
        EXPECT_TRUE(reset->isHidden()) << option.key;
    }
    EXPECT_EQ(messages.text(), "");
}

TEST_F(Widgets, PassOnWhatIsTypedIntoAnyField)
{
    for (const auto& option : pipeline::recipeSchema().options()) {
        OptionField field(option);
        auto* line = field.findChild<QLineEdit*>();
        if (!line)
            continue;
        QSignalSpy spy(&field, &OptionField::edited);
        QTest::keyClicks(line, QStringLiteral("7.5e-3"));
        ASSERT_EQ(spy.count(), 6) << option.key;
        EXPECT_EQ(spy.last()[0].toString().toStdString(), option.key);
        EXPECT_EQ(spy.last()[1].toString(), QStringLiteral("7.5e-3")) << option.key;
    }
}

TEST_F(Widgets, ShowARealMinusAndSayAHyphen)
{
    OptionField field(optionOf("training.max_steps"));
    field.setValue(-1);
    auto* line = field.findChild<QLineEdit*>();
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(line->text(), QStringLiteral("\u22121"));
    QSignalSpy spy(&field, &OptionField::edited);
    line->setCursorPosition(2);
    QTest::keyClick(line, Qt::Key_2);
    ASSERT_EQ(spy.count(), 1);
    EXPECT_EQ(spy.last()[1].toString(), QStringLiteral("-12"));
}

TEST_F(Widgets, PassOnWhatIsChosen)
{
    OptionField field(optionOf("training.lr_scheduler"));
    auto* combo = field.findChild<QComboBox*>();
    ASSERT_NE(combo, nullptr);
    ASSERT_GE(combo->count(), 2);
    combo->setCurrentIndex(0);
    QSignalSpy spy(&field, &OptionField::edited);
    QTest::keyClick(combo, Qt::Key_Down);
    ASSERT_EQ(spy.count(), 1);
    EXPECT_EQ(spy.last()[1].toString().toStdString(), field.option().choices[1].value);
}

TEST_F(Widgets, SetAValueWithoutSayingSo)
{
    for (const auto& option : pipeline::recipeSchema().options()) {
        OptionField field(option);
        QSignalSpy spy(&field, &OptionField::edited);
        field.setValue(option.defaultValue);
        if (option.type == OptionType::Boolean)
            field.setValue(!option.defaultValue.get<bool>());
        EXPECT_EQ(spy.count(), 0) << option.key;
    }
}

TEST_F(Widgets, ShowAndTakeBackAChange)
{
    OptionField field(optionOf("training.learning_rate"));
    field.setValue(field.option().defaultValue);
    auto* line = field.findChild<QLineEdit*>();
    const QString before = line->text();
    ASSERT_FALSE(before.isEmpty());
    field.setValue(0.125);
    EXPECT_TRUE(field.isChanged());
    EXPECT_EQ(line->text(), QStringLiteral("0.125"));
    EXPECT_FALSE(resetOf(field)->isHidden());

    QSignalSpy spy(&field, &OptionField::edited), resets(&field, &OptionField::resetRequested);
    resetOf(field)->click();
    EXPECT_EQ(spy.count(), 0) << "the preset says what it goes back to";
    EXPECT_EQ(resets.count(), 1);
    field.setValue(field.option().defaultValue);
    EXPECT_EQ(line->text(), before);
    EXPECT_FALSE(field.isChanged());
    EXPECT_TRUE(resetOf(field)->isHidden());
}

TEST_F(Widgets, TakeBackWhatIsTypedWhileTheFieldHasTheFocus)
{
    OptionField field(optionOf("training.learning_rate"));
    field.setValue(field.option().defaultValue);
    auto* line = field.findChild<QLineEdit*>();
    const QString before = line->text();
    field.show();
    field.activateWindow();
    field.focusField();
    ASSERT_TRUE(tests::waitFor([&] { return line->hasFocus(); }));
    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("0.5"));
    field.setValue(0.5);
    EXPECT_EQ(line->text(), QStringLiteral("0.5"));

    QTest::mouseClick(resetOf(field), Qt::LeftButton);
    field.setValue(field.option().defaultValue, field.option().defaultValue, true);

    EXPECT_EQ(line->text(), before);
}

TEST_F(Widgets, PutLongWordsUnderTheField)
{
    OptionField field(optionOf("training.batch_size"));
    field.resize(700, field.height());
    field.show();
    const int before = field.height();
    const auto shown = [&field] {
        for (auto* label : field.findChildren<HintLabel*>())
            if (label->isVisible() && !label->text().isEmpty())
                return label;
        return static_cast<HintLabel*>(nullptr);
    };
    field.setHint(QStringLiteral("= 16 rows per step"));
    ASSERT_NE(shown(), nullptr);
    EXPECT_EQ(field.height(), before);
    const int column = shown()->x();
    field.setError(QStringLiteral("Rows per step must lie between 1 and 4 096, and typical are 1 to 32; with this many tokens in a row the memory of this computer is not enough."));
    ASSERT_NE(shown(), nullptr);
    EXPECT_GT(field.height(), before) << "nothing is cut";
    EXPECT_LT(shown()->x(), column) << "it begins under the field";
    EXPECT_GE(shown()->height(), HintLabel::heightFor(shown()->text(), true, shown()->width()));
    // Who types there is not made to lose the place.
    field.activateWindow();
    field.focusField();
    ASSERT_TRUE(QTest::qWaitFor([&field] { return field.isAncestorOf(QApplication::focusWidget()); }));
    const int grown = field.height();
    field.setError({});
    EXPECT_EQ(field.height(), grown);
    field.editor()->focusProxy()->clearFocus();
    field.setHint({});
    EXPECT_EQ(field.height(), before);
}

TEST_F(Widgets, SayWhatIsWrongInTheHintsPlace)
{
    OptionField field(optionOf("training.batch_size"));
    field.setHint(QStringLiteral("= 16 rows per step"));
    EXPECT_THAT(textsOf(field), HasSubstr("= 16 rows per step"));
    const int height = field.height();

    field.setError(QStringLiteral("A batch has at least one row."));
    EXPECT_THAT(textsOf(field), HasSubstr("A batch has at least one row."));
    EXPECT_THAT(textsOf(field), Not(HasSubstr("= 16 rows")));
    EXPECT_TRUE(field.findChild<QLineEdit*>()->property("error").toBool());
    EXPECT_EQ(field.height(), height);

    field.setError({});
    EXPECT_THAT(textsOf(field), HasSubstr("= 16 rows per step"));
    EXPECT_FALSE(field.findChild<QLineEdit*>()->property("error").toBool());
}

TEST_F(Widgets, ProposeKnownNames)
{
    OptionField field(optionOf("data.train"));
    field.setProposals({{QStringLiteral("gsm8k"), QStringLiteral("gsm8k, 7 473 rows")}, {QStringLiteral("alpaca"), QStringLiteral("alpaca")}});
    auto* combo = field.findChild<QComboBox*>();
    ASSERT_NE(combo, nullptr);
    field.setValue("alpaca");
    EXPECT_EQ(combo->currentData().toString(), QStringLiteral("alpaca"));
    field.setValue("/elsewhere/rows.jsonl");
    EXPECT_EQ(combo->currentText(), QStringLiteral("/elsewhere/rows.jsonl")) << "a value that is no proposal is shown too";
}

TEST_F(Widgets, LeaveTheListAloneWhenTheProposalsAreTheSame)
{
    OptionField field(optionOf("data.train"));
    const QList<RichItem> proposals {{QStringLiteral("gsm8k"), QStringLiteral("gsm8k")}, {QStringLiteral("alpaca"), QStringLiteral("alpaca")}};
    field.setProposals(proposals);
    auto* combo = field.findChild<QComboBox*>();
    QSignalSpy removed(combo->model(), &QAbstractItemModel::rowsRemoved);
    QSignalSpy reset(combo->model(), &QAbstractItemModel::modelReset);
    field.setProposals(proposals);
    EXPECT_EQ(removed.count() + reset.count(), 0) << "an open list would close under the pointer";
    field.setProposals(proposals.mid(1));
    EXPECT_EQ(combo->count(), 1);
}

TEST_F(Widgets, ChooseSegmentsByMouseAndKeys)
{
    SegmentedControl control({QStringLiteral("Linear"), QStringLiteral("Log"), QStringLiteral("Both of them")});
    control.resize(control.sizeHint());
    QSignalSpy spy(&control, &SegmentedControl::currentChanged);

    QTest::mouseClick(&control, Qt::LeftButton, {}, QPoint(control.width() - 6, control.height() / 2));
    EXPECT_EQ(control.currentIndex(), 2);
    QTest::keyClick(&control, Qt::Key_Right);
    EXPECT_EQ(control.currentIndex(), 2) << "there is nothing further right";
    QTest::keyClick(&control, Qt::Key_Left);
    EXPECT_EQ(control.currentIndex(), 1);
    QTest::mouseClick(&control, Qt::LeftButton, {}, QPoint(6, control.height() / 2));
    EXPECT_EQ(control.currentIndex(), 0);
    EXPECT_EQ(spy.count(), 3);
    control.setCurrentIndex(0);
    control.setCurrentIndex(17);
    EXPECT_EQ(spy.count(), 3);
    EXPECT_EQ(control.currentIndex(), 0);
}

TEST_F(Widgets, FoldGroupsByKeysAndMouse)
{
    CollapsibleGroup group(QStringLiteral("Memory"));
    auto* field = new OptionField(optionOf("training.batch_size"));
    group.addField(field);
    group.show();
    QWidget* head = nullptr;
    for (auto* child : group.findChildren<QWidget*>())
        if (child->accessibleName() == QStringLiteral("Memory"))
            head = child;
    ASSERT_NE(head, nullptr);
    ASSERT_FALSE(field->isVisible());

    QTest::keyClick(head, Qt::Key_Return);
    EXPECT_TRUE(field->isVisible());
    QTest::keyClick(head, Qt::Key_Left);
    EXPECT_FALSE(field->isVisible());
    QTest::keyClick(head, Qt::Key_Left);
    EXPECT_FALSE(field->isVisible());
    QTest::keyClick(head, Qt::Key_Right);
    EXPECT_TRUE(field->isVisible());
    QTest::keyClick(head, Qt::Key_Space);
    EXPECT_FALSE(field->isVisible());
    QTest::mouseClick(head, Qt::LeftButton);
    EXPECT_TRUE(field->isVisible());
}

TEST_F(Widgets, PaintTokensByWhatTheyAre)
{
    TokenView view;
    view.resize(400, 200);
    view.setMessage(QStringLiteral("Nothing yet."));
    const QImage message = view.grab().toImage();
    QList<ShownToken> tokens {{QStringLiteral("<|im_start|>"), false, true, true}, {QStringLiteral("user"), false, false, false}, {QStringLiteral(" Hi"), true, false, false}};
    view.setTokens(tokens);
    const QImage trained = view.grab().toImage();
    tokens[2].isTrained = false;
    view.setTokens(tokens);
    const QImage masked = view.grab().toImage();

    EXPECT_NE(message, trained);
    EXPECT_NE(trained, masked) << "a trained token looks like one that is only read";
    EXPECT_GT(tests::coloursOf(view), 4);
    view.setTokens({});
    EXPECT_NE(view.grab().toImage(), masked);
}

TEST_F(Widgets, PaintManyTokensInAWindowOfScrolling)
{
    TokenView view;
    view.resize(300, 120);
    QList<ShownToken> tokens;
    for (int i = 0; i < 4000; ++i)
        tokens.append({i % 97 == 0 ? QStringLiteral("line\n") : QStringLiteral(" word%1").arg(i), i % 2 == 0, false, i % 500 == 0});
    view.setTokens(tokens);
    view.show();
    EXPECT_GT(view.verticalScrollBar()->maximum(), 1000);
    const QImage top = view.grab().toImage();
    view.verticalScrollBar()->setValue(view.verticalScrollBar()->maximum());
    EXPECT_NE(view.grab().toImage(), top);
}

TEST_F(Widgets, PaintTheMemoryForecast)
{
    MemoryBar bar;
    bar.resize(360, bar.sizeHint().height());
    const double gib = 1024.0 * 1024 * 1024;
    const QImage empty = bar.grab().toImage();
    bar.setParts({{QStringLiteral("weights"), 1 * gib, 0}, {QStringLiteral("adapter"), 0.1 * gib, 1}, {QStringLiteral("reserve"), 0.5 * gib, 4}}, 6 * gib);
    bar.resize(360, bar.sizeHint().height());
    const QImage fits = bar.grab().toImage();
    bar.setParts({{QStringLiteral("weights"), 9 * gib, 0}, {QStringLiteral("adapter"), 0.1 * gib, 1}, {QStringLiteral("reserve"), 0.5 * gib, 4}}, 6 * gib);
    const QImage over = bar.grab().toImage();

    EXPECT_NE(empty, fits);
    EXPECT_NE(fits, over);
    EXPECT_GT(tests::coloursOf(bar), 6);
}

TEST_F(Widgets, TakeZeroAndAbsurdForecasts)
{
    tests::QtMessages messages;
    MemoryBar bar;
    bar.resize(300, 90);
    bar.setParts({}, 0);
    bar.grab();
    bar.setParts({{QStringLiteral("weights"), 0, 0}}, 0);
    bar.grab();
    bar.setParts({{QStringLiteral("weights"), 1e15, 3}}, 1);
    bar.grab();
    EXPECT_EQ(messages.text(), "");
}

TEST_F(Widgets, AnEmptyStateHasRoomForAllItsLines)
{
    EmptyState state(QStringLiteral("sample"), QStringLiteral("This run has no sample prompts. Add some under Train, Evaluation and samples; the run then answers them at each evaluation."));
    state.resize(1100, 500);
    state.show();
    QLabel* label = nullptr;
    ASSERT_TRUE(tests::waitFor([&] { return (label = state.findChild<QLabel*>()) && label->width() <= 460; }));
    EXPECT_GE(label->height(), label->heightForWidth(label->width()));
    EXPECT_GE(label->height(), 2 * label->fontMetrics().height());
}

}
