// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/import_preview.h"
#include "shell/page.h"
#include "widgets/bubbles.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QListWidget;
class QTableWidget;

namespace attune::pages {

/// Files before they are added: what they are, their first rows, the role of each column and what a row becomes.
/// Everything can be changed, and nothing is written until "Add rows".
class ImportDialog : public QDialog
{
    Q_OBJECT
public:
    ImportDialog(shell::Context& context, const QStringList& paths, QWidget* parent = nullptr);
    /// The files become the next version of this dataset, unless another name is typed.
    void replace(const QString& dataset);

signals:
    void added(const QString& name, qint64 rows);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QLayout* buildFacts();
    QLayout* buildName();
    QWidget* buildProblems();
    void ask();
    void take(Result<ImportPreview> preview);
    void fillOptions();
    void fillTable();
    void fitTable();
    void rolesChanged();
    void showRecord(int row);
    void showProblems();
    void showMissing();
    void checkTheName();
    void add();

    shell::Context& m_context;
    std::vector<std::string> m_paths;
    ImportPreview m_preview;
    importer::ImportOptions m_options;
    std::vector<importer::Record> m_records;
    QList<QComboBox*> m_roles;
    int m_record = 0, m_request = 0;
    bool m_hasPreview = false, m_isTaken = false, m_isAdding = false;
    widgets::Label *m_sentence = nullptr, *m_encoding = nullptr, *m_size = nullptr, *m_missing = nullptr, *m_place = nullptr, *m_problem = nullptr, *m_nameProblem = nullptr;
    QComboBox *m_format = nullptr, *m_delimiter = nullptr, *m_header = nullptr, *m_split = nullptr;
    QList<QWidget*> m_csvOnly, m_textOnly;
    QTableWidget* m_table = nullptr;
    widgets::RecordView* m_view = nullptr;
    QToolButton *m_previous = nullptr, *m_next = nullptr;
    QWidget* m_problemRow = nullptr;
    QPushButton *m_lines = nullptr, *m_add = nullptr;
    QListWidget* m_problems = nullptr;
    QLineEdit* m_name = nullptr;
    QCheckBox* m_replace = nullptr;
};

}
