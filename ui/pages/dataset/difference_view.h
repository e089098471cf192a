// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/difference_model.h"
#include "widgets/panel.h"

class QCheckBox;
class QTableView;

namespace attune::pages {

/// What lies between two versions: counts, and the rows word by word.
class DifferenceView : public QWidget
{
    Q_OBJECT
public:
    explicit DifferenceView(QWidget* parent = nullptr);
    void setDifference(const models::DifferencePtr& difference);
    void say(const QString& text);

signals:
    void closed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fit();
    models::DifferenceModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    widgets::Label *m_title = nullptr, *m_facts = nullptr, *m_columns = nullptr;
    widgets::SegmentedControl* m_filter = nullptr;
    QCheckBox* m_whole = nullptr;
};

}
