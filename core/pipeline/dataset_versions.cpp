// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_versions.h"

#include "importer/roles.h"

#include <unistd.h>

namespace attune::pipeline {

Json sourcesJson(const importer::IndexHeader& header)
{
    Json sources = Json::array();
    for (const auto& source : header.sources)
        sources.push_back({{"path", source.path}, {"bytes", source.bytes}, {"hash", source.hash}, {"rows", source.rows}, {"format", source.layout.format}, {"encoding", source.encoding}});
    return sources;
}

Json infoOfImport(const importer::IndexHeader& header, const std::string& base)
{
    return {{"kind", "import"}, {"base", base}, {"has_steps", false}, {"columns", importer::toJson(header.columns)}, {"mapping", importer::mappingJson(header.columns)},
        {"style", header.style}, {"sentence", header.sentence}, {"sources", sourcesJson(header)}, {"skipped", header.skipped}};
}

Result<store::DatasetRow> addVersion(store::Store& store, const std::string& name, const std::function<Status(const std::string&, store::DatasetRow&)>& fill)
{
    ATTUNE_TRY(const auto newest, store.dataset(name));
    store::DatasetRow row;
    row.name = name;
    row.version = newest ? newest->version + 1 : 1;
    row.created = store::nowUtc();
    const std::string parent = store.folder("datasets") + "/" + name;
    const std::string made = fmt::format("{}/.v{}-{}", parent, row.version, ::getpid());
    row.folder = fmt::format("{}/v{}", parent, row.version);
    std::error_code ignored;
    const auto giveUp = [&](Error error) {
        fs::remove_all(made, ignored);
        if (row.version == 1)
            fs::remove(parent, ignored);  // only when empty
        return error;
    };
    ATTUNE_RETURN_IF_ERROR(makeFolder(made));
    if (auto status = fill(made, row); !status)
        return giveUp(status.error());
    fs::remove_all(row.folder, ignored);  // left behind by a crash: no row of the database names it
    fs::rename(made, row.folder, ignored);
    if (ignored)
        return giveUp(failSystem(row.folder, "write", ignored.value()));
    ATTUNE_RETURN_IF_ERROR(syncFolder(parent));
    ATTUNE_RETURN_IF_ERROR(store.putDataset(row));
    return row;
}

}
