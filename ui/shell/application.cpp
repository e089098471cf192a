// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/application.h"

#include "base/file.h"
#include "base/log.h"
#include "bridge/core_texts.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/single_window.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QSocketNotifier>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

/// The resources lie in a static library: the linker keeps them only where they are named.
static void initResources()
{
    Q_INIT_RESOURCE(attune);
}

namespace attune::shell {
namespace {

int g_signalPipe[2] = {-1, -1};

void onSignal(int)
{
    const char byte = 1;
    [[maybe_unused]] const auto n = ::write(g_signalPipe[0], &byte, 1);
}

/// SIGTERM and SIGINT reach the event loop through a socket pair: nothing else is safe in a handler.
void watchSignals(MainWindow& window)
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, g_signalPipe) != 0)
        return;
    auto* notifier = new QSocketNotifier(g_signalPipe[1], QSocketNotifier::Read, &window);
    QObject::connect(notifier, &QSocketNotifier::activated, &window, [&window, notifier] {
        notifier->setEnabled(false);
        window.finish();
    });
    struct sigaction action {};
    action.sa_handler = onSignal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

struct Arguments {
    QString workspace, screenshots, theme, size, language;
    QStringList files;
    bool newWindow = false;
};

QString workspaceFrom(const QString& given)
{
    const QByteArray environment = qgetenv("ATTUNE_WORKSPACE");
    const std::string path = !given.isEmpty() ? given.toStdString() : environment.isEmpty() ? "~/Attune" : environment.toStdString();
    return QString::fromStdString(absolutePath(path));
}

bool parse(const QApplication& app, Arguments& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Fine-tune language models on your own PC."));
    const auto help = parser.addHelpOption();
    const auto version = parser.addVersionOption();
    const QCommandLineOption workspace(QStringLiteral("workspace"), QStringLiteral("Folder of datasets, models, runs and history."), QStringLiteral("dir"));
    const QCommandLineOption newWindow(QStringLiteral("new-window"), QStringLiteral("Open a window even where one is open."));
    const QCommandLineOption screenshots(QStringLiteral("screenshot-pages"), QStringLiteral("Paint every page into PNG files and quit."), QStringLiteral("dir"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("light or dark."), QStringLiteral("name"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window, as 1280x800."), QStringLiteral("WxH"));
    const QCommandLineOption scale(QStringLiteral("scale"), QStringLiteral("Scale factor."), QStringLiteral("factor"));
    const QCommandLineOption language(QStringLiteral("language"), QStringLiteral("en, or for tests pseudo (texts bracketed and longer) and rtl (also from right to left)."), QStringLiteral("name"));
    const QCommandLineOption texts(QStringLiteral("core-texts"), QStringLiteral("Write the texts of core to a C++ source that lupdate reads, and quit."), QStringLiteral("file"));
    parser.addOptions({workspace, newWindow, screenshots, theme, size, scale, language, texts});
    parser.addPositionalArgument(QStringLiteral("files"), QStringLiteral("Data, recipes, models or adapter folders to open."), QStringLiteral("[FILE…]"));
    if (!parser.parse(app.arguments())) {
        std::fprintf(stderr, "%s\nSee attune-studio --help.\n", qPrintable(parser.errorText()));
        return false;
    }
    if (parser.isSet(help))
        parser.showHelp(0);
    if (parser.isSet(version))
        parser.showVersion();
    if (parser.isSet(texts)) {
        const auto status = writeFileAtomically(parser.value(texts).toStdString(), bridge::coreTextsSource().toStdString());
        if (!status)
            std::fprintf(stderr, "%s\n", status.error().message.c_str());
        std::exit(status ? 0 : 1);
    }
    arguments.workspace = workspaceFrom(parser.value(workspace));
    arguments.screenshots = parser.value(screenshots);
    arguments.theme = parser.value(theme);
    arguments.size = parser.value(size);
    arguments.language = parser.value(language);
    arguments.newWindow = parser.isSet(newWindow);
    for (const auto& file : parser.positionalArguments())
        arguments.files.append(QFileInfo(file).absoluteFilePath());
    return true;
}

/// The font configuration of the system is read while the display answers: 40 files, some milliseconds. Qt's own copy of
/// fontconfig is asked, which takes what was read; where Qt has none, nothing happens.
std::jthread warmFonts()
{
    return std::jthread([] {
        if (const auto init = reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "FcInit")))
            init();
    });
}

/// Without a session bus libdbus tries to start one just for us, at the first widget, before anything is painted.
class NoNewBus
{
public:
    NoNewBus()
        : m_isNeeded(!qEnvironmentVariableIsSet(kAddress) && !QFileInfo::exists(QString::fromUtf8(qgetenv("XDG_RUNTIME_DIR")) + QStringLiteral("/bus")))
    {
        if (m_isNeeded)
            qputenv(kAddress, "disabled:");
    }
    /// Programs that the studio starts decide for themselves.
    ~NoNewBus()
    {
        if (m_isNeeded)
            qunsetenv(kAddress);
    }
    NoNewBus(const NoNewBus&) = delete;
    NoNewBus& operator=(const NoNewBus&) = delete;

private:
    static constexpr const char* kAddress = "DBUS_SESSION_BUS_ADDRESS";
    bool m_isNeeded;
};

/// --scale must be known before the application is made.
void presetScale(int argc, char** argv)
{
    for (int i = 1; i + 1 < argc; ++i)
        if (std::string_view(argv[i]) == "--scale")
            qputenv("QT_SCALE_FACTOR", argv[i + 1]);
}

}

int runStudio(int argc, char** argv)
{
    presetScale(argc, argv);
    initResources();
    const std::jthread fonts = warmFonts();
    std::optional<NoNewBus> noNewBus(std::in_place);
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("attune-studio"));
    QApplication::setApplicationVersion(QStringLiteral(ATTUNE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("attune-studio"));
    // Numbers are shown as the system writes them. What C functions read and write are files, which have points everywhere.
    QLocale::setDefault(QLocale::system());
    std::setlocale(LC_NUMERIC, "C");
    Arguments arguments;
    if (!parse(app, arguments))
        return 2;
    const bool paints = !arguments.screenshots.isEmpty();
    SingleWindow single(arguments.workspace);
    if (!arguments.newWindow && !paints && single.handOver(arguments.files))
        return 0;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    const QByteArray config = qgetenv("XDG_CONFIG_HOME");
    QSettings settings((config.isEmpty() ? QDir::homePath() + QStringLiteral("/.config") : QString::fromUtf8(config)) + QStringLiteral("/attune/studio.ini"), QSettings::IniFormat);
    openLog({}, LogLevel::Info, LogLevel::Error);
    applyLanguage(arguments.language);
    if (const int percent = settings.value(QStringLiteral("appearance/textSize"), 100).toInt(); percent >= 50 && percent <= 300 && percent != 100) {
        QFont font = QApplication::font();
        font.setPointSizeF(font.pointSizeF() * percent / 100.0);
        QApplication::setFont(font);
    }
    style::loadFonts(settings.value(QStringLiteral("appearance/systemFont")).toBool());
    style::applyTheme(style::themeFromName(arguments.theme.isEmpty() ? settings.value(QStringLiteral("appearance/theme")).toString() : arguments.theme));
    MainWindow window(arguments.workspace, settings);
    noNewBus.reset();
    if (const auto parts = arguments.size.split(QLatin1Char('x')); parts.size() == 2)
        window.resize(parts[0].toInt(), parts[1].toInt());
    window.show();
    if (paints) {
        window.screenshotPages(arguments.screenshots, style::themeName(style::theme()));
        return 0;
    }
    QObject::connect(&single, &SingleWindow::filesArrived, &window, &MainWindow::openFiles);
    single.listen();
    watchSignals(window);
    if (!arguments.files.isEmpty())
        QMetaObject::invokeMethod(&window, [&window, files = arguments.files] { window.openFiles(files); }, Qt::QueuedConnection);
    return QApplication::exec();
}

}
