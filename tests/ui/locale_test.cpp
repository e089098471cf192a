// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/runs/runs_list.h"
#include "pipeline/recipe.h"
#include "plots/series.h"
#include "ui/window.h"
#include "widgets/option_field.h"

#include <QLineEdit>
#include <QLocale>
#include <QSignalSpy>

#include <gmock/gmock.h>

namespace attune::bridge {
namespace {

using testing::HasSubstr;


/// Numbers of a country while it lives.
class In
{
public:
    explicit In(const char* locale) { QLocale::setDefault(QLocale(QLatin1String(locale))); }
    ~In() { QLocale::setDefault(m_former); }
    In(const In&) = delete;
    In& operator=(const In&) = delete;

private:
    QLocale m_former;
};

class LocaleTest : public tests::UiTest
{
};

class LocaleWindow : public tests::WindowTest
{
};

const Option& rate()
{
    return *pipeline::recipeSchema().find("training.learning_rate");
}

}

TEST_F(LocaleTest, WritesNumbersAsTheCountryDoes)
{
    const In germany("de_DE");
    EXPECT_EQ(grouped(12477), QStringLiteral("12.477"));
    EXPECT_EQ(grouped(-1234567), QStringLiteral("\u22121.234.567"));
    EXPECT_EQ(decimal(1.0861, 3), QStringLiteral("1,086"));
    EXPECT_EQ(decimal(-2.44, 1), QStringLiteral("\u22122,4"));
    EXPECT_EQ(decimal(12345.6, 1), QStringLiteral("12.345,6"));
    EXPECT_EQ(significant(0.05, 4), QStringLiteral("0,05"));
    EXPECT_EQ(scientific(7.7e-5), QStringLiteral("7,7e-5"));
    EXPECT_EQ(size(95.5 * 1024 * 1024 * 1024), QStringLiteral("95,50\u00A0GiB"));
    EXPECT_EQ(parameters(1.54e9), QStringLiteral("1,54\u00A0B"));
    EXPECT_EQ(plots::tickText(0.25, 0.25), QStringLiteral("0,25"));
}

TEST_F(LocaleTest, PartsThousandsByASpaceWhereTheSystemSaysNothing)
{
    EXPECT_EQ(decimal(12345.6, 1), QStringLiteral("12\u00A0345.6"));
    EXPECT_EQ(decimal(999.25, 2), QStringLiteral("999.25"));
    EXPECT_EQ(significant(2e-7, 3), QStringLiteral("2e-07"));
}

TEST_F(LocaleTest, ReadsNumbersAsTheyAreTypedAnywhere)
{
    for (const char* country : {"C", "en_US", "de_DE", "fr_FR"}) {
        const In there(country);
        EXPECT_EQ(typedNumber(QStringLiteral("0,05")), QStringLiteral("0.05")) << country;
        EXPECT_EQ(typedNumber(QStringLiteral("0.05")), QStringLiteral("0.05")) << country;
        EXPECT_EQ(typedNumber(QStringLiteral("2e-4")), QStringLiteral("2e-4")) << country;
        EXPECT_EQ(typedNumber(QStringLiteral("2\u00A0048")), QStringLiteral("2048")) << country;
    }
}

TEST_F(LocaleTest, AFieldShowsACommaAndSaysAPoint)
{
    const In germany("de_DE");
    widgets::OptionField field(rate());
    field.setValue(0.0125);
    auto* line = field.findChild<QLineEdit*>();
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(line->text(), QStringLiteral("0,0125"));
    QSignalSpy spy(&field, &widgets::OptionField::edited);
    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("0,5"));
    EXPECT_EQ(spy.last()[1].toString(), QStringLiteral("0.5"));
    QTest::keyClick(line, Qt::Key_Down);
    EXPECT_EQ(line->text(), QStringLiteral("0,2"));
    EXPECT_EQ(spy.last()[1].toString(), QStringLiteral("0.2"));
}

TEST_F(LocaleTest, RecipesKeepTheirPoints)
{
    const In germany("de_DE");
    pipeline::Recipe recipe;
    ASSERT_TRUE(recipe.setText("training.learning_rate", "0.0125"));
    EXPECT_THAT(recipe.toYaml(), HasSubstr("0.0125"));
}

TEST_F(LocaleTest, ALineOfAFileHasNoSpacesOfNumbersAndQuotesWhatItMust)
{
    EXPECT_EQ(csvLine({QStringLiteral("a, b"), QStringLiteral("12\u00A0477"), QStringLiteral("\u22120.5"), QStringLiteral("–"), QStringLiteral("say \"no\"")}),
        QStringLiteral("\"a, b\",12477,-0.5,,\"say \"\"no\"\"\"\n"));
}

TEST_F(LocaleWindow, ATableShowsCommasAndItsFileHasPoints)
{
    press(Qt::Key_5);
    ASSERT_TRUE(tests::waitFor([this] { return runs() && runs()->shownRows() == 3; }));
    auto* list = window->findChild<pages::RunsList*>();
    ASSERT_NE(list, nullptr);
    const QString before = list->csv();
    const In germany("de_DE");
    EXPECT_EQ(list->csv(), before);
    EXPECT_THAT(before.toStdString(), HasSubstr("."));
    QStringList shown;
    for (const auto& line : runs()->texts())
        shown.append(line.join(QLatin1Char('|')));
    EXPECT_TRUE(shown.join(QLatin1Char('|')).contains(QRegularExpression(QStringLiteral("\\d,\\d{3}@")))) << shown.join(QLatin1Char('\n')).toStdString();
}

}
