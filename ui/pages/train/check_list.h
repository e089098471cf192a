// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

namespace attune::pages {

/// What was looked at before a run: an icon, a sentence, and a button where something can be done about it.
class CheckList final : public QWidget
{
    Q_OBJECT
public:
    struct Line {
        enum class Kind { Good, Info, Warning, Danger } kind = Kind::Info;
        QString id;
        QString text;
        QString button = {};
    };
    explicit CheckList(QWidget* parent = nullptr);
    void setLines(const QList<Line>& lines);
    QStringList texts() const;

signals:
    void pressed(const QString& id);

private:
    QVBoxLayout* m_layout = nullptr;
    QList<Line> m_lines;
};

}
