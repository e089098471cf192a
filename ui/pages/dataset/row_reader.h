// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/grid_columns.h"
#include "pages/dataset/opened_version.h"

#include <QCache>
#include <QObject>
#include <QStringList>

#include <vector>

namespace attune::pages {

/// Texts of rows for the grid, read on a worker so that not even a row of fifty megabytes stops the window. What was
/// read last is kept; what is asked for last is read first.
class RowReader final : public QObject
{
    Q_OBJECT
public:
    explicit RowReader(QObject* parent = nullptr);
    /// Forgets everything. searched: cells begin near the first find.
    void setSource(importer::DatasetPtr data, const std::vector<GridColumn>& columns, const QStringList& searched);

    struct Line {
        std::int64_t number = 0;   ///< of the import, for people
        QStringList cells;         ///< by grid column; cut at what a cell may need
        QString problem;           ///< why the row cannot be read
    };
    /// Null until it was read.
    const Line* line(std::int64_t row) const { return m_lines.object(row); }
    /// What is in sight, most wanted first; lines that are there are passed over.
    void want(const std::vector<std::int64_t>& rows);

signals:
    void linesRead();

private:
    struct Source;
    void next();
    std::shared_ptr<const Source> m_source;
    std::vector<std::int64_t> m_wanted;
    QCache<std::int64_t, Line> m_lines {6000};
    bool m_isReading = false;
    int m_request = 0;
};

}
