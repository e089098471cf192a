// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "importer/record.h"
#include "importer/row.h"

#include <memory>
#include <string>
#include <vector>

namespace attune::importer {

struct Column {
    std::string name;
    std::string type;  ///< text number boolean list object mixed
    ColumnRole role = ColumnRole::Ignore;
};

/// A dataset opened for reading: rows by number, whatever file format they lie in, after cleaning
/// steps and edits. Immutable; any thread may read.
class Dataset
{
public:
    virtual ~Dataset() = default;
    virtual const std::string& name() const = 0;     ///< with version and split: "gsm8k@2:train"
    virtual std::int64_t rows() const = 0;
    virtual const std::vector<Column>& columns() const = 0;
    /// The row's values by column, types kept: {"question": "…", "level": 3}.
    virtual Result<Json> values(std::int64_t row) const = 0;
    /// The row in the shape that its roles give.
    virtual Result<Record> record(std::int64_t row) const = 0;
    /// The row's cells by column, for scans over many rows: `out` is used again for each and holds views
    /// that stay valid until its next use.
    virtual Status read(std::int64_t row, Row& out) const;
    /// Changes whenever what record() returns would change: cache key and run record.
    virtual std::string contentHash() const = 0;
    /// Whether the roles give conversations or prompt / completion pairs (a chat template applies).
    virtual bool isConversational() const = 0;
};

using DatasetPtr = std::shared_ptr<const Dataset>;

}
