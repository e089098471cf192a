// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/row_filter.h"
#include "pages/dataset/row_reader.h"

#include <QAbstractScrollArea>
#include <QStaticText>

#include <set>

namespace attune::pages {

class RowHeader;

/// The rows of a version, ten million of them if there are: no object per row, only what is in sight is read (by a
/// worker) and painted. One row is current; the arrow and page keys move it.
class RowGrid final : public QAbstractScrollArea
{
    Q_OBJECT
public:
    RowGrid(RowFilter& filter, QWidget* parent = nullptr);
    void setDataset(const OpenedPtr& opened);
    void setFacts(const DatasetFacts& facts);
    /// Rows of 44 px with two lines of text.
    void setTwoLines(bool isTwo);
    bool hasTwoLines() const { return m_isTwoLines; }

    std::vector<GridColumn>& columns() { return m_columns; }
    void setColumnVisible(int column, bool isVisible);
    /// Gives the text columns what is left of the width.
    void fitColumns();
    /// Position in the version of the current row; -1 without one.
    std::int64_t currentRow() const { return m_row; }
    /// A row that the filter leaves out: the next one that it shows. Waits for the filter's answer.
    void setCurrentRow(std::int64_t row);
    void move(std::int64_t by);
    /// What a cell shows: for tests and screen readers.
    QString cellText(std::int64_t place, const QString& columnId) const;
    QString rowText(std::int64_t place) const;
    QRect rowRect(std::int64_t place) const;
    RowHeader* header() const { return m_header; }
    std::int64_t rowCount() const { return m_filter.count(); }

signals:
    void currentRowChanged(qint64 row);
    void rangeWanted(const QString& field, double low, double high, const QString& column);
    void columnsMenuWanted(const QPoint& global);
    void rowActivated(qint64 row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    int rowHeight() const;
    std::int64_t firstVisible() const;
    std::int64_t placeAt(int y) const;
    void updateBars();
    void want();
    void readAgain();
    void takeRows(bool isNew);
    void keepInSight();
    void paintRow(QPainter& painter, std::int64_t place, const QRect& rect) const;
    void paintCell(QPainter& painter, const GridColumn& column, int index, std::int64_t row, const RowReader::Line& line, const QRect& rect) const;
    bool countsRows() const;
    void paintShaped(QPainter& painter, const QString& text, const QRect& rect) const;
    void paintText(QPainter& painter, const QString& text, const QRect& rect, bool isMono) const;
    void paintFlags(QPainter& painter, std::int64_t row, const QRect& rect) const;
    int columnsWidth() const;

    RowFilter& m_filter;
    RowReader m_reader;
    RowHeader* m_header = nullptr;
    OpenedPtr m_opened;
    std::shared_ptr<const pipeline::DatasetStats> m_stats;
    pipeline::RowFactsPtr m_facts;
    std::int64_t m_tokenLimit = 0;
    std::vector<GridColumn> m_columns;
    QStringList m_searched;
    std::int64_t m_row = -1, m_place = -1;
    std::int64_t m_pending = -1;  ///< a row to go to once the filter's answer is there
    std::int64_t m_hover = -1;
    mutable QStaticText m_dots {QString(QChar(0x2026))};
    mutable std::set<std::int64_t> m_gaps;  ///< places that were painted before their rows were read
    bool m_isTwoLines = false, m_hasOwnWidths = false;
};

}
