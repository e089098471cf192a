// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_card.h"

#include "base/file.h"
#include "base/names.h"
#include "importer/roles.h"

#include <array>

namespace attune::pipeline {
namespace {

using importer::ColumnRole;

constexpr std::array<std::string_view, 5> kReadable {".json", ".jsonl", ".csv", ".parquet", ".txt"};

Json tags(const char* role, const char* content, const char* user, const char* assistant)
{
    return {{"role_tag", role}, {"content_tag", content}, {"user_tag", user}, {"assistant_tag", assistant}, {"system_tag", "system"}};
}

std::string columnWith(const importer::Dataset& data, ColumnRole role)
{
    const int column = importer::columnOf(data.columns(), role);
    return column < 0 ? std::string() : data.columns()[static_cast<std::size_t>(column)].name;
}

bool hasKey(const importer::Dataset& data, const std::string& style, const char* key)
{
    const auto first = data.rows() > 0 ? rowInStyle(data, 0, style) : Result<Json>(Json::object());
    return first && first->contains(key);
}

/// Conversations as they lie in the column: by {role, content} or by {from, value}.
Json conversationEntry(const importer::Dataset& data, const std::string& column)
{
    const auto first = data.rows() > 0 ? data.values(0) : Result<Json>(Json::object());
    const bool isShareGpt = first && first->contains(column) && (*first)[column].is_array() && !(*first)[column].empty() && (*first)[column][0].is_object() && (*first)[column][0].contains("from");
    Json entry {{"formatting", "sharegpt"}, {"columns", {{"messages", column}}}, {"tags", isShareGpt ? tags("from", "value", "human", "gpt") : tags("role", "content", "user", "assistant")}};
    if (const auto tools = columnWith(data, ColumnRole::Tools); !tools.empty())
        entry["columns"]["tools"] = tools;
    return entry;
}

/// Columns as they are, by their roles.
Result<Json> entryByRoles(const importer::Dataset& data)
{
    if (const auto messages = columnWith(data, ColumnRole::Messages); !messages.empty())
        return conversationEntry(data, messages);
    Json columns = Json::object();
    const auto set = [&](const char* key, ColumnRole role) {
        if (const auto name = columnWith(data, role); !name.empty())
            columns[key] = name;
    };
    set("prompt", ColumnRole::Prompt);
    if (columns.empty())
        set("prompt", ColumnRole::Text);
    if (columns.empty())
        return fail(ErrorCode::RoleMissing, "LLaMA-Factory needs a prompt, a text or conversations, and no column has such a role.", "Set the roles with --map at import, or choose another --style.");
    set("query", ColumnRole::Input);
    set("response", ColumnRole::Completion);
    set("system", ColumnRole::System);
    if (columnWith(data, ColumnRole::Chosen).empty())
        return Json {{"columns", columns}};
    set("chosen", ColumnRole::Chosen);
    set("rejected", ColumnRole::Rejected);
    return Json {{"ranking", true}, {"columns", columns}};
}

}

Result<Json> datasetInfoEntry(const importer::Dataset& data, const std::string& file, const std::string& style)
{
    const std::string suffix = fs::path(file).extension().string();
    if (std::find(kReadable.begin(), kReadable.end(), suffix) == kReadable.end())
        return fail(ErrorCode::Unsupported, fmt::format("LLaMA-Factory cannot read {} files.", suffix), "Export to .jsonl, .json, .csv, .parquet or .txt, uncompressed.");
    const std::string chosen = suffix == ".txt" ? "text" : style;
    Json entry {{"file_name", fs::path(file).filename().string()}};
    if (chosen == "columns") {
        ATTUNE_TRY(const Json byRoles, entryByRoles(data));
        entry.update(byRoles);
    } else if (chosen == "messages") {
        entry.update({{"formatting", "sharegpt"}, {"columns", {{"messages", "messages"}}}, {"tags", tags("role", "content", "user", "assistant")}});
    } else if (chosen == "sharegpt") {
        entry.update({{"formatting", "sharegpt"}, {"columns", {{"messages", "conversations"}}}, {"tags", tags("from", "value", "human", "gpt")}});
    } else if (chosen == "alpaca") {
        entry["columns"] = {{"prompt", "instruction"}, {"query", "input"}, {"response", "output"}};
    } else if (chosen == "prompt-completion") {
        entry["columns"] = {{"prompt", "prompt"}, {"response", "completion"}};
    } else if (chosen == "preference") {
        entry.update({{"ranking", true}, {"columns", {{"prompt", "prompt"}, {"chosen", "chosen"}, {"rejected", "rejected"}}}});
    } else {
        entry["columns"] = {{"prompt", "text"}};
    }
    for (const char* key : {"system", "tools"})
        if (chosen != "columns" && chosen != "text" && hasKey(data, chosen, key))
            entry["columns"][key] = key;
    return entry;
}

Result<std::string> addToDatasetInfo(const importer::Dataset& data, const DataExportReport& report, const std::string& style)
{
    ATTUNE_TRY(const Json entry, datasetInfoEntry(data, report.path, style));
    const std::string path = (fs::path(report.path).parent_path() / "dataset_info.json").string();
    Json info = Json::object();
    std::error_code error;
    if (fs::exists(path, error)) {
        ATTUNE_TRY(info, readJsonFile(path, std::size_t(16) << 20));
        if (!info.is_object())
            return fail(ErrorCode::FileCorrupt, fmt::format("{} is no object of datasets.", path), "Move it away, then export again.");
    }
    info[toName(fs::path(report.path).stem().string())] = entry;
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(path, info.dump(2) + "\n"));
    return path;
}

}
