// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include "base/file.h"

namespace attune::store {

struct Store::Private {
};

Store::Store() = default;
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& workspace)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(workspace));
    std::unique_ptr<Store> store(new Store);
    store->m_workspace = workspace;
    return store;
}

}
