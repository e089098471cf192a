// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "base/progress.h"
#include "cleaner/text_marks.h"
#include "importer/dataset.h"
#include "importer/row.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::cleaner {

using importer::Cell;
using importer::Column;
using importer::Row;

/// What a step did to one row.
enum class Effect { Kept, Changed, Dropped };

/// Reads the rows that a step sees: number in [0, rows()), as earlier steps left them. Thread-safe as
/// long as each thread has its own Row.
class RowSource
{
public:
    virtual ~RowSource() = default;
    virtual std::int64_t rows() const = 0;
    virtual const std::vector<Column>& columns() const = 0;
    virtual Status read(std::int64_t row, Row& out) const = 0;
};

/// Rows that remain, in their new order; positions in the RowSource (a row may come twice).
using Selection = std::vector<std::int64_t>;

/// A step with its options checked against the columns, ready to run. Immutable: any thread.
class PreparedStep
{
public:
    virtual ~PreparedStep() = default;
    /// Row by row: changes the row in place or drops it.
    virtual Effect apply(Row&) const { return Effect::Kept; }
    /// Whether apply() can change a row: then it runs again whenever the row is read.
    virtual bool isEdit() const { return false; }
    /// For steps that need to see all rows; nullopt for the row-by-row ones.
    virtual Result<std::optional<Selection>> select(const RowSource&, const JobContext&) const { return std::optional<Selection>(); }
};

/// What preparing a step may use.
struct PrepareContext {
    /// Tokens of a text by the chosen model's tokenizer; empty when no model was chosen.
    std::function<std::int64_t(std::string_view)> countTokens;
};

/// One kind of cleaning step: one file in rules/, found by the registry. Names and options are those
/// of steps.yaml.
struct Rule {
    std::string_view type;   ///< "drop_short"; permanent
    std::string_view label;  ///< "Drop short rows"
    std::string_view help;
    OptionSchema options;    ///< keys without a dot
    /// Checks the options (all there, defaults filled in) against the columns and may change these:
    /// they are what the next step sees. Errors: FileCorrupt (an option makes no sense here), Unsupported.
    Result<std::unique_ptr<PreparedStep>> (*prepare)(const Json& options, std::vector<Column>& columns, const PrepareContext& context);
};

/// All rules, sorted by file name; generated from rules/*.cpp.
std::span<const Rule* const> all();
const Rule* findRule(std::string_view type);

// ---- helpers for rules

/// The option "columns": numbers of the named columns, or of all text columns when none is named
/// (a column of conversations counts: its messages' contents are texts).
Result<std::vector<std::size_t>> columnsOption(const Json& options, const std::vector<Column>& columns);
/// The option "column".
Result<std::size_t> columnOption(const Json& options, const std::vector<Column>& columns);
/// The cell as text: a conversation's contents joined by newlines (also where a table keeps it as JSON in a
/// text), anything else as plainText().
std::string textOfCell(const Cell& cell);
/// The same as a view that copies nothing where the cell holds its text already.
class CellText
{
public:
    explicit CellText(const Cell& cell);
    operator std::string_view() const { return m_isOwn ? std::string_view(m_own) : m_view; }

private:
    bool m_isOwn;
    std::string_view m_view;
    std::string m_own;
};
/// Writes the changed text into its second argument; false if it stays as it is.
using TextChange = std::function<bool(std::string_view, std::string&)>;
/// Applies a change to a text cell, or to each content of a conversation; true if anything changed.
bool editTexts(Row& row, std::size_t column, const TextChange& change);
/// An edit of texts, column by column: what most row-by-row rules are. `touches`: the marks of the texts that it can
/// change; all others it leaves alone without looking at them again.
std::unique_ptr<PreparedStep> makeTextEdit(std::vector<std::size_t> columns, TextChange change, TextMarks touches = kSeen);
/// A test that keeps or drops rows.
std::unique_ptr<PreparedStep> makeRowTest(std::function<bool(const Row&)> keeps);
/// The option rows that many rules share.
Option columnsOptionRow();
Option columnOptionRow();

}
