// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_jobs.h"
#include "ui/window.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QImage>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace attune::shell {
namespace {

using tests::waitFor;

/// A window with a model, a dataset and runs, in which one moves about by the Tab key.
class Controls : public tests::WindowTest
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(history->putModel({.name = "tiny", .path = dir.path("tiny.gguf"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
        std::string rows;
        for (int i = 0; i < 12; ++i)
            rows += "{\"prompt\": \"What is " + std::to_string(i) + "?\", \"completion\": \"It is " + std::to_string(i) + ".\"}\n";
        ASSERT_TRUE(pipeline::importDataset(*history, {dir.write("sums.jsonl", rows)}, "sums", {}, false, {}));
        window->setAttribute(Qt::WA_KeyboardFocusChange);
    }
    /// What the keyboard reaches with Tab, where it can be seen.
    QList<QWidget*> stops() const
    {
        QList<QWidget*> found;
        for (auto* widget : shown()->findChildren<QWidget*>())
            if (widget->isVisible() && widget->isEnabled() && (widget->focusPolicy() & Qt::TabFocus) && !widget->focusProxy() && !widget->visibleRegion().isEmpty())
                found.append(widget);
        return found;
    }
    QImage picture(QWidget* stop) const
    {
        QRect at(stop->mapTo(window.get(), QPoint()), stop->size());
        if (qobject_cast<QPlainTextEdit*>(stop))
            at.setWidth(2);  // the frame alone: a cursor is no ring
        return window->grab(at.adjusted(-4, -4, 4, 4).intersected(window->rect())).toImage();
    }
    static std::string nameOf(const QWidget* widget)
    {
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        const QString parent = widget->parentWidget() ? QLatin1String(widget->parentWidget()->metaObject()->className()) : QString();
        return QStringLiteral("%1 \"%2\" %3 %4 in %5").arg(QLatin1String(widget->metaObject()->className()), widget->objectName(), widget->accessibleName(), button ? button->text() : QString(), parent).toStdString();
    }
    void visitPages(const std::function<void(const std::string& where)>& look)
    {
        for (int i = 0; i < kPageCount; ++i) {
            const auto& info = pageTable()[i];
            window->open(info.id);
            ASSERT_TRUE(waitFor([this] { return !stops().isEmpty(); })) << info.name;
            QTest::qWait(300);
            look(info.name);
        }
    }
    void visitTabs(const std::function<void(const std::string& where)>& look)
    {
        for (const char* tab : {"overview", "rows", "duplicates", "issues", "split", "history"}) {
            window->open(PageId::Datasets, QStringLiteral("sums#") + QLatin1String(tab));
            QTest::qWait(500);
            look(std::string("dataset ") + tab);
        }
        for (const char* tab : {"charts", "samples", "config", "data", "system", "log", "files", "notes"}) {
            window->open(PageId::Runs, QString::fromStdString(done) + QLatin1Char('#') + QLatin1String(tab));
            QTest::qWait(500);
            look(std::string("run ") + tab);
        }
    }
    /// The nearest tooltip, as the pointer would show it.
    static QString tipOf(const QWidget* widget)
    {
        for (; widget && !widget->isWindow(); widget = widget->parentWidget())
            if (!widget->toolTip().isEmpty())
                return widget->toolTip();
        return {};
    }
    void expectReasons(const std::string& where)
    {
        for (auto* widget : shown()->findChildren<QWidget*>()) {
            const bool isControl = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) || qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractSpinBox*>(widget);
            if (isControl && widget->isVisible() && !widget->isEnabled()) {
                EXPECT_FALSE(tipOf(widget).isEmpty()) << nameOf(widget) << " on " << where;
            }
        }
    }
    void expectOnePrimary(const std::string& where)
    {
        QStringList filled;
        for (auto* button : shown()->findChildren<QPushButton*>())
            if (button->isVisible() && button->property("role") == QStringLiteral("primary"))
                filled.append(button->text());
        EXPECT_EQ(filled.size(), where == "Settings" ? 0 : 1) << where << ": " << filled.join(QLatin1Char('|')).toStdString();
    }
    void expectRings(const std::string& where)
    {
        for (auto* stop : stops()) {
            window->setFocus();
            const QImage without = picture(stop);
            stop->setFocus(Qt::TabFocusReason);
            if (!stop->hasFocus())
                continue;
            EXPECT_NE(picture(stop), without) << nameOf(stop) << " on " << where;
        }
    }
};

TEST_F(Controls, ShowTheFocusOnEveryPage)
{
    visitPages([this](const std::string& where) { expectRings(where); });
}

TEST_F(Controls, ShowTheFocusInADatasetAndARun)
{
    visitTabs([this](const std::string& where) { expectRings(where); });
}

TEST_F(Controls, SayWhyTheyAreDisabled)
{
    visitPages([this](const std::string& where) { expectReasons(where); });
    visitTabs([this](const std::string& where) { expectReasons(where); });
}

TEST_F(Controls, HaveOnePrimaryOnAPage)
{
    visitPages([this](const std::string& where) { expectOnePrimary(where); });
    visitTabs([this](const std::string& where) { expectOnePrimary(where); });
}

}
}
