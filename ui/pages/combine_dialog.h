// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

#include <QDialog>

class QCheckBox;
class QDoubleSpinBox;
class QGridLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace attune::widgets {
class Label;
}

namespace attune::pages {

/// One dataset of several, each with a weight: 2 takes every row twice, 0.5 half of the rows.
class CombineDialog : public QDialog
{
    Q_OBJECT
public:
    CombineDialog(shell::Context& context, const std::vector<store::DatasetRow>& datasets, QWidget* parent = nullptr);

signals:
    void made(const QString& name);

private:
    void showSum();
    void combine();

    struct Part {
        store::DatasetRow row;
        QCheckBox* box = nullptr;
        QDoubleSpinBox* weight = nullptr;
        widgets::Label* rows = nullptr;
    };
    shell::Context& m_context;
    std::vector<Part> m_parts;
    QLineEdit* m_name = nullptr;
    QCheckBox* m_shuffle = nullptr;
    QSpinBox* m_seed = nullptr;
    widgets::Label *m_sum = nullptr, *m_problem = nullptr;
    QPushButton* m_combine = nullptr;
};

}
