// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/parquet.h"

#include <arrow/type_fwd.h>

namespace attune::formats {

/// The Arrow type that holds the values; a column of nulls becomes one of texts.
std::shared_ptr<arrow::DataType> arrowType(const ParquetType& type);
/// Appends a value (null: null, also where it is not there).
arrow::Status appendTo(arrow::ArrayBuilder& builder, const ParquetType& type, const Json* value);

}
