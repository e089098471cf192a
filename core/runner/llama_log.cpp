// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"
#include "runner/llama_runner.h"

#include <llama.h>

#include <string>

namespace attune::runner {
namespace {

/// llama.cpp writes lines in pieces; CONT continues the one before.
void onMessage(ggml_log_level level, const char* text, void*)
{
    thread_local std::string line;
    thread_local ggml_log_level lineLevel = GGML_LOG_LEVEL_DEBUG;
    if (level != GGML_LOG_LEVEL_CONT)
        lineLevel = level;
    line += text;
    if (!line.ends_with('\n'))
        return;
    line.pop_back();
    if (line.find_first_not_of(" .") != std::string::npos)  // rows of dots are its progress bar
        logLine(lineLevel == GGML_LOG_LEVEL_ERROR || lineLevel == GGML_LOG_LEVEL_WARN ? LogLevel::Info : LogLevel::Debug, "llama.cpp: " + line);
    line.clear();
}

}

void routeLlamaLog()
{
    static const bool routed = [] {
        llama_log_set(onMessage, nullptr);
        return true;
    }();
    (void)routed;
}

}
