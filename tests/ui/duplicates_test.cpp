// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster_models.h"
#include "pipeline/cleaned_version.h"
#include "ui/dataset_window.h"

#include <QDoubleSpinBox>

#include <gmock/gmock.h>

namespace attune::shell {
namespace {

using models::ClusterListModel;
using models::ClusterRowsModel;
using tests::waitFor;

class Duplicates : public tests::DatasetWindow
{
protected:
    Duplicates()
    {
        std::vector<Json> rows;
        for (int i = 0; i < 30; ++i)
            rows.push_back(row(sentence(i), "A plain answer of its own, number " + std::to_string(i) + ", that is like no other one."));
        rows.push_back(row(sentence(3), "A plain answer of its own, number 3, that is like no other one."));
        rows.push_back(row(sentence(3), "A plain answer of its own, number 3, that is like no other one."));
        rows.push_back(row(sentence(7), "A plain answer of its own, number 7, that is like no other one."));
        // One word of fifty: 0.83 to the first.
        rows.push_back(row(sentence(9, true), "A plain answer of its own, number 9, that is like no other one."));
        import("tickets", rows);
    }
    /// Forty words of its own, one of them replaced.
    static std::string sentence(int number, bool isChanged = false)
    {
        std::string text;
        for (int w = 0; w < 40; ++w)
            text += (isChanged && w == 20 ? std::string("router") : "w" + std::to_string(number) + "x" + std::to_string(w)) + " ";
        return text;
    }
    QAbstractItemView* list() { return find<QAbstractItemView>("cluster-list"); }
    QAbstractItemView* rows() { return find<QAbstractItemView>("cluster-rows"); }
    bool openTab(const char* tab = "duplicates") { return openDataset(QStringLiteral("tickets")) && isOpened() && clickTab(QLatin1String(tab)); }
    bool findThem(int clusters) { return click("find-duplicates") && waitFor([&] { return list() && list()->model()->rowCount() == clusters; }); }
    void setThreshold(double value)
    {
        for (auto* box : window->findChildren<QDoubleSpinBox*>())
            if (box->accessibleName() == QStringLiteral("Least similarity"))
                box->setValue(value);
    }
    void key(Qt::Key key) { QTest::keyClick(rows(), key); }
    QString mark(int line) { return rows()->model()->index(line, ClusterRowsModel::Mark).data().toString(); }
    QString shown(int place, int role) { return list()->model()->index(place, 0).data(role).toString(); }
};

}

TEST_F(Duplicates, AreDroppedInFiveClicks)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(findThem(2));
    EXPECT_EQ(textOf("reviewed"), QStringLiteral("Reviewed 0 of 2"));
    EXPECT_FALSE(find("apply-review")->isEnabled()) << "nothing is dropped unseen";
    ASSERT_TRUE(click("accept-suggestions"));
    EXPECT_EQ(textOf("reviewed"), QStringLiteral("Reviewed 2 of 2"));
    ASSERT_TRUE(click("apply-review"));
    EXPECT_EQ(clicks, 5);

    ASSERT_TRUE(hasVersion("tickets", 2));
    EXPECT_EQ((*history->dataset("tickets"))->rows, 31);
    EXPECT_EQ((*history->dataset("tickets", 1))->rows, 34) << "the earlier version stays";
    const auto steps = pipeline::stepsOf(**history->dataset("tickets"));
    ASSERT_TRUE(steps);
    ASSERT_EQ(steps->size(), 1u) << "one step";
    EXPECT_EQ((*steps)[0].type, "drop_rows");
    const auto questions = texts("tickets", "question");
    EXPECT_EQ(std::count(questions.begin(), questions.end(), sentence(3)), 1);
    EXPECT_EQ(std::count(questions.begin(), questions.end(), sentence(9, true)), 1) << "0.83 is below 0.85";
}

TEST_F(Duplicates, AreReviewedWithTheKeyboard)
{
    ASSERT_TRUE(openTab());
    setThreshold(0.8);
    ASSERT_TRUE(findThem(3));
    EXPECT_EQ(shown(0, ClusterListModel::RowsRole), QStringLiteral("3")) << "largest first";
    ASSERT_TRUE(waitFor([this] { return rows()->model()->rowCount() == 3; }));
    EXPECT_EQ(mark(0), QStringLiteral("keeper"));
    EXPECT_EQ(mark(1), QStringLiteral("drop"));
    key(Qt::Key_K);
    EXPECT_EQ(mark(1), QStringLiteral("keep"));
    key(Qt::Key_D);
    EXPECT_EQ(mark(1), QStringLiteral("drop"));
    key(Qt::Key_Down);
    key(Qt::Key_K);
    EXPECT_EQ(mark(2), QStringLiteral("keep"));
    key(Qt::Key_U);
    EXPECT_EQ(mark(2), QStringLiteral("drop")) << "taken back";

    // Behind the last row comes the next cluster; the first counts as reviewed.
    key(Qt::Key_Down);
    key(Qt::Key_Down);
    ASSERT_TRUE(waitFor([this] { return list()->currentIndex().row() == 1; }));
    EXPECT_EQ(textOf("reviewed"), QStringLiteral("Reviewed 1 of 3"));
    key(Qt::Key_N);
    ASSERT_TRUE(waitFor([this] { return list()->currentIndex().row() == 2; }));
    EXPECT_EQ(textOf("reviewed"), QStringLiteral("Reviewed 2 of 3"));
    key(Qt::Key_Up);
    key(Qt::Key_Up);
    EXPECT_EQ(list()->currentIndex().row(), 1);

    ASSERT_TRUE(click("apply-review"));
    ASSERT_TRUE(hasVersion("tickets", 2));
    EXPECT_EQ((*history->dataset("tickets"))->rows, 32) << "two rows of the first cluster; what is no duplicate stays";
    // Of the clusters only the one that was not reviewed is left.
    EXPECT_TRUE(waitFor([this] { return list() && list()->model()->rowCount() == 1; }));
}

TEST_F(Duplicates, AnotherRowBecomesTheKeeper)
{
    ASSERT_TRUE(openTab());
    setThreshold(0.8);
    ASSERT_TRUE(findThem(3));
    ASSERT_TRUE(waitFor([this] { return rows()->model()->rowCount() == 3; }));
    const QString second = rows()->model()->index(1, ClusterRowsModel::Number).data().toString();
    key(Qt::Key_A);
    EXPECT_EQ(rows()->model()->index(0, ClusterRowsModel::Number).data().toString(), second);
    EXPECT_EQ(mark(0), QStringLiteral("keeper"));
    EXPECT_EQ(mark(1), QStringLiteral("drop")) << "the former keeper goes";
}

TEST_F(Duplicates, FollowTheThresholdWithoutSearchingAgain)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(findThem(2));
    setThreshold(0.8);
    EXPECT_TRUE(waitFor([this] { return list()->model()->rowCount() == 3; }));
    setThreshold(0.9);
    EXPECT_TRUE(waitFor([this] { return list()->model()->rowCount() == 2; }));
}

TEST_F(Duplicates, AreCountedInWordsThatFitTheNumber)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(findThem(2));
    const auto words = [this] { return find<QPushButton>("accept-suggestions")->text(); };
    EXPECT_EQ(words(), QStringLiteral("Accept suggestions ≥ 0.95: 2 clusters, −3 rows"));
    key(Qt::Key_N);
    EXPECT_TRUE(words().startsWith(QStringLiteral("Accept suggestions ≥ 0.95: 1 cluster, −"))) << words().toStdString();
    ASSERT_TRUE(click("accept-suggestions"));
    EXPECT_EQ(words(), QStringLiteral("Accept suggestions ≥ 0.95"));
}

TEST_F(Duplicates, ComeBackWithUndo)
{
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(findThem(2));
    ASSERT_TRUE(click("accept-suggestions"));
    ASSERT_TRUE(click("apply-review"));
    ASSERT_TRUE(hasVersion("tickets", 2));
    ASSERT_TRUE(waitFor([this] { return button("Undo") != nullptr; }));
    QTest::mouseClick(button("Undo"), Qt::LeftButton);
    EXPECT_TRUE(waitFor([this] { return (*history->dataset("tickets"))->rows == 34; }));
    // The review is there again, as it was.
    EXPECT_TRUE(waitFor([this] { return list() && list()->model()->rowCount() == 2; }));
    EXPECT_EQ(textOf("reviewed"), QStringLiteral("Reviewed 2 of 2"));
}

TEST_F(Duplicates, OfTrainAndEvalGoFromTheSideThatIsChosen)
{
    pipeline::SplitOptions split;
    split.ratios = {0.5, 0.5};
    split.seed = 1;
    ASSERT_TRUE(pipeline::splitDataset(*history, "tickets", split, {}));
    const auto train = pipeline::openDataset(*history, "tickets:train", {}), eval = pipeline::openDataset(*history, "tickets:eval", {});
    ASSERT_TRUE(train && eval);
    settings.setValue(QStringLiteral("duplicates/method"), 3);
    const auto before = (*eval)->rows();
    ASSERT_TRUE(openTab());
    ASSERT_TRUE(click("find-duplicates"));
    ASSERT_TRUE(waitFor([this] { return list() && list()->model()->rowCount() > 0; }));
    EXPECT_THAT(mark(0).toStdString(), testing::StartsWith("eval")) << "rows go from train";
    ASSERT_TRUE(click("accept-suggestions"));
    ASSERT_TRUE(click("apply-review"));
    ASSERT_TRUE(hasVersion("tickets", 3));
    const auto after = pipeline::openDataset(*history, "tickets:eval", {});
    ASSERT_TRUE(after);
    EXPECT_EQ((*after)->rows(), before) << "eval keeps its rows";
    EXPECT_LT((*history->dataset("tickets"))->rows, 34);
}

TEST_F(Duplicates, SayWhenThereAreNone)
{
    import("other", {row(sentence(1), "one"), row(sentence(2), "two")});
    ASSERT_TRUE(openDataset(QStringLiteral("other")));
    ASSERT_TRUE(isOpened());
    ASSERT_TRUE(clickTab(QStringLiteral("duplicates")));
    ASSERT_TRUE(click("find-duplicates"));
    EXPECT_TRUE(waitFor([this] {
        for (auto* label : window->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QStringLiteral("No two rows are alike")))
                return true;
        return false;
    }));
}

}
