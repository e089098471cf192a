// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

namespace attune::evaluator {

const Metric* findById(std::string_view id)
{
    for (const Metric* metric : all())
        if (metric->id == id)
            return metric;
    return nullptr;
}

std::map<std::string, double> metricsOf(const Totals& totals, const std::vector<std::string>& names)
{
    std::map<std::string, double> values;
    for (const auto& name : names)
        if (const Metric* metric = findById(name))
            values[name] = metric->value(totals);
    return values;
}

}
