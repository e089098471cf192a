// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "tokenizer/render.h"

namespace attune::tokenizer {

/// The rows of tokens that a dataset's row becomes for an objective: one, but for a preference pair taken as feedback,
/// which gives its chosen answer with label 1 and its rejected one with label 0. Documents of Blocks come whole.
/// Errors of the row, which is left out: those of renderRecord, RoleMissing where a part is missing (a rejected answer,
/// a label). FileCorrupt, which names row and value and ends the work: a label that is not in the list, or no number.
Result<std::vector<RenderedRow>> renderRows(const Tokenizer& tokenizer, const ChatTemplate* chat, const importer::Record& record, const RenderOptions& options);

/// The labels that occur in a dataset, sorted by their bytes; for Flags and LabelledWords those in the rows' lists.
/// Errors: Cancelled, FileCorrupt with more than 100 000 of them, those of reading.
Result<std::vector<std::string>> collectLabels(const importer::Dataset& dataset, const RenderOptions& options, const JobContext& context);

/// The label or labels of a row: a JSON list gives its items, any other text itself, empty text none.
std::vector<std::string> labelsOf(const std::string& text);

/// Cuts documents, one behind another, into blocks of `length` tokens; the last may be shorter. A block bears the
/// number of the row that its first token is from. All tokens are trained (the first of a block is never a target).
/// As TRL packs with "wrapped", and as transformers' run_clm groups texts but for the remainder, which is kept.
class BlockCutter
{
public:
    explicit BlockCutter(std::int64_t length) : m_length(static_cast<std::size_t>(length)) {}
    void add(const RenderedRow& document, std::int64_t row);
    /// The blocks that are full; with isLast also what is left, where it has two tokens or more.
    std::vector<std::pair<RenderedRow, std::int64_t>> take(bool isLast);

private:
    std::size_t m_length;
    std::vector<std::int32_t> m_ids;
    std::vector<std::pair<std::size_t, std::int64_t>> m_starts;  ///< where a row begins in m_ids
};

}
