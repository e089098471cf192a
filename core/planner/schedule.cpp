// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/schedule.h"

#include <algorithm>

namespace attune::planner {

double SchedulePlan::option(const char* name, double byDefault) const
{
    const auto it = options.is_object() ? options.find(name) : options.end();
    return it != options.end() && it->is_number() ? it->get<double>() : byDefault;
}

const ScheduleKind* findSchedule(std::string_view id)
{
    for (const ScheduleKind* kind : schedules())
        if (kind->id == id)
            return kind;
    return nullptr;
}

double warmupFactor(std::int64_t step, const SchedulePlan& plan)
{
    return static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, plan.warmup));
}

double decayProgress(std::int64_t step, const SchedulePlan& plan)
{
    return static_cast<double>(step - plan.warmup) / static_cast<double>(std::max<std::int64_t>(1, plan.steps - plan.warmup));
}

}
