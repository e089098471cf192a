// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_detail.h"

#include "bridge/text.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/duplicates.h"
#include "importer/source_dataset.h"
#include "tokenizer/objective_rows.h"
#include "tokenizer/token_offsets.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr std::size_t kMostTokenBytes = 200'000;  // beyond, a token view says nothing any more

QString say(const char* text)
{
    return QCoreApplication::translate("attune::pages::RowPane", text);
}

/// Tokens of the row's text, and how many of them each turn has: they add up.
void countTokens(const OpenedVersion& opened, const TextModel& model, RowDetail& detail)
{
    importer::Row cells;
    const auto columns = cleaner::textColumns(opened.data->columns(), {});
    if (!columns || !opened.data->read(detail.row, cells))
        return;
    const std::string text = cleaner::rowText(cells, *columns);
    if (text.size() > kMostTokenBytes)
        return;
    const auto ids = model.tokenizer->encode(text, tokenizer::SpecialTokens::Omit);
    const auto ends = tokenizer::tokenEnds(*model.tokenizer, text, ids);
    detail.tokens = static_cast<std::int64_t>(ids.size());
    detail.turnTokens.assign(detail.turns.size(), 0);
    std::size_t at = 0, token = 0;
    for (std::size_t i = 0; i < detail.turns.size(); ++i) {
        at = std::min(text.size(), at + detail.turns[i].text.size() + 1);  // the line end between two belongs to the first
        const bool isLast = i + 1 == detail.turns.size();
        for (; token < ends.size() && (isLast || ends[token] <= at); ++token)
            ++detail.turnTokens[i];
    }
}

/// Turns and their counts in the order one reads them.
void sortTurns(RowDetail& detail)
{
    auto turns = detail.turns;
    pipeline::sortForReading(turns);
    std::vector<std::int64_t> counts;
    for (const auto& turn : turns)
        for (std::size_t i = 0; i < detail.turns.size() && !detail.turnTokens.empty(); ++i)
            if (detail.turns[i].column == turn.column && detail.turns[i].pointer == turn.pointer && detail.turns[i].text == turn.text) {
                counts.push_back(detail.turnTokens[i]);
                break;
            }
    detail.turns = std::move(turns);
    detail.turnTokens = std::move(counts);
}

void appendTokens(const TextModel& model, const tokenizer::RenderedRow& row, bool isTrained, RowDetail& detail)
{
    std::size_t part = 0, partEnd = row.partLengths.empty() ? row.ids.size() : static_cast<std::size_t>(row.partLengths[0]), partBegin = 0;
    for (std::size_t i = 0; i < row.ids.size() && i < kMostTokenBytes / 8; ++i) {
        if (i == partEnd && part + 1 < row.partLengths.size()) {
            partBegin = partEnd;
            partEnd += static_cast<std::size_t>(row.partLengths[++part]);
        }
        widgets::ShownToken token {toQString(model.tokenizer->piece(row.ids[i])), isTrained && i > partBegin && row.trained[i], model.tokenizer->isSpecial(row.ids[i]), i == partBegin};
        detail.trainedCount += token.isTrained;
        detail.trained.append(token);
    }
}

void renderTrained(const OpenedVersion& opened, const TextModel& model, RowDetail& detail)
{
    const auto record = opened.data->record(detail.row);
    if (!record)
        return;
    using Kind = importer::Record::Kind;
    const bool isLabelled = record->kind == Kind::Labelled, isPair = record->kind == Kind::Preference;
    tokenizer::RenderOptions options;
    options.shape = isLabelled ? tokenizer::RowShape::PlainText : isPair ? tokenizer::RowShape::Preference : tokenizer::RowShape::Answers;
    const bool needsTemplate = opened.data->isConversational();
    if (needsTemplate && !model.chat) {
        detail.trainedProblem = say("%1 has no chat template; a run on it names one.").arg(toQString(model.name));
        return;
    }
    const auto rows = tokenizer::renderRows(*model.tokenizer, needsTemplate ? &*model.chat : nullptr, *record, options);
    if (!rows) {
        detail.trainedProblem = toQString(rows.error().message);
        return;
    }
    for (const auto& row : *rows)
        appendTokens(model, row, !isLabelled, detail);
    if (isLabelled)
        detail.trainedNote = say("A classifier reads these tokens; what it learns is the label.");
    else if (isPair)
        detail.trainedNote = say("First the prompt with the chosen answer, then with the rejected one.");
}

void findSteps(const OpenedVersion& opened, RowDetail& detail)
{
    if (opened.steps.empty())
        return;
    const cleaner::PrepareContext prepare {[](std::string_view) { return std::int64_t(0); }};  // edits count no tokens
    const auto chain = cleaner::StepChain::prepare(opened.plainSteps(), opened.source->columns(), prepare);
    importer::Row cells;
    if (!chain || !opened.source->read(detail.number, cells))
        return;
    std::size_t link = 0;
    for (std::size_t s = 0; s < opened.steps.size(); ++s) {
        if (!opened.steps[s].step.isEnabled)
            continue;
        if (chain->step(link).isEdit() && chain->step(link).apply(cells) == cleaner::Effect::Changed)
            detail.changedBy.push_back(static_cast<int>(s) + 1);
        ++link;
    }
}

}

RowDetailPtr readDetail(const OpenedVersion& opened, const TextModel* model, std::int64_t row)
{
    auto detail = std::make_shared<RowDetail>();
    detail->row = row;
    detail->number = cleaner::sourceRow(*opened.data, row);
    auto values = opened.data->values(row);
    if (!values) {
        detail->problem = toQString(values.error().message + " " + values.error().hint);
        return detail;
    }
    detail->values = std::move(*values);
    if (auto source = opened.source->values(detail->number))
        detail->source = std::move(*source);
    if (const auto* imported = dynamic_cast<const importer::SourceDataset*>(opened.source.get()))
        if (const auto place = imported->placeOf(detail->number)) {
            detail->file = QFileInfo(toQString(place->path)).fileName();
            detail->line = place->line;
        }
    detail->turns = pipeline::turnsOf(detail->values, opened.data->columns());
    if (model) {
        countTokens(opened, *model, *detail);
        renderTrained(opened, *model, *detail);
    } else {
        detail->trainedProblem = say("There is no model whose tokenizer could show this. Add one in Models.");
    }
    sortTurns(*detail);
    findSteps(opened, *detail);
    return detail;
}

}
