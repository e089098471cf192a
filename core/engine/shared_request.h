// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"
#include "trainer/rank_group.h"

namespace attune::engine {

/// Gives all processes of a group the first one's request: recipe, model, folder and rows. What lies in files is read by each
/// from the same place, so the workspace has to be on a disk that all of them see. Commands stay with the first.
/// Errors: DeviceMissing, FileMissing (this computer does not see the run's folder), those of opening the model.
Result<pipeline::TrainRequest> shareRequest(trainer::RankGroup& group, const pipeline::TrainRequest& request);

}
