// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/fonts.h"
#include "style/icons.h"
#include "style/theme.h"
#include "style/tokens.h"
#include "ui/fixture.h"

#include <QFile>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QImage>
#include <QMenu>
#include <QMenuBar>
#include <QPalette>
#include <QRawFont>
#include <QStyle>
#include <QTextLayout>

namespace attune::style {
namespace {

using Colour = QColor Tokens::*;

/// A colour that is drawn and the grounds on which it is drawn.
struct Pairs {
    const char* name;
    Colour ink;
    double limit;  ///< WCAG 2.1: 4.5 for text, 3 for graphics and large or disabled text
    std::vector<Colour> grounds;
};

const std::vector<Colour> kPlanes {&Tokens::window, &Tokens::surface, &Tokens::raised, &Tokens::hover, &Tokens::accentWeak, &Tokens::selection};
const std::vector<Colour> kWeak {&Tokens::successWeak, &Tokens::warningWeak, &Tokens::dangerWeak, &Tokens::infoWeak};
const std::vector<Colour> kBase {&Tokens::window, &Tokens::surface, &Tokens::raised};

const std::vector<Pairs>& pairs()
{
    static const std::vector<Pairs> all {
        {"text", &Tokens::text, 4.5, kPlanes},
        {"text", &Tokens::text, 4.5, kWeak},
        {"text", &Tokens::text, 4.5, {&Tokens::trained, &Tokens::match}},
        {"text2", &Tokens::text2, 4.5, kPlanes},
        {"text2", &Tokens::text2, 4.5, kWeak},
        {"textDisabled", &Tokens::textDisabled, 3, kBase},
        {"accent", &Tokens::accent, 4.5, kPlanes},
        {"accent", &Tokens::accent, 3, {&Tokens::trained}},
        {"onAccent", &Tokens::onAccent, 4.5, {&Tokens::accent, &Tokens::accentHover, &Tokens::accentPressed}},
        {"borderStrong", &Tokens::borderStrong, 3, kBase},
        {"success", &Tokens::success, 4.5, {&Tokens::surface, &Tokens::window, &Tokens::raised, &Tokens::successWeak}},
        {"warning", &Tokens::warning, 4.5, {&Tokens::surface, &Tokens::window, &Tokens::raised, &Tokens::warningWeak}},
        {"danger", &Tokens::danger, 4.5, {&Tokens::surface, &Tokens::window, &Tokens::raised, &Tokens::dangerWeak}},
        {"info", &Tokens::info, 4.5, {&Tokens::surface, &Tokens::window, &Tokens::raised, &Tokens::infoWeak}},
        {"masked", &Tokens::masked, 4.5, {&Tokens::surface, &Tokens::raised}},
        {"special", &Tokens::special, 4.5, {&Tokens::specialBg, &Tokens::surface}},
        {"addText", &Tokens::addText, 4.5, {&Tokens::addBg}},
        {"delText", &Tokens::delText, 4.5, {&Tokens::delBg}},
        {"chgText", &Tokens::chgText, 4.5, {&Tokens::chgBg}},
        {"histogram", &Tokens::histogram, 3, {&Tokens::surface, &Tokens::raised}},
        {"mem1", &Tokens::mem1, 3, {&Tokens::hover}},
        {"mem2", &Tokens::mem2, 3, {&Tokens::hover}},
        {"mem3", &Tokens::mem3, 3, {&Tokens::hover}},
        {"mem4", &Tokens::mem4, 3, {&Tokens::hover}},
    };
    return all;
}

/// Every icon that a page may name.
const char* const kIcons = "home dataset model train runs tryout export activity settings add close check search filter sort columns more left right up "
                           "down drag full edit copy undo reset save trash archive tag star notes help play pause stop send sample clock history info "
                           "warning error success lock eye eye-off flag compare duplicates split swap cut mail phone shield gpu memory disk folder "
                           "download external link terminal";

/// How many pixels of an icon are drawn, and whether all of them have one colour.
std::pair<int, bool> inkOf(const QPixmap& pixmap, const QColor& colour)
{
    const QImage image = pixmap.toImage().convertToFormat(QImage::Format_ARGB32);
    int drawn = 0;
    bool same = true;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            drawn += pixel.alpha() > 40;
            if (pixel.alpha() > 200)
                same = same && std::abs(pixel.red() - colour.red()) < 6 && std::abs(pixel.green() - colour.green()) < 6 && std::abs(pixel.blue() - colour.blue()) < 6;
        }
    return {drawn, same};
}

class Style : public tests::UiTest
{
protected:
    ~Style() override { applyTheme(Theme::Light); }
};

}

TEST(Contrast, FollowsWcag)
{
    EXPECT_NEAR(contrast(Qt::black, Qt::white), 21.0, 1e-3);
    EXPECT_NEAR(contrast(Qt::white, Qt::white), 1.0, 1e-6);
    // #777777 on white is 4.478…, the grey that just misses the limit for text.
    EXPECT_NEAR(contrast(QColor(0x777777), Qt::white), 4.478, 0.002);
    EXPECT_DOUBLE_EQ(contrast(Qt::red, Qt::blue), contrast(Qt::blue, Qt::red));
}

TEST(Contrast, HoldsForEveryPairInUse)
{
    for (const Tokens* theme : {&lightTokens(), &darkTokens()})
        for (const auto& pair : pairs())
            for (const Colour ground : pair.grounds)
                EXPECT_GE(contrast(theme->*pair.ink, theme->*ground), pair.limit)
                    << pair.name << " on " << (theme->*ground).name().toStdString() << (theme->isDark ? ", dark" : ", light");
}

TEST(Contrast, KeepsRunColoursApartFromTheSurface)
{
    for (const Tokens* theme : {&lightTokens(), &darkTokens()})
        for (std::size_t i = 0; i < theme->runs.size(); ++i) {
            EXPECT_GE(contrast(theme->runs[i], theme->surface), 3.0) << "run colour " << i << (theme->isDark ? ", dark" : ", light");
            for (std::size_t j = 0; j < i; ++j)
                EXPECT_NE(theme->runs[i].rgb(), theme->runs[j].rgb());
        }
}

TEST(Tokens, TakeAnyPaletteIndex)
{
    EXPECT_EQ(lightTokens().run(9), lightTokens().runs[1]);
    EXPECT_EQ(lightTokens().run(-3), lightTokens().runs[0]);
}

TEST_F(Style, HasEveryIcon)
{
    const QColor colour(0x0B6A85);
    for (const QString& name : QString::fromLatin1(kIcons).split(QLatin1Char(' '))) {
        EXPECT_TRUE(QFile::exists(QStringLiteral(":/icons/%1.svg").arg(name))) << name.toStdString();
        const auto [drawn, same] = inkOf(iconPixmap(name, 16, colour, 2.0), colour);
        EXPECT_GE(drawn, 20) << name.toStdString() << " is empty";
        EXPECT_LE(drawn, 24 * 32) << name.toStdString() << " is a blot";
        EXPECT_TRUE(same) << name.toStdString() << " has a colour of its own";
    }
}

TEST_F(Style, DrawsAnUnknownIconAsNothing)
{
    EXPECT_EQ(inkOf(iconPixmap(QStringLiteral("no-such-icon"), 16, Qt::black, 1.0), Qt::black).first, 0);
}

TEST_F(Style, ColoursIconsByTheThemeInForce)
{
    const QIcon made = icon(QStringLiteral("home"));
    const auto ink = [&made](QIcon::Mode mode, const QColor& colour) { return inkOf(made.pixmap(QSize(16, 16), mode), colour); };

    EXPECT_TRUE(ink(QIcon::Normal, lightTokens().text2).second);
    EXPECT_TRUE(ink(QIcon::Selected, lightTokens().accent).second);
    EXPECT_TRUE(ink(QIcon::Disabled, lightTokens().textDisabled).second);
    applyTheme(Theme::Dark);
    EXPECT_TRUE(ink(QIcon::Normal, darkTokens().text2).second);
    EXPECT_FALSE(ink(QIcon::Normal, lightTokens().text2).second);
}

TEST_F(Style, GivesMessageBoxesItsOwnIcons)
{
    const auto shown = [](QStyle::StandardPixmap standard) { return QApplication::style()->standardIcon(standard).pixmap(24).toImage(); };
    EXPECT_EQ(shown(QStyle::SP_MessageBoxQuestion), icon(QStringLiteral("help"), IconColour::Accent).pixmap(24).toImage());
    EXPECT_EQ(shown(QStyle::SP_MessageBoxWarning), icon(QStringLiteral("warning"), IconColour::Warning).pixmap(24).toImage());
}

TEST_F(Style, TurnsArrowsRoundWhereOneReadsFromTheRight)
{
    const auto shown = [](const char* name) { return iconPixmap(QLatin1String(name), 16, Qt::black, 1).toImage(); };
    const QImage back = shown("left"), add = shown("add");
    QApplication::setLayoutDirection(Qt::RightToLeft);
    const QImage mirrored = shown("left"), same = shown("add");
    QApplication::setLayoutDirection(Qt::LeftToRight);
    const QImage wanted = back.mirrored(true, false);
    int different = 0;
    for (int x = 0; x < 16; ++x)
        for (int y = 0; y < 16; ++y)
            different += std::abs(mirrored.pixelColor(x, y).alpha() - wanted.pixelColor(x, y).alpha()) > 60;
    EXPECT_EQ(different, 0);
    EXPECT_NE(mirrored, back);
    EXPECT_EQ(same, add);
}

TEST_F(Style, SwitchesThePaletteWithTheTheme)
{
    applyTheme(Theme::Dark);
    EXPECT_TRUE(tokens().isDark);
    EXPECT_EQ(QApplication::palette().color(QPalette::Window), darkTokens().window);
    EXPECT_EQ(QApplication::palette().color(QPalette::HighlightedText), darkTokens().text);
    applyTheme(Theme::Light);
    EXPECT_EQ(QApplication::palette().color(QPalette::Window), lightTokens().window);
    EXPECT_EQ(QApplication::palette().color(QPalette::Disabled, QPalette::Text), lightTokens().textDisabled);
}

TEST_F(Style, BringsItsOwnFonts)
{
    EXPECT_EQ(QFontInfo(body()).family(), QStringLiteral("Inter"));
    EXPECT_EQ(QFontInfo(mono()).family(), QStringLiteral("Attune Mono"));
    EXPECT_GE(caption().pointSizeF(), 9.0);
    EXPECT_GE(monoCaption().pointSizeF(), 8.8);
    EXPECT_GT(title().pointSizeF(), body().pointSizeF() * 1.25);
}

TEST_F(Style, KeepsTokensUnligated)
{
    // A joined glyph would draw <|im_start|> as what it is not: shaping must give what the character map gives.
    const QFont font = mono();
    const double one = QFontMetricsF(font).horizontalAdvance(QLatin1Char('<'));
    for (const char* name : {"<|", "|>", "!=", "->", "=>", "==", "<|im_start|>"}) {
        const QString text = QLatin1String(name);
        EXPECT_NEAR(QFontMetricsF(font).horizontalAdvance(text), static_cast<double>(text.size()) * one, 0.01) << name;
        QTextLayout layout(text, font);
        layout.beginLayout();
        layout.createLine();
        layout.endLayout();
        ASSERT_EQ(layout.glyphRuns().size(), 1) << name;
        const QGlyphRun run = layout.glyphRuns().first();
        EXPECT_EQ(run.glyphIndexes(), run.rawFont().glyphIndexesForString(text)) << name;
    }
}

class MenuStyleTest : public tests::UiTest {};

/// A style sheet of the application doubles the time that every page takes to build.
TEST_F(MenuStyleTest, MenusNeedNoStyleSheet)
{
    EXPECT_TRUE(qApp->styleSheet().isEmpty());
}

TEST_F(MenuStyleTest, ChosenItemAndPlaceOfMarksAreDrawn)
{
    QMenu menu;
    auto* save = menu.addAction(QStringLiteral("&Save"));
    save->setShortcut(QKeySequence::Save);
    menu.addSeparator();
    auto* wrap = menu.addAction(QStringLiteral("Two lines"));
    wrap->setCheckable(true);
    wrap->setChecked(true);
    menu.addAction(QStringLiteral("No"))->setEnabled(false);
    menu.ensurePolished();
    menu.resize(menu.sizeHint());
    menu.setActiveAction(save);
    const QImage image = menu.grab().toImage();
    EXPECT_EQ(image.pixelColor(0, 0), tokens().borderStrong);
    EXPECT_EQ(image.pixelColor(4, menu.actionGeometry(save).center().y()), tokens().selection);
    EXPECT_EQ(image.pixelColor(4, menu.actionGeometry(wrap).center().y()), tokens().raised);
    EXPECT_GE(menu.width(), QFontMetrics(menu.font()).horizontalAdvance(QStringLiteral("Two lines")) + 12 + 24 + 28);
}

TEST_F(MenuStyleTest, ThemeChangesWhatIsShown)
{
    QMenuBar bar;
    bar.addMenu(QStringLiteral("&File"));
    bar.resize(300, bar.sizeHint().height());
    EXPECT_GE(bar.height(), 24);
    EXPECT_EQ(bar.grab().toImage().pixelColor(250, 4), tokens().window);
    applyTheme(Theme::Dark);
    const QImage dark = bar.grab().toImage();
    EXPECT_EQ(dark.pixelColor(250, 4), darkTokens().window);
    EXPECT_EQ(dark.pixelColor(250, bar.height() - 1), darkTokens().border);
    applyTheme(Theme::Light);
}

}
