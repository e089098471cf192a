// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/fixture.h"

#include "shell/language.h"
#include "style/fonts.h"
#include "style/theme.h"

#include <QElapsedTimer>
#include <QImage>
#include <QLocale>
#include <QSet>
#include <QThread>
#include <QWidget>

/// The resources lie in a static library: the linker keeps them only where they are named.
static void initResources()
{
    Q_INIT_RESOURCE(attune);
}

namespace attune::tests {

namespace {

QStringList g_said;  // UI thread only: workers log by our own log

void collect(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    if (type != QtDebugMsg && type != QtInfoMsg)
        g_said.append(text);
}

}

QApplication& application()
{
    static QApplication* const app = [] {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        initResources();
        static int argc = 1;
        static char name[] = "ui_tests";
        static char* argv[] = {name, nullptr};
        auto* made = new QApplication(argc, argv);
        QLocale::setDefault(QLocale::c());
        shell::applyLanguage(QStringLiteral("en"));  // "%n run(s)" is counted as in the studio
        style::loadFonts();
        style::applyTheme(style::Theme::Light);
        return made;
    }();
    return *app;
}

bool waitFor(const std::function<bool()>& condition, int milliseconds)
{
    QElapsedTimer timer;
    timer.start();
    while (!condition()) {
        if (timer.elapsed() > milliseconds)
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QThread::msleep(2);
    }
    return true;
}

QtMessages::QtMessages()
    : m_former(qInstallMessageHandler(collect))
{
    g_said.clear();
}

QtMessages::~QtMessages()
{
    qInstallMessageHandler(m_former);
}

std::string QtMessages::text() const
{
    return g_said.join(QLatin1Char('\n')).toStdString();
}

int coloursOf(QWidget& widget)
{
    const QImage image = widget.grab().toImage().convertToFormat(QImage::Format_RGB32);
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            colours.insert(image.pixel(x, y));
    return static_cast<int>(colours.size());
}

}
