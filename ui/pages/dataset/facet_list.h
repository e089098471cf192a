// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <QWidget>

namespace attune::pages {

/// One value of a facet: box, words, how many rows.
struct FacetItem {
    QString value, label;
    qint64 count = 0;
};

/// Values of one facet with their counts, several of which may be ticked: heading 600, rows of 25 px. Long lists
/// show the first ones and a line that unfolds the rest. The arrow keys move, Space ticks.
class FacetList final : public QWidget
{
    Q_OBJECT
public:
    FacetList(const QString& field, const QString& title, QWidget* parent = nullptr);
    const QString& field() const { return m_field; }
    void setItems(const QList<FacetItem>& items);
    void setChecked(const QStringList& values);
    const QStringList& checked() const { return m_checked; }
    const QList<FacetItem>& items() const { return m_items; }
    /// Where a value is, for tests.
    QRect rectOf(const QString& value) const;
    QSize sizeHint() const override;

signals:
    void checkedChanged(const QStringList& values);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    int shown() const;
    bool hasMore() const;
    QRect lineRect(int line) const;
    int lineAt(const QPoint& at) const;
    void toggle(int line);
    void resizeToItems();

    QString m_field, m_title;
    QList<FacetItem> m_items;
    QStringList m_checked;
    int m_hover = -1, m_current = 0;
    bool m_isUnfolded = false, m_hasKeyboardFocus = false;
};

}
