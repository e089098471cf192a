// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/rows_tab.h"
#include "pages/dataset/row_header.h"
#include "pages/dataset/step_dialog.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "support/tickets.h"
#include "ui/window.h"

#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabBar>

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using testing::HasSubstr;
using tests::waitFor;

/// The page of a dataset of 600 help desk rows.
class DatasetRows : public tests::WindowTest
{
protected:
    static constexpr int kRows = 600;

    DatasetRows()
    {
        const auto made = pipeline::importDataset(*history, {dir.write("tickets.jsonl", tests::ticketLines(kRows))}, "tickets", {}, false, {});
        EXPECT_TRUE(made) << made.error().message;
        window->open(shell::PageId::Datasets, QStringLiteral("tickets"));
        EXPECT_TRUE(waitFor([this] { return rows() && rows()->grid().rowCount() == kRows; }));
    }
    RowsTab* rows() { return window->page(shell::PageId::Datasets)->findChild<RowsTab*>(); }
    RowGrid& grid() { return rows()->grid(); }
    template<typename T>
    T* part(const char* name) { return window->findChild<T*>(QLatin1String(name)); }

    bool isCounted() { return waitFor([this] { return part<FacetList>("facet-flag") != nullptr && !rows()->filter().facets().empty(); }); }
    bool shows(std::int64_t count) { return waitFor([&] { return rows()->filter().isComplete() && grid().rowCount() == count; }); }
    std::string countText() { return part<QLabel>("filter-count")->text().remove(QRegularExpression(QStringLiteral("<[^>]*>"))).toStdString(); }
    /// The newest version in the history.
    store::DatasetRow newest()
    {
        const auto row = history->dataset("tickets");
        return row && *row ? **row : store::DatasetRow();
    }
    std::vector<cleaner::Step> steps() { return pipeline::stepsOf(newest()).value_or(std::vector<cleaner::Step>()); }
    bool isVersion(int version)
    {
        return waitFor([&] { return newest().version == version && window->findChild<QComboBox*>(QStringLiteral("dataset-version"))->currentData().toInt() == version; });
    }
    Json valuesOf(std::int64_t row)
    {
        const auto data = pipeline::openVersion(newest(), {});
        return data ? (*data)->values(row).value_or(Json()) : Json();
    }
    /// To whatever has the focus, shortcuts and menus included.
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(window->windowHandle(), key, modifiers); }
    void click(QWidget* widget, const QRect& at) { QTest::mouseClick(widget, Qt::LeftButton, {}, at.center()); }
    std::int64_t rowsThat(const std::function<bool(const Json&)>& holds)
    {
        const auto data = pipeline::openVersion(newest(), {});
        std::int64_t count = 0;
        for (std::int64_t i = 0; data && i < (*data)->rows(); ++i)
            count += holds((*data)->values(i).value_or(Json()));
        return count;
    }
    void type(const QString& text)
    {
        key(Qt::Key_F, Qt::ControlModifier);
        EXPECT_TRUE(part<QLineEdit>("filter-field")->hasFocus());
        QTest::keyClicks(part<QLineEdit>("filter-field"), text);
    }
};

TEST_F(DatasetRows, ShowWhatIsInThemInTheirOrder)
{
    ASSERT_TRUE(waitFor([this] { return !grid().cellText(0, QStringLiteral("user")).isEmpty(); }));
    EXPECT_EQ(grid().cellText(5, QStringLiteral("#")), QStringLiteral("5"));
    EXPECT_THAT(grid().cellText(1, QStringLiteral("user")).toStdString(), HasSubstr("The case is 4001."));
    EXPECT_GE(grid().viewport()->height() / grid().rowRect(0).height(), 18) << "rows in sight at 1280 x 800";
    EXPECT_EQ(countText(), "600 rows");
}

TEST_F(DatasetRows, AreSearchedWhileOneTypes)
{
    const auto expected = rowsThat([](const Json& row) { return toLine(row["messages"]).find("VAT") != std::string::npos || toLine(row["messages"]).find("vat") != std::string::npos; });
    ASSERT_GT(expected, 0);
    ASSERT_LT(expected, kRows);
    type(QStringLiteral("vat number"));

    ASSERT_TRUE(waitFor([&] { return rows()->filter().isComplete() && grid().rowCount() < kRows && grid().rowCount() > 0; }));
    const auto found = grid().rowCount();
    EXPECT_EQ(countText(), std::to_string(found) + " of 600 rows");
    QTest::keyClick(part<QLineEdit>("filter-field"), Qt::Key_Return);
    auto* chip = part<QWidget>("filter-chip");
    ASSERT_NE(chip, nullptr) << "what was typed became a filter";
    ASSERT_TRUE(shows(found));

    QTest::mouseClick(chip, Qt::LeftButton, {}, QPoint(chip->width() - 12, chip->height() / 2));
    EXPECT_TRUE(shows(kRows));
}

TEST_F(DatasetRows, AreFilteredByFacetsWhoseCountsIgnoreThemselves)
{
    ASSERT_TRUE(isCounted());
    auto* product = part<FacetList>("facet-column:product");
    auto* language = part<FacetList>("facet-column:lang");
    ASSERT_NE(product, nullptr);
    ASSERT_NE(language, nullptr);
    const auto billing = rowsThat([](const Json& row) { return row["product"] == "Billing"; });
    const auto germanBilling = rowsThat([](const Json& row) { return row["product"] == "Billing" && row["lang"] == "de"; });
    const auto german = rowsThat([](const Json& row) { return row["lang"] == "de"; });

    click(product, product->rectOf(QStringLiteral("Billing")));
    ASSERT_TRUE(shows(billing));
    const auto countOf = [](const FacetList* list, const char* value) {
        for (const auto& item : list->items())
            if (item.value == QLatin1String(value))
                return item.count;
        return qint64(-1);
    };
    EXPECT_EQ(countOf(language, "de"), germanBilling) << "other facets count what is left";
    EXPECT_EQ(countOf(product, "Account"), rowsThat([](const Json& row) { return row["product"] == "Account"; })) << "the facet's own values do not vanish";

    click(language, language->rectOf(QStringLiteral("de")));
    ASSERT_TRUE(shows(germanBilling));
    click(product, product->rectOf(QStringLiteral("Billing")));
    ASSERT_TRUE(shows(german));
    QTest::mouseClick(part<QPushButton>("filter-clear"), Qt::LeftButton);
    EXPECT_TRUE(shows(kRows));
}

TEST_F(DatasetRows, AreFilteredByAConditionOnAColumn)
{
    type(QStringLiteral("product == Returns"));
    QTest::keyClick(part<QLineEdit>("filter-field"), Qt::Key_Return);
    EXPECT_TRUE(shows(rowsThat([](const Json& row) { return row["product"] == "Returns"; })));
}

TEST_F(DatasetRows, AreFilteredByABarOfAHeader)
{
    ASSERT_TRUE(isCounted());
    auto* header = grid().header();
    // The first bar of the column of questions: the shortest ones, of which there are some.
    int x = grid().columns().front().width + 10;
    QTest::mouseClick(header, Qt::LeftButton, {}, QPoint(x, header->height() - 12));
    ASSERT_TRUE(waitFor([this] { return rows()->filter().isComplete() && grid().rowCount() < kRows && grid().rowCount() > 0; }));
    EXPECT_THAT(part<QWidget>("filter-chip")->toolTip().toStdString(), HasSubstr("characters"));
}

TEST_F(DatasetRows, AreSortedByAClickOnAHeader)
{
    ASSERT_TRUE(isCounted());
    int x = 0;
    for (const auto& column : grid().columns()) {
        if (column.id == QStringLiteral("assistant"))
            break;
        x += column.isVisible ? column.width : 0;
    }
    QTest::mouseClick(grid().header(), Qt::LeftButton, {}, QPoint(x + 12, 12));
    ASSERT_TRUE(waitFor([this] { return rows()->filter().isComplete() && rows()->filter().sortField() == "answer"; }));
    const auto* facts = &rows()->filter();
    ASSERT_TRUE(waitFor([&] { return facts->rowAt(0) != 0; }));
    const auto first = valuesOf(facts->rowAt(0));
    EXPECT_EQ(first["messages"][1]["content"], "") << "the shortest answer comes first";
}

TEST_F(DatasetRows, AreEditedInPlaceAndUndone)
{
    grid().setFocus();
    QTest::keyClick(&grid(), Qt::Key_Down);
    ASSERT_EQ(grid().currentRow(), 1);
    ASSERT_TRUE(waitFor([this] { return rows()->pane().detail() && rows()->pane().detail()->row == 1; }));
    const Json before = valuesOf(1);
    key(Qt::Key_F2);
    auto* editor = part<QPlainTextEdit>("turn-editor");
    ASSERT_NE(editor, nullptr);
    EXPECT_EQ(editor->toPlainText().toStdString(), before["messages"][1]["content"].get<std::string>()) << "the answer is what one edits most";
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("Of course."));
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);

    ASSERT_TRUE(isVersion(2));
    EXPECT_EQ(valuesOf(1)["messages"][1]["content"], "Of course.");
    EXPECT_EQ(valuesOf(1)["messages"][0], before["messages"][0]);
    ASSERT_EQ(steps().size(), 1u);
    EXPECT_EQ(steps()[0].type, "edit");
    EXPECT_EQ(grid().currentRow(), 1) << "the row stays where one is";

    grid().setFocus();
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(isVersion(1));
    EXPECT_EQ(valuesOf(1), before);
}

TEST_F(DatasetRows, KeepTheTextWhenEditingIsLeftByEscape)
{
    grid().setFocus();
    ASSERT_TRUE(waitFor([this] { return rows()->pane().detail() != nullptr; }));
    key(Qt::Key_F2);
    auto* editor = part<QPlainTextEdit>("turn-editor");
    ASSERT_NE(editor, nullptr);
    QTest::keyClicks(editor, QStringLiteral("never mind"));
    QTest::keyClick(editor, Qt::Key_Escape);
    EXPECT_FALSE(rows()->pane().isEditing());
    waitFor([] { return false; }, 200);
    EXPECT_EQ(newest().version, 1);
}

TEST_F(DatasetRows, AreDroppedByAKey)
{
    grid().setFocus();
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(&grid(), Qt::Key_Down);
    const Json third = valuesOf(3), fourth = valuesOf(4);
    QTest::keyClick(&grid(), Qt::Key_D);

    ASSERT_TRUE(isVersion(2));
    EXPECT_EQ(newest().rows, kRows - 1);
    EXPECT_EQ(valuesOf(3), fourth);
    ASSERT_TRUE(waitFor([this] { return grid().rowCount() == kRows - 1 && grid().currentRow() == 3; })) << "the next row takes the place";
    EXPECT_TRUE(waitFor([this] { return grid().cellText(3, QStringLiteral("#")) == QStringLiteral("4"); })) << "row numbers are those of the import";

    QTest::mouseClick(part<QPushButton>("undo-step"), Qt::LeftButton);
    ASSERT_TRUE(isVersion(1));
    EXPECT_EQ(valuesOf(3), third);
}

TEST_F(DatasetRows, TakeAStepThatIsShownBeforeItIsDone)
{
    QTest::mouseClick(part<QPushButton>("add-step"), Qt::LeftButton);
    auto* dialog = part<StepDialog>("step-dialog");
    ASSERT_NE(dialog, nullptr);
    QTest::keyClicks(part<QLineEdit>("step-search"), QStringLiteral("duplicates"));
    ASSERT_EQ(dialog->rules()->currentItem()->text(), QStringLiteral("Drop duplicates"));
    ASSERT_TRUE(waitFor([&] { return dialog->isPreviewed(); }));
    auto* counts = part<QLabel>("step-counts");
    EXPECT_THAT(counts->text().toStdString(), HasSubstr("600")) << "exact: ids differ, nothing is dropped";
    auto* method = dialog->form()->field(QStringLiteral("method"))->findChild<QComboBox*>();
    QTest::keyClick(method, Qt::Key_End);
    method->setCurrentIndex(method->findData(QStringLiteral("near")));
    emit method->activated(method->currentIndex());
    ASSERT_TRUE(waitFor([&] { return dialog->isPreviewed() && counts->text().contains(QChar(0x2212)); })) << counts->text().toStdString();
    EXPECT_FALSE(part<QTextBrowser>("step-samples")->toPlainText().isEmpty());
    EXPECT_EQ(newest().version, 1) << "nothing was done yet";

    QTest::mouseClick(part<QPushButton>("step-accept"), Qt::LeftButton);
    ASSERT_TRUE(isVersion(2));
    ASSERT_EQ(steps().size(), 1u);
    EXPECT_EQ(steps()[0].options["method"], "near");
    EXPECT_LT(newest().rows, kRows);
}

class DatasetSteps : public DatasetRows
{
protected:
    DatasetSteps()
    {
        const auto report = pipeline::cleanDataset(*history, "tickets", {{"dedupe", {{"method", "near"}}}, {"redact_pii", {{"kinds", {"email"}}}}}, {}, {}, {});
        EXPECT_TRUE(report) << report.error().message;
        window->open(shell::PageId::Datasets, QStringLiteral("tickets"));
        EXPECT_TRUE(isVersion(2));
        EXPECT_TRUE(waitFor([this] { return strip().chips().size() == 2; }));
    }
    StepsStrip& strip() { return *rows()->findChild<StepsStrip*>(); }
    StepChip* chip(int i) { return strip().chips().value(i); }
};

TEST_F(DatasetSteps, AreSwitchedOffAndOnAgain)
{
    const auto kept = newest().rows;
    click(chip(0), chip(0)->boxRect());
    ASSERT_TRUE(isVersion(3));
    EXPECT_EQ(newest().rows, kRows);
    EXPECT_FALSE(steps()[0].isEnabled);
    ASSERT_TRUE(waitFor([this] { return grid().rowCount() == kRows; }));

    ASSERT_TRUE(waitFor([this] { return chip(0) && !chip(0)->group().isEnabled; }));
    chip(0)->setFocus();
    QTest::keyClick(chip(0), Qt::Key_Space);
    ASSERT_TRUE(isVersion(4));
    EXPECT_EQ(newest().rows, kept);
    EXPECT_TRUE(steps()[0].isEnabled);
}

TEST_F(DatasetSteps, SayWhatTheyDid)
{
    const auto states = pipeline::stepStates(newest());
    ASSERT_TRUE(states);
    ASSERT_EQ(states->size(), 2u);
    ASSERT_TRUE((*states)[0].report && (*states)[1].report);
    EXPECT_EQ((*states)[0].report->rowsIn, kRows);
    EXPECT_EQ((*states)[0].report->rowsOut, newest().rows);
    EXPECT_GT((*states)[1].report->changed, 0);
    EXPECT_THAT(chip(1)->accessibleName().toStdString(), HasSubstr("Redact e-mail"));
    EXPECT_THAT(chip(0)->accessibleName().toStdString(), HasSubstr("600 → "));
}

TEST_F(DatasetSteps, ChangePlacesByAltAndArrow)
{
    const auto kept = newest().rows;
    chip(1)->setFocus();
    QTest::keyClick(chip(1), Qt::Key_Left, Qt::AltModifier);
    ASSERT_TRUE(isVersion(3));
    EXPECT_EQ(steps()[0].type, "redact_pii");
    EXPECT_EQ(steps()[1].type, "dedupe");
    EXPECT_NEAR(static_cast<double>(newest().rows), static_cast<double>(kept), 5);
}

TEST_F(DatasetSteps, ChangePlacesByDragging)
{
    auto* moved = chip(0);
    const QPoint from = moved->rect().center(), by(chip(1)->geometry().center().x() - moved->geometry().center().x() + 20, 0);
    QTest::mousePress(moved, Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, from + by, moved->mapToGlobal(from + by), Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(moved, &move);
    QTest::mouseRelease(moved, Qt::LeftButton, {}, moved->mapFromGlobal(strip().mapToGlobal(QPoint(0, 0))) + QPoint(0, 10));
    ASSERT_TRUE(isVersion(3));
    EXPECT_EQ(steps()[0].type, "redact_pii");
}

TEST_F(DatasetSteps, AreTakenAway)
{
    chip(0)->setFocus();
    QTest::keyClick(chip(0), Qt::Key_Delete);
    ASSERT_TRUE(isVersion(3));
    ASSERT_EQ(steps().size(), 1u);
    EXPECT_EQ(newest().rows, kRows);
}

TEST_F(DatasetSteps, AreReplayedOnOtherData)
{
    const std::string file = dir.write("mine.steps.yaml", cleaner::toYaml(steps()));
    const auto made = pipeline::importDataset(*history, {dir.write("more.jsonl", tests::ticketLines(300))}, "more", {}, false, {});
    ASSERT_TRUE(made);
    window->open(shell::PageId::Datasets, QStringLiteral("more"));
    ASSERT_TRUE(waitFor([this] { return grid().rowCount() == 300; }));

    rows()->applyStepsFile(QString::fromStdString(file));

    ASSERT_TRUE(waitFor([this] { return history->dataset("more").value()->version == 2; }));
    const auto row = *history->dataset("more").value();
    const auto replayed = pipeline::stepsOf(row);
    ASSERT_TRUE(replayed);
    EXPECT_EQ(replayed->size(), 2u);
    EXPECT_LT(row.rows, 300);
    EXPECT_TRUE(waitFor([&] { return grid().rowCount() == row.rows; }));
}

TEST_F(DatasetSteps, AreEditedWithAPreviewOfWhatComesBefore)
{
    chip(0)->setFocus();
    QTest::keyClick(chip(0), Qt::Key_Return);
    ASSERT_TRUE(waitFor([this] { return part<StepDialog>("step-dialog") != nullptr; }));
    auto* dialog = part<StepDialog>("step-dialog");
    ASSERT_TRUE(waitFor([&] { return dialog->isPreviewed(); }));
    EXPECT_THAT(part<QLabel>("step-counts")->text().toStdString(), HasSubstr("600")) << "the rows before the step, not behind it";
    auto* threshold = dialog->form()->field(QStringLiteral("threshold"))->findChild<QLineEdit*>();
    threshold->setFocus();
    threshold->selectAll();
    QTest::keyClicks(threshold, QStringLiteral("2"));
    ASSERT_TRUE(waitFor([&] { return dialog->isPreviewed(); }));
    EXPECT_FALSE(part<QPushButton>("step-accept")->isEnabled()) << "a threshold above 1 is refused";
    threshold->selectAll();
    QTest::keyClicks(threshold, QStringLiteral("1"));
    ASSERT_TRUE(waitFor([&] { return dialog->isPreviewed() && part<QPushButton>("step-accept")->isEnabled(); }));
    QTest::mouseClick(part<QPushButton>("step-accept"), Qt::LeftButton);
    ASSERT_TRUE(isVersion(3));
    EXPECT_EQ(steps()[0].options["threshold"], 1);
    EXPECT_EQ(steps()[1].type, "redact_pii");
}

}
}
