// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/compare/compare_data.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QSettings>

namespace attune::pages {

/// Settings and results, a column a run: what differs from the baseline is marked, arrows go from difference to difference.
class CompareTable final : public widgets::Panel
{
    Q_OBJECT
public:
    /// isLarge: the Config tab, with a search and the keys.
    explicit CompareTable(QSettings& settings, bool isLarge, QWidget* parent = nullptr);
    void show(const CompareData& comparison);
    /// The rows that are shown, as a file has them.
    QString csv();
    /// At which the names of all settings and runs are whole.
    int leastWidth() const { return m_table ? m_table->leastWidth() : 0; }

private:
    void fill();
    void makeTable();
    void addSettings(QList<widgets::TableRow>& rows);
    void addResults(QList<widgets::TableRow>& rows) const;
    void jump(int by);

    QSettings& m_settings;
    bool m_isLarge;
    CompareData m_data;
    widgets::Table* m_table = nullptr;
    QCheckBox* m_only = nullptr;
    QLineEdit* m_filter = nullptr;
    QToolButton *m_back = nullptr, *m_next = nullptr;
    QList<int> m_different;  ///< rows of the table
    qsizetype m_at = -1;
};

}
