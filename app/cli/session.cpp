// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/session.h"

#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace attune::cli {
namespace {

std::atomic<int> g_signal {0};
int g_pipe[2] = {-1, -1};
std::stop_source g_stop;

/// Async-signal-safe: a byte in a pipe wakes the thread that requests the stop.
void onSignal(int number)
{
    g_signal = number;
    const char byte = 1;
    [[maybe_unused]] const auto n = ::write(g_pipe[1], &byte, 1);
}

std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool isNumber(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789.,-+e% ") == std::string::npos;
}

}

Session::Session(std::istream& in, std::ostream& out, std::ostream& err)
    : m_in(in)
    , m_out(out)
    , m_err(err)
{
    const char* path = std::getenv("ATTUNE_WORKSPACE");
    workspacePath = path && *path ? path : "~/Attune";
}

Result<store::Store*> Session::store()
{
    if (!m_store) {
        ATTUNE_TRY(m_store, store::Store::open(absolutePath(workspacePath)));
    }
    return m_store.get();
}

JobContext Session::context()
{
    JobContext context;
    context.stop = interruptToken();
    if (!isQuiet && &m_err == &std::cerr && ::isatty(STDERR_FILENO)) {
        context.onProgress = [this](const Progress& p) {
            const int percent = p.total ? static_cast<int>(100 * p.done / p.total) : 0;
            m_err << (p.total ? fmt::format("\r\033[K{} {}%", p.phase, percent) : fmt::format("\r\033[K{}", p.phase)) << std::flush;
            if (p.total && p.done >= p.total)
                m_err << "\r\033[K" << std::flush;
        };
    }
    return context;
}

void Session::print(const Json& value, const std::string& text)
{
    if (isJson())
        m_out << toLine(value) << '\n' << std::flush;
    else if (!text.empty())
        m_out << text << (text.ends_with('\n') ? "" : "\n") << std::flush;
}

void Session::printLine(const Json& value)
{
    m_out << toLine(value) << '\n' << std::flush;
}

void Session::note(const std::string& text)
{
    if (!isQuiet)
        m_err << text << '\n' << std::flush;
}

std::stop_token interruptToken()
{
    static const bool installed = [] {
        if (::pipe2(g_pipe, O_CLOEXEC) != 0)
            return false;
        struct sigaction action {};
        action.sa_handler = onSignal;
        ::sigaction(SIGINT, &action, nullptr);
        ::sigaction(SIGTERM, &action, nullptr);
        std::thread([] {
            char byte = 0;
            while (::read(g_pipe[0], &byte, 1) <= 0) { }
            g_stop.request_stop();
        }).detach();
        return true;
    }();
    (void)installed;
    return g_stop.get_token();
}

bool wasInterrupted()
{
    return g_signal == SIGINT;
}

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& cell : header)
        widths.push_back(width(cell));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    std::string text;
    auto line = [&](const std::vector<std::string>& row) {
        std::string out;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(widths[i] - width(row[i]), ' ');
            out += (i ? "  " : "") + (isNumber(row[i]) ? pad + row[i] : row[i] + pad);
        }
        out.erase(out.find_last_not_of(' ') + 1);
        text += out + "\n";
    };
    line(header);
    for (const auto& row : rows)
        line(row);
    return text;
}

}
