// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/parquet/from_json.h"

#include <arrow/api.h>

namespace attune::formats {
namespace {

using Kind = ParquetType::Kind;

arrow::Status appendObject(arrow::StructBuilder& builder, const ParquetType& type, const Json& value)
{
    ARROW_RETURN_NOT_OK(builder.Append());
    for (std::size_t f = 0; f < type.fields.size(); ++f) {
        const auto it = value.find(type.fields[f].name);
        ARROW_RETURN_NOT_OK(appendTo(*builder.field_builder(static_cast<int>(f)), type.fields[f].type, it == value.end() ? nullptr : &*it));
    }
    return arrow::Status::OK();
}

arrow::Status appendList(arrow::ListBuilder& builder, const ParquetType& type, const Json& value)
{
    static const ParquetType nothing;
    ARROW_RETURN_NOT_OK(builder.Append());
    for (const auto& element : value)
        ARROW_RETURN_NOT_OK(appendTo(*builder.value_builder(), type.fields.empty() ? nothing : type.fields[0].type, &element));
    return arrow::Status::OK();
}

}

std::shared_ptr<arrow::DataType> arrowType(const ParquetType& type)
{
    switch (type.kind) {
    case Kind::Boolean: return arrow::boolean();
    case Kind::Integer: return arrow::int64();
    case Kind::Number: return arrow::float64();
    case Kind::List: return arrow::list(arrow::field("element", type.fields.empty() ? arrow::utf8() : arrowType(type.fields[0].type)));
    case Kind::Object: {
        arrow::FieldVector fields;
        for (const auto& [name, field] : type.fields)
            fields.push_back(arrow::field(name, arrowType(field)));
        return arrow::struct_(fields);
    }
    default: return arrow::utf8();
    }
}

arrow::Status appendTo(arrow::ArrayBuilder& builder, const ParquetType& type, const Json* value)
{
    // In a column of JSON a null is a null, not the text "null".
    if (!value || value->is_null())
        return builder.AppendNull();
    switch (type.kind) {
    case Kind::Boolean: return static_cast<arrow::BooleanBuilder&>(builder).Append(value->get<bool>());
    case Kind::Integer: return static_cast<arrow::Int64Builder&>(builder).Append(value->get<std::int64_t>());
    case Kind::Number: return static_cast<arrow::DoubleBuilder&>(builder).Append(value->get<double>());
    case Kind::Text: return static_cast<arrow::StringBuilder&>(builder).Append(value->get_ref<const std::string&>());
    case Kind::List: return appendList(static_cast<arrow::ListBuilder&>(builder), type, *value);
    case Kind::Object: return appendObject(static_cast<arrow::StructBuilder&>(builder), type, *value);
    default: return static_cast<arrow::StringBuilder&>(builder).Append(toLine(*value));
    }
}

}
