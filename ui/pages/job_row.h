// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

#include <functional>

namespace attune::pages {

/// One line of Activity.
struct JobLine {
    QString key;          ///< the same thing in the next update
    QString icon, name, word;
    QString time = {};
    QString details = {}; ///< of a failure, in full
    double share = -1;    ///< below 0: no bar
    widgets::Tone tone = widgets::Tone::Secondary;
    QList<std::pair<QString, std::function<void()>>> actions = {};
    bool isPrimary = false;  ///< the first action is what one most likely came for
};

/// Icon, name, what it does, a bar, its time, at most two buttons.
class JobRow final : public QWidget
{
    Q_OBJECT
public:
    explicit JobRow(QWidget* parent = nullptr);
    void setLine(const JobLine& line);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class Bar;
    void makeButtons();
    JobLine m_line;
    QLabel* m_icon = nullptr;
    widgets::ElidedLabel *m_name = nullptr, *m_word = nullptr;
    widgets::Label *m_time = nullptr, *m_details = nullptr;
    Bar* m_bar = nullptr;
    QHBoxLayout* m_buttons = nullptr;
    QString m_shownButtons;
};

}
