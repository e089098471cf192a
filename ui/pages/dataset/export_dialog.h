// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "shell/page.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace attune::widgets {
class Label;
}

namespace attune::pages {

/// Rows as a file that other programs read: which rows, style, format, where to, and what goes beside it. Shows the
/// first row as it will stand in the file, and says what a style lacks.
class DataExportDialog : public QDialog
{
    Q_OBJECT
public:
    DataExportDialog(shell::Context& context, OpenedPtr opened, QWidget* parent = nullptr);
    void setPath(const QString& path);

private:
    QLayout* buildForm();
    std::string style() const;
    QString suffix() const;
    void styleChanged();
    void formatChanged();
    void showState();
    void choosePath();
    void write();

    shell::Context& m_context;
    OpenedPtr m_opened;
    QComboBox *m_rows = nullptr, *m_style = nullptr, *m_format = nullptr, *m_packing = nullptr;
    QLineEdit* m_path = nullptr;
    QCheckBox *m_card = nullptr, *m_info = nullptr;
    QPlainTextEdit* m_example = nullptr;
    widgets::Label *m_need = nullptr, *m_problem = nullptr;
    QPushButton* m_export = nullptr;
    bool m_canStyle = true, m_isWriting = false;
};

}
