// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/preview.h"
#include "shell/page.h"
#include "widgets/bubbles.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QLineEdit>

namespace attune::pages {

/// A file before it is added: what it is, its first rows, the role of each column and what a row
/// becomes. Nothing is written until "Add rows".
class ImportView : public QWidget
{
    Q_OBJECT
public:
    explicit ImportView(shell::Context& context, QWidget* parent = nullptr);
    void show(const QString& path);

signals:
    void backRequested();
    void added(const QString& name);

private:
    void ask();
    void fill();
    void add();

    shell::Context& m_context;
    QString m_path;
    importer::Preview m_preview;
    importer::ImportOptions m_options;
    widgets::PageHeader* m_header = nullptr;
    widgets::Label *m_facts = nullptr, *m_sentence = nullptr;
    QLineEdit* m_name = nullptr;
    QPushButton* m_add = nullptr;
    widgets::Panel *m_rows = nullptr, *m_roles = nullptr, *m_converted = nullptr;
    widgets::RecordView* m_record = nullptr;
    QVBoxLayout* m_roleRows = nullptr;
    widgets::Table* m_table = nullptr;
};

}
