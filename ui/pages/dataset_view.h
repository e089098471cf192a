// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/dataset_model.h"
#include "shell/page.h"
#include "widgets/bubbles.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QTabBar>
#include <QTableView>

class QStackedWidget;

namespace attune::pages {

/// One dataset: its rows in a virtual table, the chosen row as training sees it, its history.
class DatasetView : public QWidget
{
    Q_OBJECT
public:
    explicit DatasetView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QString& name);
    const QString& name() const { return m_name; }

signals:
    void backRequested();

private:
    QWidget* buildRows();
    void showRow(int row);
    void fitColumns();
    bool eventFilter(QObject* watched, QEvent* event) override;

    shell::Context& m_context;
    QString m_name;
    widgets::PageHeader* m_header = nullptr;
    widgets::Label* m_facts = nullptr;
    models::DatasetModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    widgets::Label* m_rowTitle = nullptr;
    widgets::RecordView* m_record = nullptr;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_stack = nullptr;
    QVBoxLayout* m_history = nullptr;
    int m_row = -1;
};

}
