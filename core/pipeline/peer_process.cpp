// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/peer_process.h"

#include "base/file.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace attune::pipeline {
namespace {

constexpr int kPollMilliseconds = 100;
constexpr std::size_t kErrorBytes = 4000;

/// The child's side of fork(): only calls that are safe there.
[[noreturn]] void become(const std::vector<char*>& arguments, int out, int errors)
{
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

std::string endOf(const std::string& path)
{
    auto text = readFile(path, 1 << 26).value_or(std::string());
    return text.size() > kErrorBytes ? text.substr(text.size() - kErrorBytes) : text;
}

/// Reads lines until the other end closes. false: cancelled.
bool readLines(int pipe, const std::function<void(const std::string&, double)>& onLine, const std::function<double()>& seconds, const JobContext& context)
{
    std::string rest;
    char buffer[65536];
    while (!context.isCancelled()) {
        pollfd entry {pipe, POLLIN, 0};
        if (::poll(&entry, 1, kPollMilliseconds) <= 0)
            continue;
        const auto count = ::read(pipe, buffer, sizeof buffer);
        if (count <= 0) {
            if (!rest.empty() && onLine)
                onLine(rest, seconds());
            return true;
        }
        rest.append(buffer, static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1))
            if (onLine)
                onLine(rest.substr(0, end), seconds());
    }
    return false;
}

}

Result<ProcessReport> runProcess(const std::vector<std::string>& arguments, const std::string& folder,
    const std::function<void(const std::string&, double)>& onLine, const JobContext& context)
{
    std::vector<char*> words;
    for (const auto& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const std::string errorPath = folder + "/stderr.txt";
    const int errors = ::open(errorPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int ends[2];
    if (errors < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
        return failSystem(errorPath, "writing", errno);
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
    const pid_t child = ::fork();
    if (child == 0)
        become(words, ends[1], errors);
    ::close(ends[1]);
    ::close(errors);
    const bool isWhole = child > 0 && readLines(ends[0], onLine, seconds, context);
    ::close(ends[0]);
    if (child <= 0)
        return fail(ErrorCode::Internal, fmt::format("{} cannot be started.", arguments.front()));
    if (!isWhole)
        ::kill(child, SIGKILL);
    int status = 0;
    rusage usage {};
    ::wait4(child, &status, 0, &usage);
    if (!isWhole)
        return fail(ErrorCode::Cancelled, "The measurement was cancelled.");
    return ProcessReport {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), seconds(), static_cast<std::int64_t>(usage.ru_maxrss) << 10, endOf(errorPath)};
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
