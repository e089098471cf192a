// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/row_filter.h"
#include "widgets/basics.h"

#include <QLineEdit>
#include <QTimer>

namespace attune::pages {

/// A term of the filter as a chip: its words and a cross that takes it away.
class FilterChip final : public QWidget
{
    Q_OBJECT
public:
    explicit FilterChip(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void removed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRect crossRect() const;
    QString m_text;
    bool m_isCrossHot = false;
};

/// Above the rows: a field that searches while one types, the chips of all filters, how many rows are left, the
/// menu of columns. Return makes what was typed a chip; "column >= 3" is a condition on a column.
class FilterBar final : public QWidget
{
    Q_OBJECT
public:
    FilterBar(RowFilter& filter, QWidget* parent = nullptr);
    void setDataset(const OpenedPtr& opened);
    QLineEdit* field() const { return m_field; }
    QToolButton* columnsButton() const { return m_columns; }
    void setMessage(const QString& text);

signals:
    void leftDownwards();  ///< the down key: to the rows

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void search(bool isFinal);
    void showChips();
    void showCount();
    bool addCondition(const QString& text);

    RowFilter& m_filter;
    OpenedPtr m_opened;
    QLineEdit* m_field = nullptr;
    QHBoxLayout* m_chips = nullptr;
    QPushButton* m_clear = nullptr;
    widgets::Label* m_count = nullptr;
    widgets::Label* m_message = nullptr;
    QToolButton* m_columns = nullptr;
    QTimer m_typing;
};

}
