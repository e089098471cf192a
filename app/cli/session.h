// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"
#include "store/store.h"

#include <iosfwd>
#include <memory>
#include <string>

namespace attune::cli {

enum class OutputFormat { Text, Json, JsonLines };

/// What every command works with: streams, output format, the workspace (opened on first need) and a
/// stop token that Ctrl-C and SIGTERM trigger.
class Session
{
public:
    Session(std::istream& in, std::ostream& out, std::ostream& err);

    OutputFormat format = OutputFormat::Text;
    bool isQuiet = false;
    bool isVerbose = false;
    std::string workspacePath;  ///< from --workspace, else $ATTUNE_WORKSPACE, else ~/Attune

    std::istream& in() { return m_in; }
    std::ostream& out() { return m_out; }
    std::ostream& err() { return m_err; }

    /// Opens (and makes) the workspace once.
    Result<store::Store*> store();
    /// Progress goes to standard error, as a bar only on a terminal.
    JobContext context();

    /// The result: one JSON value with --json or --jsonl, else text. Call once.
    void print(const Json& value, const std::string& text);
    /// One line of a stream, flushed; for --jsonl and the commands that always stream.
    void printLine(const Json& value);
    /// A note for people on standard error; silent with -q.
    void note(const std::string& text);
    bool isJson() const { return format != OutputFormat::Text; }

private:
    std::istream& m_in;
    std::ostream& m_out;
    std::ostream& m_err;
    std::unique_ptr<store::Store> m_store;
};

/// The token that SIGINT and SIGTERM trigger; installs the handlers on first use.
std::stop_token interruptToken();
/// True after SIGINT (exit 130), false after SIGTERM (a stop from outside, exit 0).
bool wasInterrupted();

/// A table for people: columns aligned, numbers right.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

}
