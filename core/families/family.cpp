// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/family.h"

#include "base/json.h"

#include <algorithm>

namespace attune::families {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

}

const Family* findById(std::string_view id)
{
    for (const Family* family : all())
        if (family->id == id)
            return family;
    return nullptr;
}

const Family* findByConfig(const Json& config)
{
    if (!config.is_object())
        return nullptr;
    if (const auto list = config.find("architectures"); list != config.end() && list->is_array() && !list->empty() && list->front().is_string()) {
        const auto name = list->front().get<std::string>();
        for (const Family* family : all())
            if (contains(family->hfArchitectures, name))
                return family;
        // A named architecture is meant; its model_type may be shared with another head. Heads of labels sit on any family.
        if (!name.ends_with("ForSequenceClassification") && !name.ends_with("ForTokenClassification"))
            return nullptr;
    }
    if (const auto type = config.find("model_type"); type != config.end() && type->is_string())
        for (const Family* family : all())
            if (contains(family->hfModelTypes, type->get<std::string>()))
                return family;
    return nullptr;
}

const Family* findByGguf(std::string_view architecture)
{
    for (const Family* family : all())
        if (contains(family->ggufArchitectures, architecture))
            return family;
    return nullptr;
}

}
