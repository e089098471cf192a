// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "base/edit_distance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace attune::evaluator {

const Metric* findById(std::string_view id)
{
    for (const Metric* metric : all())
        if (metric->id == id || metric->parts.contains(std::string(id)))
            return metric;
    return nullptr;
}

Status checkNames(const std::vector<std::string>& names)
{
    std::vector<std::string> ids, candidates;
    for (const Metric* metric : all()) {
        ids.push_back(metric->id);
        candidates.push_back(metric->id);
        for (const auto& part : metric->parts)
            candidates.push_back(part.first);
    }
    for (const auto& name : names) {
        if (findById(name))
            continue;
        const std::string near = nearest(name, candidates);
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no metric of this version.", name),
            near.empty() ? fmt::format("There are: {}.", fmt::join(ids, ", ")) : fmt::format("Did you mean \"{}\"? There are: {}.", near, fmt::join(ids, ", ")));
    }
    return {};
}

std::map<std::string, double> metricsOf(const Totals& totals, const std::vector<std::string>& names)
{
    std::map<std::string, double> values;
    for (const auto& name : names) {
        const Metric* metric = findById(name);
        if (!metric)
            continue;
        if (metric->id != name) {
            values[name] = metric->parts.at(name)(totals);
            continue;
        }
        values[name] = metric->value(totals);
        for (const auto& [part, value] : metric->parts)
            values[part] = value(totals);
    }
    return values;
}

}
