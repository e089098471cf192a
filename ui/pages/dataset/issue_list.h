// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <QStandardItemModel>

namespace attune::pages {

/// Kinds of issues under headings, each with the number of rows it was found in.
class IssueList : public QListView
{
    Q_OBJECT
public:
    struct Line {
        QString kind;   ///< empty: a heading
        QString label;
        qint64 count = 0;
    };
    explicit IssueList(QWidget* parent = nullptr);
    /// Keeps the chosen kind where it is still listed, else takes the first with a count.
    void setLines(const QList<Line>& lines);
    QString current() const;
    void setCurrent(const QString& kind);

signals:
    void kindChanged(const QString& kind);

private:
    QStandardItemModel m_model;
};

}
