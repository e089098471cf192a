// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

namespace attune::shell {

/// Tells the desktop what happened while the window is not in front, as far as the settings ask for it.
class Notifier final : public QObject
{
    Q_OBJECT
public:
    Notifier(Context& context, QWidget* window);

private:
    void say(const QString& setting, const QString& title, const QString& text);
    Context& m_context;
    QWidget* m_window;
};

}
