// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

class QCheckBox;
class QLineEdit;
class QStackedWidget;

namespace attune::pages {

/// What the list knows of one dataset.
struct ListedDataset {
    store::DatasetRow row;                   ///< newest version
    std::int64_t imported = 0;               ///< rows of its import
    std::int64_t tokens = -1;                ///< -1: not counted
    std::int64_t issues = -1, personal = 0;  ///< -1: not looked for
    int steps = 0;
    QStringList runs {};                        ///< that used it, newest first
    QString source {}, sourceState {};             ///< path of the first file; "unchanged", "changed", "missing"
    bool isArchived = false, isTrashed = false;
};

/// All datasets: how many rows are left of each, what is to look at, what used it; and what can be done with the
/// chosen ones.
class DatasetList : public QWidget
{
    Q_OBJECT
public:
    explicit DatasetList(shell::Context& context, QWidget* parent = nullptr);
    void refresh();

signals:
    void opened(const QString& name);
    void addWanted();

private:
    QWidget* buildStrip();
    void fill(const std::vector<ListedDataset>& datasets);
    void showCount();
    void showSelection();
    const ListedDataset* chosen() const;
    void combine();
    void archive();
    void remove();
    void restore(const QString& name);
    void openTheSample();
    void shelve(const std::function<Status(store::Store&)>& work, const QString& done, const std::function<void()>& undo);

    shell::Context& m_context;
    std::vector<ListedDataset> m_datasets;
    widgets::Table* m_table = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    widgets::Label* m_count = nullptr;
    QLineEdit* m_filter = nullptr;
    QCheckBox* m_archived = nullptr;
    QPushButton *m_add = nullptr, *m_combine = nullptr, *m_open = nullptr, *m_train = nullptr, *m_archive = nullptr, *m_delete = nullptr, *m_restore = nullptr;
    QWidget* m_strip = nullptr;
    widgets::Label* m_chosen = nullptr;
    widgets::ElidedLabel* m_source = nullptr;
};

}
