// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/step_preview.h"

#include "cleaner/cleaned_dataset.h"
#include "cleaner/duplicates.h"
#include "importer/chunks.h"
#include "importer/roles.h"
#include "importer/source_dataset.h"

#include <algorithm>
#include <mutex>

namespace attune::pipeline {
namespace {

using cleaner::Effect;
using importer::Row;

constexpr std::int64_t kChunkRows = 2048;

/// What a chunk of rows became.
struct Part {
    std::int64_t dropped = 0, changed = 0, tokens = 0;  ///< tokens: how many more or fewer
    std::vector<RowChange> sample;
};

class Preview
{
public:
    Preview(const importer::Dataset& data, const cleaner::StepChain& chain, const RowFacts* facts, const tokenizer::Tokenizer* tokenizer, std::size_t limit)
        : m_data(data)
        , m_chain(chain)
        , m_facts(facts && facts->hasTokens ? facts : nullptr)
        , m_tokenizer(tokenizer)
        , m_limit(limit)
    {
        if (const auto columns = cleaner::textColumns(chain.columns(), {}))
            m_texts = *columns;
    }

    /// Row by row, all cores.
    Result<StepPreview> run(const JobContext& context)
    {
        const std::int64_t rows = m_data.rows();
        std::vector<Part> parts(static_cast<std::size_t>((rows + kChunkRows - 1) / kChunkRows));
        std::mutex mutex;
        std::optional<Error> problem;
        ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(parts.size(), importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
            const auto begin = static_cast<std::int64_t>(chunk) * kChunkRows;
            if (auto status = tryRows(begin, std::min(rows, begin + kChunkRows), parts[chunk]); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
            }
            context.report("Trying the step", chunk + 1, parts.size());
        }));
        if (problem)
            return *problem;
        return sum(parts);
    }

    /// A step that chooses rows has chosen these.
    Result<StepPreview> compare(const cleaner::Selection& kept)
    {
        StepPreview preview;
        preview.rowsIn = m_data.rows();
        preview.rowsOut = static_cast<std::int64_t>(kept.size());
        std::vector<bool> isKept(static_cast<std::size_t>(preview.rowsIn));
        std::int64_t tokens = 0;
        for (const std::int64_t row : kept) {
            isKept[static_cast<std::size_t>(row)] = true;
            tokens += m_facts ? m_facts->tokens[static_cast<std::size_t>(row)] : 0;
        }
        for (std::int64_t row = 0; row < preview.rowsIn && preview.sample.size() < m_limit; ++row)
            if (!isKept[static_cast<std::size_t>(row)]) {
                ATTUNE_TRY(auto before, m_data.values(row));
                preview.sample.push_back({row, true, std::move(before), nullptr});
            }
        if (m_facts) {
            preview.tokensIn = m_facts->tokensTotal;
            preview.tokensOut = tokens;
        }
        preview.columns = m_chain.columns();
        return preview;
    }

private:
    Status tryRows(std::int64_t begin, std::int64_t end, Part& part) const
    {
        Row row;
        std::vector<std::int32_t> ids;
        for (std::int64_t number = begin; number < end; ++number) {
            ATTUNE_RETURN_IF_ERROR(m_data.read(number, row));
            const Effect effect = m_chain.step(0).apply(row);
            if (effect == Effect::Kept)
                continue;
            const bool isDropped = effect == Effect::Dropped;
            (isDropped ? part.dropped : part.changed) += 1;
            if (m_facts) {
                part.tokens -= m_facts->tokens[static_cast<std::size_t>(number)];
                part.tokens += isDropped ? 0 : tokensOf(row, ids);
            }
            if (part.sample.size() < m_limit)
                ATTUNE_RETURN_IF_ERROR(keep(number, isDropped, row, part));
        }
        return {};
    }

    std::int64_t tokensOf(const Row& row, std::vector<std::int32_t>& ids) const
    {
        ids.clear();
        if (m_tokenizer)
            m_tokenizer->encode(cleaner::rowText(row, m_texts), tokenizer::SpecialTokens::Omit, ids);
        return static_cast<std::int64_t>(ids.size());
    }

    Status keep(std::int64_t number, bool isDropped, const Row& row, Part& part) const
    {
        ATTUNE_TRY(auto before, m_data.values(number));
        part.sample.push_back({number, isDropped, std::move(before), isDropped ? Json() : importer::valuesOf(row, m_chain.columns())});
        return {};
    }

    StepPreview sum(std::vector<Part>& parts) const
    {
        StepPreview preview;
        preview.rowsIn = preview.rowsOut = m_data.rows();
        std::int64_t tokens = 0;
        for (auto& part : parts) {
            preview.rowsOut -= part.dropped;
            preview.changed += part.changed;
            tokens += part.tokens;
            for (auto& change : part.sample)
                if (preview.sample.size() < m_limit)
                    preview.sample.push_back(std::move(change));
        }
        if (m_facts) {
            preview.tokensIn = m_facts->tokensTotal;
            preview.tokensOut = m_facts->tokensTotal + tokens;
        }
        preview.columns = m_chain.columns();
        return preview;
    }

    const importer::Dataset& m_data;
    const cleaner::StepChain& m_chain;
    const RowFacts* m_facts;
    const tokenizer::Tokenizer* m_tokenizer;
    std::size_t m_limit;
    std::vector<std::size_t> m_texts;
};

cleaner::PrepareContext prepareWith(const tokenizer::Tokenizer* tokenizer)
{
    if (!tokenizer)
        return {};
    return {[tokenizer](std::string_view text) {
        thread_local std::vector<std::int32_t> ids;
        ids.clear();
        tokenizer->encode(text, tokenizer::SpecialTokens::Omit, ids);
        return static_cast<std::int64_t>(ids.size());
    }};
}

/// A selection of another dataset's rows with edits on them, held in memory.
class Behind : public cleaner::DerivedDataset
{
public:
    Behind(importer::DatasetPtr source, cleaner::StepChain chain, cleaner::Selection rows)
        : m_source(std::move(source))
        , m_chain(std::move(chain))
        , m_rows(std::move(rows))
    {
    }
    const std::string& name() const override { return m_source->name(); }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_rows.size()); }
    const std::vector<importer::Column>& columns() const override { return m_chain.columns(); }
    Status read(std::int64_t row, Row& out) const override
    {
        if (row < 0 || row >= rows())
            return importer::rowOutOfRange(row, rows());
        ATTUNE_RETURN_IF_ERROR(m_source->read(m_rows[static_cast<std::size_t>(row)], out));
        m_chain.edit(out);
        return {};
    }
    Result<Json> values(std::int64_t number) const override
    {
        Row row;
        ATTUNE_RETURN_IF_ERROR(read(number, row));
        return importer::valuesOf(row, columns());
    }
    Result<importer::Record> record(std::int64_t number) const override
    {
        Row row;
        ATTUNE_RETURN_IF_ERROR(read(number, row));
        return importer::toRecord(row, columns(), number);
    }
    std::int64_t sourceRow(std::int64_t row) const override { return cleaner::sourceRow(*m_source, m_rows[static_cast<std::size_t>(row)]); }
    std::string contentHash() const override { return m_source->contentHash(); }
    bool isConversational() const override { return importer::hasConversation(columns()); }

private:
    importer::DatasetPtr m_source;
    cleaner::StepChain m_chain;
    cleaner::Selection m_rows;
};

}

Result<importer::DatasetPtr> behindSteps(importer::DatasetPtr source, const std::vector<cleaner::Step>& steps, const tokenizer::Tokenizer* tokenizer, const JobContext& context)
{
    ATTUNE_TRY(auto chain, cleaner::StepChain::prepare(steps, source->columns(), prepareWith(tokenizer)));
    ATTUNE_TRY(auto result, cleaner::runSteps(cleaner::DatasetRows(*source), chain, context));
    return importer::DatasetPtr(std::make_shared<Behind>(std::move(source), std::move(chain), std::move(result.selection)));
}

Result<StepPreview> previewStep(const importer::Dataset& data, const cleaner::Step& step, const RowFacts* facts, const tokenizer::Tokenizer* tokenizer, std::size_t limit, const JobContext& context)
{
    ATTUNE_TRY(const auto chain, cleaner::StepChain::prepare({step}, data.columns(), prepareWith(tokenizer)));
    ATTUNE_CHECK(chain.size() == 1, "a step that is switched off has no preview");
    Preview preview(data, chain, facts, tokenizer, limit);
    const cleaner::DatasetRows rows(data);
    ATTUNE_TRY(const auto selection, chain.step(0).select(rows, context));
    return selection ? preview.compare(*selection) : preview.run(context);
}

}
