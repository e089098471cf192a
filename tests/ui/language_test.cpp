// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/language.h"

#include "bridge/core_texts.h"
#include "ui/window.h"
#include "widgets/field_row.h"
#include "widgets/option_field.h"
#include "widgets/panel.h"

#include <QComboBox>
#include <QLabel>
#include <QTabBar>
#include <QTranslator>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

/// The language of a test, taken away after it.
class Language
{
public:
    explicit Language(const QString& name)
        : m_before(qApp->findChildren<QTranslator*>())
    {
        applyLanguage(name);
    }
    ~Language()
    {
        for (auto* translator : qApp->findChildren<QTranslator*>())
            if (!m_before.contains(translator))
                delete translator;
        QApplication::setLayoutDirection(Qt::LeftToRight);
    }

private:
    QList<QTranslator*> m_before;
};

class LanguageWindowTest : public tests::WindowTest
{
protected:
    /// With the words of the language in force; the one before has to be gone.
    void openWindow()
    {
        window = std::make_unique<MainWindow>(QString::fromStdString(workspace()), settings);
        window->resize(1280, 800);
        window->show();
    }
    /// Labels, words of which one is chosen and tabs that have less room than they need.
    QStringList cut() const
    {
        QStringList found;
        for (const auto* label : shown()->findChildren<QLabel*>()) {
            if (!label->isVisible() || label->wordWrap() || label->textFormat() == Qt::RichText || qobject_cast<const widgets::ElidedLabel*>(label) || qobject_cast<const widgets::HintLabel*>(label))
                continue;
            const bool isCaption = qobject_cast<const widgets::CaptionLabel*>(label);
            if (label->width() < (isCaption ? label->minimumSizeHint().width() : label->fontMetrics().horizontalAdvance(label->text().remove(QLatin1Char('&')))))
                found.append(label->text());
        }
        for (const auto* control : shown()->findChildren<widgets::SegmentedControl*>())
            if (control->isVisible() && control->width() < control->minimumSizeHint().width())
                found.append(control->accessibleName());
        for (const auto* tabs : shown()->findChildren<QTabBar*>())
            if (tabs->isVisible() && tabs->width() < tabs->sizeHint().width())
                found.append(tabs->accessibleName());
        return found;
    }
};

bool isBracketed(const QString& text)
{
    return text.contains(QLatin1Char('[')) || !std::any_of(text.begin(), text.end(), [](QChar c) { return c.isLetter(); });
}

}

TEST(LanguageTest, CountsInEnglish)
{
    tests::application();
    const Language language(QStringLiteral("en"));
    const auto rows = [](int n) { return QObject::tr("%n run(s) archived.", nullptr, n); };
    EXPECT_EQ(rows(0), QStringLiteral("0 runs archived."));
    EXPECT_EQ(rows(1), QStringLiteral("1 run archived."));
    EXPECT_EQ(rows(2), QStringLiteral("2 runs archived."));
}

TEST(LanguageTest, PseudoKeepsPlacesAndTags)
{
    tests::application();
    const Language language(QStringLiteral("pseudo"));
    EXPECT_EQ(QObject::tr("Export").left(4), QStringLiteral("[Éxp"));
    EXPECT_TRUE(QObject::tr("%1 of %2").arg(3).arg(4).contains(QStringLiteral("3 óf 4")));
    EXPECT_TRUE(QObject::tr("<b>Attune %1</b>").arg(2).contains(QStringLiteral("<b>")));
    EXPECT_GT(QObject::tr("Smoothing").size(), 12);
}

/// Settings, methods, presets and steps come from core; the studio's translators find them in a list.
TEST_F(LanguageWindowTest, TranslatesTheTablesOfCore)
{
    const QStringList texts = bridge::coreTexts();
    for (const char* text : {"Learning rate", "LoRA", "Drop short rows", "JSON lines", "tokens"})
        EXPECT_TRUE(texts.contains(QLatin1String(text))) << text;
    window.reset();
    const Language language(QStringLiteral("pseudo"));
    openWindow();
    window->open(PageId::Train);
    tests::waitFor([] { return false; }, 100);
    int fields = 0;
    for (auto* field : shown()->findChildren<widgets::OptionField*>()) {
        EXPECT_TRUE(isBracketed(field->labelText())) << field->labelText().toStdString();
        EXPECT_TRUE(isBracketed(field->editor()->accessibleName().isEmpty() ? field->labelText() : field->editor()->accessibleName()));
        if (auto* combo = field->findChild<QComboBox*>(); combo && field->option().type == OptionType::Choice)
            for (int i = 0; i < combo->count(); ++i)
                EXPECT_TRUE(isBracketed(combo->itemText(i))) << combo->itemText(i).toStdString();
        ++fields;
    }
    EXPECT_GT(fields, 40);
}

/// What is said is whole: labels, titles of tables, tabs, words of which one is chosen. What is shortened is data.
TEST_F(LanguageWindowTest, CutsNoWords)
{
    window.reset();
    const Language language(QStringLiteral("pseudo"));
    openWindow();
    for (int i = 0; i < kPageCount; ++i) {
        const auto& page = pageTable()[i];
        for (const QString& object : page.id == PageId::Runs ? QStringList {QString(), QString::fromStdString(done), QString::fromStdString(done + "," + failed)} : QStringList {QString()}) {
            window->open(page.id, object);
            tests::waitFor([] { return false; }, 250);
            EXPECT_TRUE(tests::waitFor([this] { return cut().isEmpty(); })) << page.name << " cuts " << cut().join(QStringLiteral(" | ")).toStdString();
            EXPECT_EQ(window->width(), 1280) << page.name << " makes the window wider";
        }
    }
}

/// Words that are not translated have no bracket; words that have no room are wider than their button.
TEST_F(LanguageWindowTest, HasEveryTextTranslatedAndNoneCut)
{
    window.reset();
    const Language language(QStringLiteral("pseudo"));
    openWindow();
    for (int i = 0; i < kPageCount; ++i) {
        const auto id = pageTable()[i].id;
        // Other pages hold data in their labels; their words are checked where they are buttons.
        window->open(id, id == PageId::Runs ? QString::fromStdString(done) : QString());
        tests::waitFor([] { return false; }, 250);
        for (auto* control : shown()->findChildren<QAbstractButton*>()) {
            if (!control->isVisible() || control->text().isEmpty() || control->objectName().startsWith(QStringLiteral("run-chip")))
                continue;
            EXPECT_TRUE(isBracketed(control->text())) << pageTable()[i].name << ": " << control->text().toStdString();
            if (auto* button = qobject_cast<QPushButton*>(control))
                EXPECT_GE(button->width(), button->fontMetrics().horizontalAdvance(button->text())) << pageTable()[i].name << " cuts " << button->text().toStdString();
        }
        for (auto* tabs : shown()->findChildren<QTabBar*>())
            for (int tab = 0; tab < tabs->count(); ++tab)
                EXPECT_TRUE(isBracketed(tabs->tabText(tab))) << tabs->tabText(tab).toStdString();
    }
}

TEST_F(LanguageWindowTest, MirrorsAllButChartsAndCode)
{
    window.reset();
    const Language language(QStringLiteral("rtl"));
    openWindow();
    window->open(PageId::Runs, QString::fromStdString(done));
    // By what is drawn, not by a curve's name: that is translated.
    const auto panel = [this]() -> plots::CurvePanel* {
        for (auto* one : window->page(PageId::Runs)->findChildren<plots::CurvePanel*>())
            if (one->isVisible() && one->toCsv().count(QLatin1Char('\n')) > 1)
                return one;
        return nullptr;
    };
    ASSERT_TRUE(tests::waitFor([&] { return panel() != nullptr; }));
    for (const auto* part : panel()->findChildren<QWidget*>())
        if (part->inherits("QCustomPlot")) {
            EXPECT_EQ(part->layoutDirection(), Qt::LeftToRight) << "the axes";
        }
    EXPECT_EQ(window->layoutDirection(), Qt::RightToLeft);
    auto* sidebar = window->findChild<QWidget*>(QStringLiteral("sidebar"));
    EXPECT_GT(sidebar->mapTo(window.get(), QPoint(0, 0)).x(), window->width() / 2) << "the sidebar stands at the right";
}

}
