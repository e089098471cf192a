// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/text.h"
#include "store/store.h"

#include <QObject>
#include <QPointer>
#include <QThread>

#include <functional>
#include <memory>

namespace attune::bridge {

/// The open workspace. Reads and small writes of the history run one after another on one worker
/// thread with its own connection; answers come back on the UI thread, in order. It also watches for
/// what other processes write (PRAGMA data_version) and says so.
class Workspace final : public QObject
{
    Q_OBJECT
public:
    explicit Workspace(QString path, QObject* parent = nullptr);
    ~Workspace() override;

    const QString& path() const { return m_path; }
    std::string stdPath() const { return toStd(m_path); }

    /// Calls work with the store on the worker, then done with its value on the UI thread, unless
    /// receiver is gone. Errors are passed to done as a Result.
    template<typename T>
    void query(QObject* receiver, std::function<Result<T>(store::Store&)> work, std::function<void(Result<T>)> done)
    {
        QPointer<QObject> guard(receiver);
        post([work = std::move(work), done = std::move(done), guard](store::Store* store, const Error& openError) -> std::function<void()> {
            auto result = std::make_shared<Result<T>>(store ? work(*store) : Result<T>(openError));
            return [result, done, guard] {
                if (guard)
                    done(std::move(*result));
            };
        });
    }
    /// A write without an answer; errors are logged.
    void write(std::function<Status(store::Store&)> work);
    /// Any torch-free computation on the same worker, when it must not race with the store.
    void announceChange() { emit changed(); }

signals:
    /// Something in the database changed, by whomever: pages ask again for what they show.
    void changed();

private:
    using Task = std::function<std::function<void()>(store::Store*, const Error&)>;
    void post(Task task);
    void watch();

    QString m_path;
    QThread m_thread;
    QObject* m_worker = nullptr;  ///< lives in m_thread
    struct State;
    std::shared_ptr<State> m_state;
};

/// Runs work on a pool thread and done on the UI thread, unless receiver is gone.
void runInBackground(QObject* receiver, std::function<std::function<void()>()> work);

template<typename T>
void compute(QObject* receiver, std::function<T()> work, std::function<void(T)> done)
{
    runInBackground(receiver, [work = std::move(work), done = std::move(done)]() -> std::function<void()> {
        auto value = std::make_shared<T>(work());
        return [value, done] { done(std::move(*value)); };
    });
}

}
