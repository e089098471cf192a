// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/dataset_versions.h"

#include "store/database.h"

namespace attune::store {

Status removeDatasetVersion(const Store& store, const std::string& name, int version)
{
    const std::string path = store.workspace() + "/attune.sqlite";
    ATTUNE_TRY(const auto database, openDatabase(path));
    return guarded(path, [&] {
        Write write(*database);
        SQLite::Statement statement(*database, "DELETE FROM dataset WHERE name = ? AND version = ?");
        statement.bind(1, name);
        statement.bind(2, version);
        statement.exec();
        write.commit();
    });
}

}
