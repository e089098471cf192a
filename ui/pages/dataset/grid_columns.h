// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/row_facts.h"

#include <QString>

#include <vector>

namespace attune::pages {

/// One column of the row grid. A conversation is shown as two: what the user and what the assistant says first.
struct GridColumn {
    enum class Kind { Number, Value, User, Assistant, Turns, Tokens, Flags };
    Kind kind = Kind::Value;
    QString id;                 ///< "#", "tokens", "column:NAME": kept in settings
    QString name, note;         ///< "user", "text, 0 empty"
    std::size_t column = 0;     ///< of the dataset
    bool isNumeric = false;     ///< mono, at right
    bool isVisible = true;
    int width = 100;
    std::string sortBy;         ///< as RowQuery has it; empty: cannot be sorted
    /// Bars of the header and what a click on one filters by: a range of facts, or a size of the column.
    pipeline::Histogram bars;
    std::string rangeField;
    bool isMono() const { return kind == Kind::Number || kind == Kind::Turns || kind == Kind::Tokens || isNumeric; }
    bool isText() const { return (kind == Kind::Value && !isNumeric) || kind == Kind::User || kind == Kind::Assistant; }
};

/// The columns of a dataset, those with a role visible, all where none has one. stats and facts may be null:
/// then headers have no bars yet.
std::vector<GridColumn> gridColumns(const importer::Dataset& data, const pipeline::DatasetStats* stats, const pipeline::RowFacts* facts);
/// Bars over what is known of each row: up to where nearly all lie.
template<typename Number>
pipeline::Histogram barsOf(const std::vector<Number>& numbers, int bars);
/// "tokens 200 to 500", "tokens from 200", "answer up to 80": the words of a chip.
QString rangeWords(const QString& name, double low, double high);
/// "text", "number, 3 empty" as the header says it.
QString columnNote(const pipeline::ColumnStats& column);

}
