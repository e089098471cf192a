// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/main_window.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QPixmap>
#include <QThreadPool>

namespace attune::shell {
namespace {

/// Lets workers answer and pages lay themselves out; for pictures only, so spinning the loop is right here.
void settle(int milliseconds)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        QThreadPool::globalInstance()->waitForDone(1);
    }
}

}

void MainWindow::screenshotPages(const QString& folder, const QString& suffix)
{
    QDir().mkpath(folder);
    settle(300);
    for (int i = 0; i < kPageCount; ++i) {
        open(pageTable()[i].id);
        settle(700);
        grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(pageTable()[i].icon), suffix));
    }
    m_isFinishing = true;
}

}
