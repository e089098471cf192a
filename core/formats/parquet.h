// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attune::formats {

struct ParquetField;

/// What the values of a column have in common, found by looking at all of them.
struct ParquetType {
    /// Null: nothing seen yet. Json: values of several kinds, kept as JSON text.
    enum class Kind { Null, Boolean, Integer, Number, Text, List, Object, Json };
    Kind kind = Kind::Null;
    std::vector<ParquetField> fields;                          ///< Object: by key; List: one, of its elements
    bool hasNull = false;                                      ///< a null is written out somewhere in it
    bool hasLargeInteger = false;                              ///< beyond 2^53, where a double would round it

    /// Makes the type wide enough for the value.
    void add(const Json& value, int level = 0);
    /// Whether values of several kinds meet anywhere in it.
    bool isMixed() const;

private:
    void addField(const std::string& key, const Json& value, int level);
    void becomeJson();
};

struct ParquetField {
    std::string name;
    ParquetType type;
};
using ParquetColumn = ParquetField;

/// Writes rows into a Parquet file, a row group at a time.
class ParquetWriter
{
public:
    virtual ~ParquetWriter() = default;
    /// Rows as objects by column name. Errors: Internal.
    virtual Status write(const std::vector<Json>& rows) = 0;
    virtual Status finish() = 0;
};

/// What libattune_parquet.so does: it stands on Arrow C++, which not every installation has, and is opened at
/// the first Parquet file. Any thread.
class ParquetLibrary
{
public:
    virtual ~ParquetLibrary() = default;
    /// Rows of a file in memory; FileCorrupt if it is none.
    virtual Result<std::int64_t> countRows(std::string_view file, const std::string& path) const = 0;
    /// Calls line() with each row as a line of JSON, without newline, up to mostRows (0: all).
    /// Errors: FileCorrupt, Unsupported (encrypted), OutOfMemory, Cancelled.
    virtual Status read(std::string_view file, const std::string& path, std::int64_t mostRows, const JobContext& context, const std::function<void(std::string_view)>& line) const = 0;
    /// sink() gets the file's bytes, in order. Errors: Unsupported.
    virtual Result<std::unique_ptr<ParquetWriter>> create(const std::vector<ParquetColumn>& columns, std::function<void(std::string_view)> sink) const = 0;
};

/// Errors: Unsupported, saying how to get the library.
Result<const ParquetLibrary*> openParquet();

}
