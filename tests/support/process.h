// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace attune::tests {

/// A child process whose standard output is read line by line; standard error goes to a file.
class Process
{
public:
    Process(const std::vector<std::string>& arguments, std::string errorFile)
        : m_errorFile(std::move(errorFile))
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        m_pid = ::fork();
        if (m_pid == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::dup2(::open(m_errorFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
            std::vector<char*> argv;
            for (const auto& argument : arguments)
                argv.push_back(const_cast<char*>(argument.c_str()));
            argv.push_back(nullptr);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        m_out = ::fdopen(ends[0], "r");
    }
    ~Process()
    {
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
        std::fclose(m_out);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// false at the end of the output.
    bool readLine(std::string& line)
    {
        line.clear();
        for (int c; (c = std::fgetc(m_out)) != EOF;) {
            if (c == '\n')
                return true;
            line += static_cast<char>(c);
        }
        return !line.empty();
    }
    void signal(int number) { ::kill(m_pid, number); }
    /// Waits for the end: the exit code, or minus the signal that ended it.
    int wait()
    {
        int status = 0;
        ::waitpid(m_pid, &status, 0);
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    std::string m_errorFile;
    pid_t m_pid = -1;
    std::FILE* m_out = nullptr;
};

}
