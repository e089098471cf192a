// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/run_events.h"

#include "cli/run_text.h"

#include <fmt/format.h>

namespace attune::cli {

void RunPrinter::post(pipeline::Event event)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto* started = std::get_if<pipeline::RunStarted>(&event)) {
        m_run = started->run;
        m_steps = started->stepsTotal;
    }
    if (m_session.format == OutputFormat::JsonLines)
        m_session.printLine(pipeline::toJson(event));
    else
        tell(event);
}

void RunPrinter::tell(const pipeline::Event& event)
{
    if (const auto* started = std::get_if<pipeline::RunStarted>(&event)) {
        m_session.note(fmt::format("{} on {}: {} steps, {} trained parameters, about {:.2f} GiB", started->run, started->device, started->stepsTotal,
            started->trainableParameters, static_cast<double>(started->estimateBytes) / (1 << 30)));
    } else if (const auto* step = std::get_if<pipeline::StepDone>(&event)) {
        m_session.note(fmt::format("step {}/{}  loss {:.4f}  learning rate {:.3g}  {:.0f} tokens/s", step->step, m_steps, step->loss, step->learningRate, step->tokensPerSecond));
    } else if (const auto* eval = std::get_if<pipeline::EvalDone>(&event)) {
        std::string text = fmt::format("evaluation at step {}:", eval->step);
        for (const auto& [name, value] : eval->metrics)
            text += fmt::format("  {} {:.4f}", name, value);
        m_session.note(text);
    } else if (const auto* sample = std::get_if<pipeline::SampleText>(&event)) {
        m_session.note(fmt::format("sample: {}\n  {}", sample->prompt, sample->text));
    } else if (const auto* checkpoint = std::get_if<pipeline::CheckpointSaved>(&event)) {
        m_session.note(fmt::format("checkpoint {}", checkpoint->path));
    } else if (const auto* alert = std::get_if<pipeline::AlertRaised>(&event)) {
        std::string text = fmt::format("{}: {}", alert->level, alert->title);
        for (const auto& part : {alert->evidence, alert->likely, alert->tryThis})
            text += part.empty() ? "" : " " + part;
        m_session.note(text);
    }
}

Status helperStatus(const Result<pipeline::RunFinished>& result)
{
    return result ? Status() : Status(result.error());
}

Status finishRun(Session& session, const RunPrinter& printer, const Result<pipeline::RunFinished>& result)
{
    if (!result)
        return result.error();
    if (result->status == "stopped" && wasInterrupted())
        return fail(ErrorCode::Cancelled, fmt::format("{} was interrupted after step {}; a checkpoint is written.", result->run, result->stepsDone),
            fmt::format("attune run resume {} goes on with it.", result->run));
    if (session.format == OutputFormat::JsonLines)
        return {};
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto row, store->run(printer.run()));
    session.print(row.toJson(), runText(row));
    return {};
}

}
