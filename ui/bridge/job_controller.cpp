// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/job_controller.h"

#include "bridge/text.h"

#include <QPointer>
#include <QThread>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace attune::bridge {

struct JobController::Job {
    JobInfo info;  // UI thread only
    bool isTraining = false;
    QPointer<QObject> receiver;
    bool hasReceiver = false;
    Done done;
    Training work;
    Mailbox mailbox;
    std::mutex mutex;
    Progress progress;           // guarded by mutex
    std::atomic<bool> isFinished {false};
    Status result;               // written before isFinished
    std::jthread thread;         // last: its destruction joins before the rest dies
};

namespace {

/// Work yields to the window: the same cores, but a lower priority for this thread (and its pool).
void lowerPriority()
{
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
}

Status guarded(const JobController::Training& work, pipeline::EventSink& sink, const JobContext& context)
{
    try {
        return work(sink, context);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory for this.", "Close other programs, or make the job smaller.");
    } catch (const std::exception& e) {
        return fail(ErrorCode::Internal, e.what());
    }
}

}

JobController::JobController(QObject* parent)
    : QObject(parent)
{
    m_timer.setInterval(33);
    connect(&m_timer, &QTimer::timeout, this, &JobController::drain);
}

JobController::~JobController()
{
    cancelAll();
    m_jobs.clear();
}

int JobController::start(const QString& title, Work work, QObject* receiver, Done done)
{
    return launch(title, [work = std::move(work)](pipeline::EventSink&, const JobContext& context) { return work(context); }, false, receiver, std::move(done));
}

int JobController::startTraining(const QString& title, Training work, QObject* receiver, Done done)
{
    return launch(title, std::move(work), true, receiver, std::move(done));
}

int JobController::launch(const QString& title, Training work, bool isTraining, QObject* receiver, Done done)
{
    auto job = std::make_unique<Job>();
    job->info.id = m_nextId++;
    job->info.title = title;
    job->info.started = QDateTime::currentDateTime();
    job->info.isTraining = isTraining;
    job->isTraining = isTraining;
    job->receiver = receiver;
    job->hasReceiver = receiver != nullptr;
    job->done = std::move(done);
    job->work = std::move(work);
    const int id = job->info.id;
    if (isTraining && this->isTraining()) {
        job->info.state = JobState::Waiting;
        m_waiting.push_back(std::move(job));
    } else {
        run(std::move(job));
    }
    emit jobsChanged();
    return id;
}

void JobController::run(std::unique_ptr<Job> job)
{
    Job* raw = job.get();
    raw->info.state = JobState::Running;
    raw->info.started = QDateTime::currentDateTime();
    raw->thread = std::jthread([raw](std::stop_token stop) {
        lowerPriority();
        JobContext context;
        context.stop = stop;
        context.onProgress = [raw](const Progress& progress) {
            const std::lock_guard lock(raw->mutex);
            raw->progress = progress;
        };
        raw->result = guarded(raw->work, raw->mailbox, context);
        raw->isFinished = true;
    });
    m_jobs.push_back(std::move(job));
    m_timer.start();
}

void JobController::startNext()
{
    if (m_waiting.empty() || isTraining())
        return;
    auto next = std::move(m_waiting.front());
    m_waiting.erase(m_waiting.begin());
    run(std::move(next));
}

void JobController::cancel(int id)
{
    for (const auto& job : m_jobs)
        if (job->info.id == id)
            job->thread.request_stop();
    const auto taken = std::erase_if(m_waiting, [id](const auto& job) { return job->info.id == id; });
    if (taken > 0)
        emit jobsChanged();
}

void JobController::cancelAll()
{
    m_waiting.clear();
    for (const auto& job : m_jobs)
        job->thread.request_stop();
}

void JobController::moveToFront(int id)
{
    const auto it = std::find_if(m_waiting.begin(), m_waiting.end(), [id](const auto& job) { return job->info.id == id; });
    if (it != m_waiting.end())
        std::rotate(m_waiting.begin(), it, it + 1);
    emit jobsChanged();
}

void JobController::setWhere(int id, const QString& where)
{
    for (auto& info : m_finished)
        if (info.id == id)
            info.where = where;
    for (const auto& job : m_jobs)
        if (job->info.id == id)
            job->info.where = where;
}

void JobController::clearFinished()
{
    m_finished.clear();
    emit jobsChanged();
}

std::vector<JobInfo> JobController::jobs() const
{
    std::vector<JobInfo> all;
    for (const auto& job : m_jobs)
        all.push_back(job->info);
    for (const auto& job : m_waiting)
        all.push_back(job->info);
    all.insert(all.end(), m_finished.rbegin(), m_finished.rend());
    return all;
}

bool JobController::isTraining() const
{
    return std::any_of(m_jobs.begin(), m_jobs.end(), [](const auto& job) { return job->isTraining; });
}

QString JobController::trainingRun() const
{
    for (const auto& job : m_jobs)
        if (job->isTraining)
            return job->info.run;
    return {};
}

bool JobController::waitForAll(int milliseconds)
{
    const auto end = QDateTime::currentMSecsSinceEpoch() + milliseconds;
    while (QDateTime::currentMSecsSinceEpoch() < end) {
        if (std::all_of(m_jobs.begin(), m_jobs.end(), [](const auto& job) { return job->isFinished.load(); }))
            return true;
        QThread::msleep(10);
    }
    return m_jobs.empty();
}

void JobController::drain()
{
    std::vector<std::unique_ptr<Job>> finished;
    for (auto& job : m_jobs) {
        const bool ended = job->isFinished;  // read first: what came before it is in the mailbox
        if (auto list = job->mailbox.drain(); !list.empty()) {
            for (const auto& event : list)
                if (const auto* started = std::get_if<pipeline::RunStarted>(&event))
                    job->info.run = toQString(started->run);
            emit events(list);
        }
        {
            const std::lock_guard lock(job->mutex);
            job->info.phase = bridge::translated(job->progress.phase);
            job->info.done = static_cast<qint64>(job->progress.done);
            job->info.total = static_cast<qint64>(job->progress.total);
        }
        if (ended)
            finished.push_back(std::move(job));
    }
    std::erase(m_jobs, nullptr);
    for (auto& job : finished) {
        job->info.finished = QDateTime::currentDateTime();
        job->info.state = job->result                              ? JobState::Done
            : job->result.error().kind() == ErrorKind::Cancelled ? JobState::Cancelled
                                                                  : JobState::Failed;
        if (!job->result)
            job->info.error = job->result.error();
        m_finished.push_back(job->info);
        if (m_finished.size() > 200)
            m_finished.erase(m_finished.begin());
        if (job->done && (!job->hasReceiver || job->receiver))
            job->done(job->result);
        emit jobFinished(job->info.id);
    }
    startNext();
    if (m_jobs.empty())
        m_timer.stop();
    emit jobsChanged();
}

}
