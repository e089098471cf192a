// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "pipeline/dataset_jobs.h"
#include "widgets/panel.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QSpinBox;

namespace attune::pages {

/// How rows are to be divided: shares or a column, what stays together, the seed.
class SplitForm : public QWidget
{
    Q_OBJECT
public:
    explicit SplitForm(QWidget* parent = nullptr);
    /// Fills the columns in, and what the version was split by.
    void setDataset(const OpenedPtr& opened);
    pipeline::SplitOptions options() const;
    /// Per cent of train, eval and test.
    std::vector<int> shares() const;
    bool isByColumn() const;

signals:
    void changed();

private:
    QWidget* buildShares();
    void showMethod();
    void fillColumns(QComboBox* combo, const OpenedPtr& opened, const QString& none);
    QFormLayout* m_form = nullptr;
    widgets::SegmentedControl* m_method = nullptr;
    QSpinBox *m_eval = nullptr, *m_test = nullptr, *m_seed = nullptr;
    widgets::Label* m_train = nullptr;
    QWidget* m_shares = nullptr;
    QComboBox *m_column = nullptr, *m_stratify = nullptr, *m_group = nullptr, *m_together = nullptr;
};

}
