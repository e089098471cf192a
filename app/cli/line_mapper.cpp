// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/line_mapper.h"

#include <fmt/format.h>

#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace attune::cli {
namespace {

constexpr std::size_t kBlockBytes = 128 * 1024;  // in and out fit in a core's second-level cache
constexpr std::size_t kReadBytes = 1 << 20;

/// A run of whole lines; text has kLinePadding readable bytes behind it.
struct Block {
    std::string_view text;
    std::string owned;
    std::size_t index = 0;
    std::size_t firstLine = 1;
};

/// Hands out blocks in order: from a mapping when standard input is a file, else by reading.
class LineSource
{
public:
    explicit LineSource(Session& session) : m_in(session.in()), m_isStdin(&session.in() == &std::cin)
    {
        struct stat info {};
        const off_t at = m_isStdin ? ::lseek(STDIN_FILENO, 0, SEEK_CUR) : -1;
        if (at < 0 || ::fstat(STDIN_FILENO, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= at)
            return;
        void* data = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
        if (data == MAP_FAILED)
            return;
        m_mapped = {static_cast<const char*>(data), static_cast<std::size_t>(info.st_size)};
        m_at = static_cast<std::size_t>(at);
        ::madvise(data, m_mapped.size(), MADV_SEQUENTIAL);
    }
    LineSource(const LineSource&) = delete;
    LineSource& operator=(const LineSource&) = delete;
    ~LineSource()
    {
        if (!m_mapped.empty())
            ::munmap(const_cast<char*>(m_mapped.data()), m_mapped.size());
    }

    bool next(Block& block)
    {
        const std::lock_guard lock(m_mutex);
        block.owned.clear();
        if (!(m_mapped.empty() ? nextRead(block) : nextMapped(block)))
            return false;
        block.index = m_blocks++;
        block.firstLine = m_line;
        m_line += static_cast<std::size_t>(std::count(block.text.begin(), block.text.end(), '\n'));
        return true;
    }

    /// Small inputs are not worth a thread.
    bool isSmall() const { return !m_mapped.empty() && m_mapped.size() - m_at <= kBlockBytes; }

private:
    bool nextMapped(Block& block)
    {
        if (m_at >= m_mapped.size())
            return false;
        std::size_t end = std::min(m_at + kBlockBytes, m_mapped.size());
        if (end < m_mapped.size())
            end = std::min(m_mapped.find('\n', end), m_mapped.size() - 1) + 1;
        block.text = m_mapped.substr(m_at, end - m_at);
        m_at = end;
        if (end + kLinePadding > m_mapped.size())
            own(block, std::string(block.text));
        return true;
    }

    bool nextRead(Block& block)
    {
        std::string text = std::move(m_rest);
        m_rest.clear();
        std::size_t newline = text.rfind('\n');
        while (!m_isAtEnd && (newline == std::string::npos || text.size() < kBlockBytes)) {
            const std::size_t before = text.size();
            text.resize(before + kReadBytes);
            const std::size_t got = read(text.data() + before, kReadBytes);
            text.resize(before + got);
            m_isAtEnd = got == 0;
            newline = text.rfind('\n');
            if (newline != std::string::npos && !m_isStdin)
                break;
            if (newline != std::string::npos && got < kReadBytes)
                break;  // a pipe: answer what is there before waiting for more
        }
        if (!m_isAtEnd && newline != std::string::npos) {
            m_rest = text.substr(newline + 1);
            text.resize(newline + 1);
        }
        if (text.empty())
            return false;
        own(block, std::move(text));
        return true;
    }

    std::size_t read(char* to, std::size_t size)
    {
        if (!m_isStdin) {
            m_in.read(to, static_cast<std::streamsize>(size));
            return static_cast<std::size_t>(m_in.gcount());
        }
        for (;;) {
            const ssize_t n = ::read(STDIN_FILENO, to, size);
            if (n >= 0)
                return static_cast<std::size_t>(n);
            if (errno != EINTR)
                return 0;
        }
    }

    static void own(Block& block, std::string text)
    {
        const std::size_t size = text.size();
        text.append(kLinePadding, '\0');
        block.owned = std::move(text);
        block.text = std::string_view(block.owned).substr(0, size);
    }

    std::istream& m_in;
    const bool m_isStdin;
    std::mutex m_mutex;
    // guarded by m_mutex
    std::string_view m_mapped;
    std::size_t m_at = 0;
    std::string m_rest;
    bool m_isAtEnd = false;
    std::size_t m_blocks = 0;
    std::size_t m_line = 1;
};

/// Prints finished blocks in order; a worker whose block's turn has not come leaves it here.
class OrderedOutput
{
public:
    explicit OrderedOutput(Session& session) : m_out(session.out()), m_isStdout(&session.out() == &std::cout) { m_out.flush(); }

    /// Takes the buffer's content; the caller gets an empty one back. False once output ended.
    bool put(std::size_t index, OutputBuffer& buffer)
    {
        std::unique_lock lock(m_mutex);
        // A worker far ahead waits, so that a slow block cannot pile up the output of the rest.
        m_turn.wait(lock, [&] { return index < m_next + kMaxAhead || m_hasEnded; });
        if (m_hasEnded)
            return false;
        m_waiting[index] = std::move(buffer);
        buffer = OutputBuffer();
        if (m_isWriting)
            return true;
        m_isWriting = true;
        while (!m_waiting.empty() && m_waiting.begin()->first == m_next && !m_hasEnded) {
            OutputBuffer ready = std::move(m_waiting.begin()->second);
            m_waiting.erase(m_waiting.begin());
            lock.unlock();
            const bool isWritten = write(ready.text());
            lock.lock();
            ready.clear();
            buffer = std::move(ready);
            ++m_next;
            m_hasEnded = m_hasEnded || !isWritten;
            m_turn.notify_all();
        }
        m_isWriting = false;
        return !m_hasEnded;
    }

    void fail(std::size_t index, Error error)
    {
        const std::lock_guard lock(m_mutex);
        if (!m_error || index < m_errorIndex) {
            m_error = std::move(error);
            m_errorIndex = index;
        }
        m_hasEnded = true;
        m_turn.notify_all();
    }

    Status result()
    {
        const std::lock_guard lock(m_mutex);
        if (m_error)
            return *m_error;
        return {};
    }

private:
    static constexpr std::size_t kMaxAhead = 64;

    bool write(std::string_view text)
    {
        if (!m_isStdout) {
            m_out << text << std::flush;
            return true;
        }
        while (!text.empty()) {
            const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0) {  // a reader that went away (EPIPE) ends the work without an error
                if (errno != EPIPE)
                    fail(0, failSystem("standard output", "write", errno));
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    std::ostream& m_out;
    const bool m_isStdout;
    std::mutex m_mutex;
    std::condition_variable m_turn;
    // guarded by m_mutex
    std::map<std::size_t, OutputBuffer> m_waiting;
    std::size_t m_next = 0;
    std::size_t m_errorIndex = 0;
    std::optional<Error> m_error;
    bool m_isWriting = false;
    bool m_hasEnded = false;
};

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

void work(LineSource& source, OrderedOutput& output, const LineFunction& function, const std::stop_token& stop)
{
    Block block;
    OutputBuffer buffer;
    while (!stop.stop_requested() && source.next(block)) {
        std::size_t number = block.firstLine;
        for (std::string_view rest = block.text; !rest.empty(); ++number) {
            const void* found = std::memchr(rest.data(), '\n', rest.size());
            const std::size_t length = found ? static_cast<std::size_t>(static_cast<const char*>(found) - rest.data()) : rest.size();
            const auto line = rest.substr(0, length);
            rest.remove_prefix(std::min(length + 1, rest.size()));
            if (isBlank(line))
                continue;
            if (auto status = function(line, buffer); !status) {
                output.fail(block.index, status.error().in(fmt::format("standard input: line {}", number)));
                return;
            }
        }
        if (!output.put(block.index, buffer))
            return;
    }
}

}

void OutputBuffer::grow(std::size_t needed)
{
    const std::size_t capacity = std::max(needed, m_capacity * 2);
    auto data = std::make_unique_for_overwrite<char[]>(capacity);
    if (m_size)
        std::memcpy(data.get(), m_data.get(), m_size);
    m_data = std::move(data);
    m_capacity = capacity;
}

Status mapLines(Session& session, const std::function<LineFunction()>& makeFunction)
{
    LineSource source(session);
    OrderedOutput output(session);
    const auto stop = interruptToken();
    const unsigned threads = source.isSmall() ? 1 : std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i)
        workers.emplace_back([&, function = makeFunction()] { work(source, output, function, stop); });
    work(source, output, makeFunction(), stop);
    workers.clear();
    ATTUNE_RETURN_IF_ERROR(output.result());
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "The work was interrupted.");
    return {};
}

}
