// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/engine.h"

namespace attune::exporter {

/// Writes a checkpoint as other programs read it and proves it: the file as llama.cpp runs it against
/// our engine on the file's own weights (cli.md "Export is verified"). The target appears under its
/// name only when it passed; a failed one stays as `<out>.unverified`.
/// Errors: Usage (unknown target or type), CheckpointMissing, Unsupported, DiskFull, DiskWrite,
/// VerificationFailed, Cancelled.
Result<pipeline::ExportReport> exportRun(const pipeline::ExportRequest& request, const JobContext& context);

}
