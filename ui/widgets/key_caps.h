// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPair>
#include <QWidget>

namespace attune::widgets {

/// What keys do, as small key caps with a word each; those that find no room are left out from the end.
class KeyCaps : public QWidget
{
    Q_OBJECT
public:
    /// Pairs of key and word.
    explicit KeyCaps(const QList<QPair<QString, QString>>& keys, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<QPair<QString, QString>> m_keys;
};

}
