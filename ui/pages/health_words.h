// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/doctor.h"

#include <QString>

namespace attune::pages {

// A check of the computer as Home and Settings name it.

/// "Processor", "GPU", "llama.cpp"
QString checkName(const pipeline::HealthCheck& check);
QString checkIcon(const pipeline::HealthCheck& check);
/// "ready", "look", "missing"
QString checkState(const pipeline::HealthCheck& check);

}
