// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/workspace.h"

#include "base/log.h"

#include <QCoreApplication>
#include <QThreadPool>
#include <QTimer>

namespace attune::bridge {

struct Workspace::State {
    std::unique_ptr<store::Store> store;  // worker thread only
    Error openError;
    std::int64_t version = -1;
};

Workspace::Workspace(QString path, QObject* parent)
    : QObject(parent)
    , m_path(std::move(path))
    , m_worker(new QObject)
    , m_state(std::make_shared<State>())
{
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.setObjectName(QStringLiteral("store"));
    m_thread.start();
    QMetaObject::invokeMethod(m_worker, [this, state = m_state, path = stdPath()] {
        auto opened = store::Store::open(path);
        if (opened) {
            state->store = std::move(*opened);
            state->version = state->store->dataVersion();
        } else {
            state->openError = opened.error();
            logWarning("{}", opened.error().message);
        }
        auto* timer = new QTimer(m_worker);
        timer->setInterval(500);
        QObject::connect(timer, &QTimer::timeout, m_worker, [this] { watch(); });
        timer->start();
    });
}

Workspace::~Workspace()
{
    QMetaObject::invokeMethod(m_worker, [state = m_state] { state->store.reset(); }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

void Workspace::watch()
{
    if (!m_state->store)
        return;
    const auto version = m_state->store->dataVersion();
    if (version == m_state->version)
        return;
    m_state->version = version;
    emit changed();  // queued to the UI thread
}

void Workspace::post(Task task)
{
    QMetaObject::invokeMethod(m_worker, [state = m_state, task = std::move(task)] {
        auto answer = task(state->store.get(), state->openError);
        if (answer)
            QMetaObject::invokeMethod(qApp, answer);
    });
}

void Workspace::write(std::function<Status(store::Store&)> work)
{
    post([this, work = std::move(work)](store::Store* store, const Error&) -> std::function<void()> {
        if (!store)
            return {};
        if (auto status = work(*store); !status)
            logWarning("{}", status.error().message);
        // Our own writes do not move this connection's data_version.
        return [self = QPointer<Workspace>(this)] {
            if (self)
                emit self->changed();
        };
    });
}

void runInBackground(QObject* receiver, std::function<std::function<void()>()> work)
{
    QPointer<QObject> guard(receiver);
    QThreadPool::globalInstance()->start([guard, work = std::move(work)] {
        auto answer = work();
        QMetaObject::invokeMethod(qApp, [guard, answer = std::move(answer)] {
            if (guard)
                answer();
        });
    });
}

}
