// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/convert_folder.h"

#include "base/file.h"
#include "importer/roles.h"
#include "pipeline/dataset_export.h"
#include "pipeline/dataset_lookup.h"

#include <fmt/format.h>

namespace attune::pipeline {
namespace {

std::string readme(const ConvertedRecipe& converted, const std::string& target)
{
    std::string text = fmt::format("Made by Attune for {}. Start it with `{}`.\n\n", target, converted.command);
    text += converted.unmapped.empty() ? "Everything in the recipe has a counterpart.\n" : "What does not map:\n\n";
    for (const auto& line : converted.unmapped)
        text += "* " + line + "\n";
    return text;
}

/// Plain text goes as it is; everything else as conversations or pairs, which all three read.
std::string styleFor(const Recipe& recipe, const std::string& target, const importer::Dataset& data)
{
    if (importer::columnOf(data.columns(), importer::ColumnRole::Rejected) >= 0)
        return "preference";
    if (!data.isConversational())
        return "text";
    return target != "llamafactory" && recipe.text("data.template") == "none" ? "prompt-completion" : "messages";
}

}

Result<ConvertedRecipe> writeConversion(store::Store& store, const Recipe& recipe, const std::string& target, const std::string& folder, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(recipe.checkComplete());
    ATTUNE_TRY(auto converted, convertRecipe(recipe, target, "train.jsonl"));
    ATTUNE_TRY(const auto data, openDataset(store, recipe.text("data.train"), context));
    ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
    ATTUNE_RETURN_IF_ERROR(exportDataset(*data, folder + "/train.jsonl", styleFor(recipe, target, *data), context));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/config.yaml", converted.yaml()));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/README.md", readme(converted, target)));
    return converted;
}

}
