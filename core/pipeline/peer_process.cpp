// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/peer_process.h"

#include "base/file.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace attune::pipeline {
namespace {

constexpr int kPollMilliseconds = 100;
constexpr std::size_t kErrorBytes = 4000;

std::string endOf(const std::string& path)
{
    auto text = readFile(path, 1 << 26).value_or(std::string());
    return text.size() > kErrorBytes ? text.substr(text.size() - kErrorBytes) : text;
}

/// The child's side of fork(): only calls that are safe there.
[[noreturn]] void become(const std::vector<char*>& arguments, int out, int errors)
{
    ::setpgid(0, 0);  // what it starts is stopped and ended with it
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

using Clock = std::chrono::steady_clock;

/// A started program, its standard output, and how long it has been running. Ended with the object at the latest.
class Child
{
public:
    explicit Child(std::string errorPath) : m_errorPath(std::move(errorPath)) {}
    ~Child()
    {
        if (m_pid > 0)
            finish(SIGKILL);
        else if (m_pipe >= 0)
            ::close(m_pipe);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    Status start(const std::vector<std::string>& arguments)
    {
        std::vector<char*> words;
        for (const auto& argument : arguments)
            words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        const int errors = ::open(m_errorPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        int ends[2];
        if (errors < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
            return failSystem(m_errorPath, "writing", errno);
        m_since = Clock::now();
        m_pid = ::fork();
        if (m_pid == 0)
            become(words, ends[1], errors);
        ::close(ends[1]);
        ::close(errors);
        m_pipe = ends[0];
        if (m_pid < 0)
            return fail(ErrorCode::Internal, fmt::format("{} cannot be started.", arguments.front()));
        ::setpgid(m_pid, m_pid);  // by whichever comes first
        return {};
    }

    bool isStarted() const { return m_pid != 0; }
    bool isAtEnd() const { return m_isAtEnd; }

    void stop()
    {
        ::kill(-m_pid, SIGSTOP);
        m_ran = seconds();
        m_since.reset();
    }
    void goOn()
    {
        m_since = Clock::now();
        ::kill(-m_pid, SIGCONT);
    }

    /// Lines until one ends the turn or the other end closes. false: cancelled.
    bool readTurn(const std::function<bool(const std::string&, double)>& onLine, const JobContext& context)
    {
        char buffer[65536];
        while (!context.isCancelled()) {
            for (std::size_t end = 0; (end = m_rest.find('\n')) != std::string::npos;) {
                const auto line = m_rest.substr(0, end);
                m_rest.erase(0, end + 1);
                if (onLine && onLine(line, seconds()))
                    return true;
            }
            pollfd entry {m_pipe, POLLIN, 0};
            if (::poll(&entry, 1, kPollMilliseconds) <= 0)
                continue;
            const auto count = ::read(m_pipe, buffer, sizeof buffer);
            if (count > 0) {
                m_rest.append(buffer, static_cast<std::size_t>(count));
                continue;
            }
            m_isAtEnd = true;
            if (!m_rest.empty() && onLine)
                onLine(std::exchange(m_rest, {}), seconds());
            return true;
        }
        return false;
    }

    /// Waits for its end, after a signal where one is given.
    ProcessReport finish(int signal = 0)
    {
        if (signal != 0)
            ::kill(-m_pid, signal);
        ::close(std::exchange(m_pipe, -1));
        int status = 0;
        rusage usage {};
        ::wait4(std::exchange(m_pid, -1), &status, 0, &usage);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), seconds(), static_cast<std::int64_t>(usage.ru_maxrss) << 10, endOf(m_errorPath)};
    }

private:
    double seconds() const { return m_ran + (m_since ? std::chrono::duration<double>(Clock::now() - *m_since).count() : 0.0); }

    std::string m_errorPath, m_rest;
    pid_t m_pid = 0;
    int m_pipe = -1;
    bool m_isAtEnd = false;
    double m_ran = 0;
    std::optional<Clock::time_point> m_since;
};

}

Result<ProcessReport> runProcess(const std::vector<std::string>& arguments, const std::string& folder,
    const std::function<void(const std::string&, double)>& onLine, const JobContext& context)
{
    const TurnTaker alone {arguments, [&](const std::string& line, double seconds) {
        if (onLine)
            onLine(line, seconds);
        return false;
    }};
    ATTUNE_TRY(auto reports, runByTurns({alone}, folder, context));
    return std::move(reports.front());
}

Result<std::vector<ProcessReport>> runByTurns(const std::vector<TurnTaker>& programs, const std::string& folder, const JobContext& context)
{
    std::vector<std::unique_ptr<Child>> children;
    for (std::size_t i = 0; i < programs.size(); ++i)
        children.push_back(std::make_unique<Child>(fmt::format("{}/stderr{}.txt", folder, i == 0 ? "" : std::to_string(i))));
    std::vector<ProcessReport> reports(programs.size());
    for (std::size_t turn = 0, running = programs.size(); running > 0; ++turn) {
        const auto place = turn % programs.size(), i = turn / programs.size() % 2 == 0 ? place : programs.size() - 1 - place;
        auto& child = *children[i];
        if (child.isAtEnd())
            continue;
        if (child.isStarted())
            child.goOn();
        else
            ATTUNE_RETURN_IF_ERROR(child.start(programs[i].arguments));
        if (!child.readTurn(programs[i].onLine, context))
            return fail(ErrorCode::Cancelled, "The measurement was cancelled.");
        if (!child.isAtEnd()) {
            child.stop();
            continue;
        }
        reports[i] = child.finish();
        --running;
    }
    return reports;
}

std::string peerPython(const std::string& chosen)
{
    if (!chosen.empty())
        return chosen;
    if (const char* python = std::getenv("ATTUNE_REFEREE_PYTHON"))
        return python;
    std::error_code error;
    const char* home = std::getenv("HOME");
    const std::string own = std::string(home ? home : "") + "/.cache/attune-referee/bin/python";
    return fs::exists(own, error) ? own : "python3";
}

std::optional<PeerNumbers> askPeer(const std::string& python, const std::string& folder, const char* script, const std::vector<std::string>& arguments,
    const JobContext& context)
{
    const std::string path = folder + "/peer.py";
    if (python.empty() || !writeFileAtomically(path, script))
        return {};
    std::vector<std::string> words {python, path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::string last;
    const auto report = runProcess(words, folder, [&](const std::string& line, double) { last = line; }, context);
    if (!report || report->code != 0)
        return {};
    PeerNumbers answer {{}, report->peakBytes};
    std::istringstream stream(last);
    for (double number = 0; stream >> number;)
        answer.numbers.push_back(number);
    return answer.numbers.empty() ? std::nullopt : std::optional(answer);
}

}
