// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "ui/window.h"

#include <QAbstractItemView>
#include <QLabel>
#include <QTabBar>

#include <string>
#include <vector>

namespace attune::tests {

/// A window on a workspace into which datasets are put; clicks are real and counted.
class DatasetWindow : public WindowTest
{
protected:
    static Json row(const std::string& question, const std::string& answer) { return {{"question", question}, {"answer", answer}}; }

    std::string write(const std::string& file, const std::vector<Json>& rows) const
    {
        std::string text;
        for (const auto& one : rows)
            text += toLine(one) + "\n";
        return dir.write(file, text);
    }
    void import(const std::string& name, const std::vector<Json>& rows)
    {
        const auto report = pipeline::importDataset(*history, {write(name + ".jsonl", rows)}, name, {}, false, {});
        ASSERT_TRUE(report) << report.error().message;
    }
    template<typename Widget = QWidget>
    Widget* find(const char* name)
    {
        for (auto* widget : window->findChildren<Widget*>(QLatin1String(name)))
            if (widget->isVisible())
                return widget;
        return nullptr;
    }
    /// One click on a widget that one can see and use; waits until that is so.
    bool click(const char* name)
    {
        if (!waitFor([&] { return find(name) && find(name)->isEnabled(); }))
            return false;
        ++clicks;
        auto* widget = find(name);
        QTest::mouseClick(widget, Qt::LeftButton, {}, widget->rect().center());
        return true;
    }
    bool clickTab(const QString& id)
    {
        auto* tabs = find<QTabBar>("dataset-tabs");
        for (int i = 0; tabs && i < tabs->count(); ++i)
            if (tabs->tabData(i).toString() == id) {
                ++clicks;
                QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(i).center());
                return true;
            }
        return false;
    }
    /// A click (or a double click) on a row of a list that shows this text somewhere.
    bool clickRow(const char* view, const QString& text, bool isDouble = false, Qt::KeyboardModifiers modifiers = {})
    {
        QModelIndex index;
        const bool isThere = waitFor([&] {
            auto* list = find<QAbstractItemView>(view);
            for (int r = 0; list && r < list->model()->rowCount(); ++r)
                for (int c = 0; c < list->model()->columnCount(); ++c)
                    if (list->model()->index(r, c).data().toString().contains(text)) {
                        index = list->model()->index(r, c);
                        return true;
                    }
            return false;
        });
        if (!isThere)
            return false;
        ++clicks;
        auto* list = find<QAbstractItemView>(view);
        list->scrollTo(index);
        const QPoint place = list->visualRect(index).center();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, modifiers, place);
        if (isDouble)
            QTest::mouseDClick(list->viewport(), Qt::LeftButton, modifiers, place);
        return true;
    }
    bool openDataset(const QString& name)
    {
        window->open(shell::PageId::Datasets, QStringLiteral("list:"));
        return clickRow("datasets", name, true);
    }
    /// Waits until the rows of a dataset are there.
    bool isOpened()
    {
        return waitFor([this] { return find<QTabBar>("dataset-tabs") && textOf("dataset-facts").contains(QStringLiteral("rows")); });
    }
    /// Waits for a version of a dataset.
    bool hasVersion(const std::string& name, int version)
    {
        return waitFor([&] {
            const auto now = history->dataset(name);
            return now && *now && (*now)->version == version;
        });
    }
    std::vector<std::string> texts(const std::string& argument, const std::string& column)
    {
        std::vector<std::string> all;
        const auto data = pipeline::openDataset(*history, argument, {});
        EXPECT_TRUE(data) << data.error().message;
        for (std::int64_t i = 0; data && i < (*data)->rows(); ++i)
            all.push_back((*data)->values(i)->at(column));
        return all;
    }
    QString textOf(const char* label)
    {
        auto* found = find<QLabel>(label);
        return found ? found->text() : QString();
    }

    int clicks = 0;
};

}
