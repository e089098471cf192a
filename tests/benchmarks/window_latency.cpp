// SPDX-License-Identifier: GPL-3.0-or-later
// window_latency [--recipe FILE] [--inputs N]: how long an input takes until the window has painted it, in a real window
// (run it under Xvfb or on a desktop, not offscreen), while a run trains on all cores. Without a recipe, or without the
// engine, threads of the priority of a training thread keep the cores busy instead. Prints percentiles in milliseconds.
#include "pages/run_actions.h"
#include "pipeline/engine.h"
#include "shell/main_window.h"
#include "style/fonts.h"
#include "style/theme.h"
#include "support/history.h"
#include "support/paths.h"
#include "widgets/table.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QThread>
#include <QWheelEvent>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void initResources()
{
    Q_INIT_RESOURCE(attune);
}

namespace attune {
namespace {

/// Sees when a widget has painted after an input was handled.
class Watch final : public QObject
{
public:
    explicit Watch(QWidget* widget)
        : m_widget(widget)
    {
        widget->installEventFilter(this);
    }
    ~Watch() override { m_widget->removeEventFilter(this); }
    bool hasPainted = false;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::Paint)
            return false;
        // The paint itself comes first, then the mark.
        m_widget->removeEventFilter(this);
        QCoreApplication::sendEvent(watched, event);
        m_widget->installEventFilter(this);
        hasPainted = true;
        return true;
    }

private:
    QWidget* m_widget;
};

/// Inputs come from another thread at uneven times, as a person's do; each is timed from there to its paint.
std::vector<double> measure(QWidget* target, int inputs, const std::function<QEvent*(int)>& make)
{
    std::vector<double> milliseconds;
    Watch watch(target);
    for (int i = 0; i < inputs; ++i) {
        QElapsedTimer timer;
        watch.hasPainted = false;
        std::atomic<bool> isPosted {false};
        std::thread person([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20 + (i * 37) % 60));
            timer.start();
            QCoreApplication::postEvent(target, make(i));
            isPosted = true;
        });
        QElapsedTimer limit;
        limit.start();
        while ((!isPosted || !watch.hasPainted) && limit.elapsed() < 2000)
            QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 5);
        person.join();
        milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    return milliseconds;
}

void print(const char* what, std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) { return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))]; };
    std::printf("%-28s %4zu inputs   p50 %6.1f   p95 %6.1f   p99 %6.1f   max %6.1f ms\n", what, values.size(), at(0.5), at(0.95), at(0.99), values.back());
    std::fflush(stdout);
}

/// Stands for a training run: all cores, at the priority of the window's job threads.
class Burner
{
public:
    Burner()
    {
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
            m_threads.emplace_back([this] {
                ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
                volatile double x = 1;
                while (!m_stop)
                    x = x * 1.0000001 + 1e-9;
            });
    }
    ~Burner()
    {
        m_stop = true;
        for (auto& thread : m_threads)
            thread.join();
    }

private:
    std::atomic<bool> m_stop {false};
    std::vector<std::thread> m_threads;
};

void settle(int milliseconds)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

int run(QApplication& app)
{
    const QStringList arguments = app.arguments();
    const auto option = [&](const char* name) { const auto at = arguments.indexOf(QLatin1String(name)); return at > 0 ? arguments.value(at + 1) : QString(); };
    const int inputs = option("--inputs").isEmpty() ? 200 : option("--inputs").toInt();
    tests::TempDir dir;
    auto store = store::Store::open(dir.path("workspace"));
    if (!store)
        return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
    for (unsigned i = 0; i < 200; ++i)
        tests::addRun(**store, "history", store::RunStatus::Completed, 20, 20, i);
    QSettings settings(QString::fromStdString(dir.path("studio.ini")), QSettings::IniFormat);
    shell::MainWindow window(QString::fromStdString(dir.path("workspace")), settings);
    window.resize(1280, 800);
    window.show();
    window.activateWindow();
    settle(1000);
    std::unique_ptr<Burner> burner;
    const QString recipe = option("--recipe");
    if (!recipe.isEmpty()) {
        auto read = pipeline::Recipe::read(recipe.toStdString());
        if (!read)
            return std::fprintf(stderr, "%s\n", read.error().message.c_str()), 1;
        pages::startRunHere(window.context(), *read, &window);
        for (int i = 0; i < 600 && window.context().jobs.trainingRun().isEmpty(); ++i)
            settle(100);
        settle(3000);
        std::printf("training %s\n", qPrintable(window.context().jobs.trainingRun()));
    } else {
        burner = std::make_unique<Burner>();
        std::printf("all cores kept busy\n");
    }
    // The run's page follows every step; then one types and scrolls.
    if (!recipe.isEmpty()) {
        window.open(shell::PageId::Runs, window.context().jobs.trainingRun());
        settle(1500);
    }
    window.open(shell::PageId::TryOut);
    settle(1000);
    auto* input = window.findChild<QPlainTextEdit*>(QStringLiteral("chat-input"));
    input->setFocus();
    print("typing into Try out", measure(input->viewport(), inputs, [input](int i) -> QEvent* {
        // The key goes to the field, whose viewport paints it.
        QCoreApplication::postEvent(input, new QKeyEvent(QEvent::KeyPress, Qt::Key_A + i % 26, {}, QString(QChar(static_cast<char16_t>('a' + i % 26)))));
        return new QEvent(QEvent::User);
    }));
    window.open(shell::PageId::Runs, QStringLiteral("list:"));
    settle(1500);
    auto* table = window.findChild<widgets::Table*>(QStringLiteral("runs-table"));
    print("scrolling 200 runs", measure(table->viewport(), inputs, [table](int i) -> QEvent* {
        const int delta = (i / 20) % 2 ? 120 : -120;
        const QPointF at(200, 100);
        return new QWheelEvent(at, table->viewport()->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, {}, Qt::NoScrollPhase, false);
    }));
    auto* filter = window.findChild<QLineEdit*>(QStringLiteral("runs-filter"));
    filter->setFocus();
    print("typing into the filter", measure(filter, std::min(inputs, 100), [](int i) -> QEvent* {
        return i % 6 == 5 ? new QKeyEvent(QEvent::KeyPress, Qt::Key_Backspace, {}) : new QKeyEvent(QEvent::KeyPress, Qt::Key_H, {}, QStringLiteral("h"));
    }));
    burner.reset();
    window.finish();
    return 0;
}

}
}

int main(int argc, char** argv)
{
    initResources();
    QApplication app(argc, argv);
    QLocale::setDefault(QLocale::c());
    attune::style::loadFonts();
    attune::style::applyTheme(attune::style::Theme::Dark);
    return attune::run(app);
}
