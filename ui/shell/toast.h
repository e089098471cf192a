// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <functional>

namespace attune::shell {

/// A line at the bottom of the page that goes away after 8 seconds; the time stands still while the
/// pointer or the focus is on it.
class Toast : public QWidget
{
    Q_OBJECT
public:
    Toast(const QString& text, const std::function<void()>& undo, QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    bool covers(const QRect& place) const;
    QTimer m_timer;
};

}
