// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/classes.h"

#include <unordered_map>

namespace attune::cleaner {

Result<Classes> classesOf(const RowSource& rows, std::size_t column, const JobContext& context)
{
    Classes classes;
    std::unordered_map<std::string, std::size_t> classOf;
    Row row;
    std::string value;
    for (std::int64_t i = 0; i < rows.rows(); ++i) {
        if (i % 4096 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "Counting the classes was cancelled.", "Nothing was changed.");
        ATTUNE_RETURN_IF_ERROR(rows.read(i, row));
        // A missing value is not the text "".
        value.assign(row[column].isMissing() ? "0" : "1").append(importer::plainText(row[column]));
        const auto [it, isNew] = classOf.try_emplace(value, classes.values.size());
        if (isNew) {
            classes.values.push_back(value.substr(1));
            classes.members.emplace_back();
        }
        classes.members[it->second].push_back(i);
    }
    return classes;
}

}
