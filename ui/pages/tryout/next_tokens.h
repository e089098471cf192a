// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace attune::pages {

/// What could come next at a place of an answer: the likeliest tokens of the base and of the tuned model, as bars side by
/// side, in the order of the tuned one.
class NextTokens final : public QWidget
{
    Q_OBJECT
public:
    struct Row { QString token; double base = -1, tuned = -1; };  ///< below 0: not among its likeliest
    explicit NextTokens(QWidget* parent = nullptr);
    void setMessage(const QString& text);
    void setRows(const QString& after, const QList<Row>& rows, int colour, bool hasBase);
    const QList<Row>& rows() const { return m_rows; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_after, m_message;
    QList<Row> m_rows;
    int m_colour = 0;
    bool m_hasBase = true;
};

}
