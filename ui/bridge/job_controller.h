// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "bridge/mailbox.h"

#include <QDateTime>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <vector>

namespace attune::bridge {

enum class JobState { Waiting, Running, Done, Failed, Cancelled };

/// What the window shows of a job.
struct JobInfo {
    int id = 0;
    QString title;
    QString phase;
    qint64 done = 0, total = 0;
    JobState state = JobState::Running;
    Error error;
    QDateTime started, finished;
    QString run;  ///< the run that it trains, or empty
    bool isTraining = false;
    QString where;  ///< what it made and where, when it is done: an export's path
};

/// Runs work on threads of its own and tells the window about it 30 times a second. Work gets a
/// JobContext and shares nothing mutable with the window; results come back through `done`, which is
/// called on the UI thread. Destruction asks every job to stop and waits for it.
class JobController final : public QObject
{
    Q_OBJECT
public:
    using Work = std::function<Status(const JobContext&)>;
    using Done = std::function<void(const Status&)>;
    using Training = std::function<Status(pipeline::EventSink&, const JobContext&)>;

    explicit JobController(QObject* parent = nullptr);
    ~JobController() override;

    /// Starts work; done is left out when receiver is gone by then.
    int start(const QString& title, Work work, QObject* receiver, Done done);
    /// Starts a training run whose events are passed on by events(). While another one trains it waits for its turn: two at
    /// once would only slow each other down.
    int startTraining(const QString& title, Training work, QObject* receiver, Done done);
    /// Asks a job to stop; one that waits is taken out of the queue.
    void cancel(int id);
    void cancelAll();
    /// A waiting run becomes the next one.
    void moveToFront(int id);
    /// Leaves a line about what a job made, for the list of what was done.
    void setWhere(int id, const QString& where);
    /// Forgets what is done; failures too.
    void clearFinished();

    std::vector<JobInfo> jobs() const;
    bool isTraining() const;
    int waiting() const { return static_cast<int>(m_waiting.size()); }
    /// The run that trains in this process, or empty.
    QString trainingRun() const;
    /// Waits until no job is left or the time is over; for closing. True when none is left.
    bool waitForAll(int milliseconds);

signals:
    void jobsChanged();
    /// Events of the training job since the last drain, in order.
    void events(const std::vector<attune::pipeline::Event>& events);
    void jobFinished(int id);

private:
    struct Job;
    int launch(const QString& title, Training work, bool isTraining, QObject* receiver, Done done);
    void run(std::unique_ptr<Job> job);
    void startNext();
    void drain();

    std::vector<std::unique_ptr<Job>> m_jobs;
    std::vector<std::unique_ptr<Job>> m_waiting;  ///< training runs in their order
    std::vector<JobInfo> m_finished;  ///< newest last, at most 200
    QTimer m_timer;
    int m_nextId = 1;
};

}
