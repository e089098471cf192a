// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_facts.h"

#include "base/hash.h"
#include "cleaner/duplicates.h"
#include "cleaner/language.h"
#include "cleaner/quality.h"
#include "cleaner/scanner.h"
#include "cleaner/text.h"
#include "importer/chunks.h"
#include "importer/roles.h"
#include "pipeline/row_categories.h"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

namespace attune::pipeline {
namespace {

using importer::Cell;
using importer::ColumnRole;
using importer::Row;

constexpr std::int64_t kChunkRows = 1024;
constexpr const char *kRedacted = "redacted", *kSameText = "same_text";

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::uint32_t bitNamed(std::string_view name)
{
    for (const auto& flag : flagNames())
        if (flag.name == name)
            return 1u << flag.bit;
    return 0;
}

/// What a conversation's or a pair's texts are, apart.
struct Sides {
    std::string prompt, answer;
    std::uint16_t turns = 0;
};

class FactsPass
{
public:
    FactsPass(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer, cleaner::Scanner scanner, cleaner::QualityCheck quality)
        : m_data(data)
        , m_tokenizer(tokenizer)
        , m_scanner(std::move(scanner))
        , m_quality(std::move(quality))
        , m_facts(std::make_shared<RowFacts>())
        , m_categories(data)
    {
        if (const auto columns = cleaner::textColumns(data.columns(), {}))
            m_texts = *columns;
        m_prompt = importer::columnOf(data.columns(), ColumnRole::Prompt);
        m_answer = importer::columnOf(data.columns(), ColumnRole::Completion);
        m_messages = importer::columnOf(data.columns(), ColumnRole::Messages);
        for (const auto* detector : cleaner::pii::detectors())
            m_tags.push_back(detector->tag);
        m_languages = cleaner::knownLanguages();
        allocate();
    }

    Result<RowFactsPtr> run(const JobContext& context)
    {
        const std::int64_t rows = m_data.rows();
        const auto chunks = static_cast<std::size_t>((rows + kChunkRows - 1) / kChunkRows);
        const unsigned workers = importer::workerCount(0);
        std::vector<RowCategories::Cache> caches(workers, m_categories.makeCache());
        std::mutex mutex;
        std::optional<Error> problem;
        ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, workers, context, [&](std::size_t chunk, unsigned worker) {
            const auto begin = static_cast<std::int64_t>(chunk) * kChunkRows;
            if (auto status = look(begin, std::min(rows, begin + kChunkRows), caches[worker]); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
            }
            context.report("Looking at rows", chunk + 1, chunks);
        }));
        if (problem)
            return *problem;
        markSameTexts();
        tidyLanguages();
        m_facts->categories = m_categories.take();
        m_facts->tokensTotal = std::accumulate(m_facts->tokens.begin(), m_facts->tokens.end(), std::int64_t(0));
        return RowFactsPtr(m_facts);
    }

private:
    void allocate()
    {
        RowFacts& f = *m_facts;
        const auto rows = static_cast<std::size_t>(m_data.rows());
        f.rows = m_data.rows();
        f.hasTokens = m_tokenizer;
        f.isConversation = m_messages >= 0;
        f.hasAnswers = m_messages >= 0 || m_answer >= 0;
        if (f.hasTokens)
            f.tokens.resize(rows);
        f.flags.resize(rows);
        f.language.resize(rows);
        if (f.hasAnswers) {
            f.promptCharacters.resize(rows);
            f.answerCharacters.resize(rows);
        }
        if (f.isConversation)
            f.turns.resize(rows);
        f.splits = {std::string()};
        m_hashes.resize(rows);
    }

    Status look(std::int64_t begin, std::int64_t end, RowCategories::Cache& cache)
    {
        RowFacts& f = *m_facts;
        Row row;
        std::string text;
        std::vector<std::int32_t> ids;
        std::vector<cleaner::Found> found;
        for (std::int64_t number = begin; number < end; ++number) {
            ATTUNE_RETURN_IF_ERROR(m_data.read(number, row));
            const Row& cells = row;
            const auto i = static_cast<std::size_t>(number);
            cleaner::rowText(cells, m_texts, text);
            m_hashes[i] = hash64(text, 1);
            f.language[i] = languageOf(text);
            f.flags[i] = personalFlags(text, found);
            m_quality.find(cells, [&flags = f.flags[i]](const cleaner::QualityFind& find) { flags |= bitNamed(find.kind); });
            if (m_tokenizer) {
                ids.clear();
                m_tokenizer->encode(text, tokenizer::SpecialTokens::Omit, ids);
                f.tokens[i] = static_cast<std::uint32_t>(ids.size());
            }
            if (f.hasAnswers)
                lookAtSides(cells, i);
            m_categories.see(number, cells, cache);
        }
        return {};
    }

    Sides sidesOf(const Row& cells) const
    {
        Sides sides;
        if (m_messages < 0) {
            if (m_prompt >= 0)
                sides.prompt = importer::plainText(cells[static_cast<std::size_t>(m_prompt)]);
            sides.answer = importer::plainText(cells[static_cast<std::size_t>(m_answer)]);
            return sides;
        }
        const Cell& cell = cells[static_cast<std::size_t>(m_messages)];
        const auto messages = importer::toMessages(parseJson(importer::plainText(cell), 1024).value_or(Json()));
        sides.turns = static_cast<std::uint16_t>(std::min<std::size_t>(messages.size(), std::numeric_limits<std::uint16_t>::max()));
        for (const auto& message : messages)
            (message.role == "assistant" ? sides.answer : sides.prompt) += message.content;
        return sides;
    }

    void lookAtSides(const Row& cells, std::size_t i)
    {
        RowFacts& f = *m_facts;
        const Sides sides = sidesOf(cells);
        const auto characters = [](const std::string& text) { return static_cast<std::uint32_t>(cleaner::countCharacters(text)); };
        f.promptCharacters[i] = characters(sides.prompt);
        f.answerCharacters[i] = characters(sides.answer);
        if (f.isConversation)
            f.turns[i] = sides.turns;
    }

    std::uint32_t personalFlags(const std::string& text, std::vector<cleaner::Found>& found) const
    {
        std::uint32_t flags = 0;
        found.clear();
        m_scanner.scan(text, {}, found);
        for (const auto& one : found)
            flags |= bitNamed(one.kind);
        if (has(text, "[") && std::any_of(m_tags.begin(), m_tags.end(), [&](std::string_view tag) { return has(text, tag); }))
            flags |= bitNamed(kRedacted);
        return flags;
    }

    std::uint8_t languageOf(const std::string& text) const
    {
        const std::string code = cleaner::languageOf(text);
        const auto it = std::lower_bound(m_languages.begin(), m_languages.end(), code);
        return code.empty() || it == m_languages.end() || *it != code ? 0 : static_cast<std::uint8_t>(it - m_languages.begin() + 1);
    }

    void markSameTexts()
    {
        std::vector<std::uint64_t> sorted = m_hashes;
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::uint64_t> repeated;
        for (std::size_t i = 1; i < sorted.size(); ++i)
            if (sorted[i] == sorted[i - 1] && (repeated.empty() || repeated.back() != sorted[i]))
                repeated.push_back(sorted[i]);
        for (std::size_t i = 0; i < m_hashes.size() && !repeated.empty(); ++i)
            if (std::binary_search(repeated.begin(), repeated.end(), m_hashes[i]))
                m_facts->flags[i] |= bitNamed(kSameText);
    }

    /// Only the languages that occur get a code, the most frequent first.
    void tidyLanguages()
    {
        std::array<std::int64_t, 256> counts {};
        for (const auto code : m_facts->language)
            ++counts[code];
        std::vector<std::uint8_t> order;
        for (std::size_t code = 1; code < counts.size(); ++code)
            if (counts[code] > 0)
                order.push_back(static_cast<std::uint8_t>(code));
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return counts[a] > counts[b]; });
        std::array<std::uint8_t, 256> renamed {};
        m_facts->languages = {std::string()};
        for (const auto code : order) {
            renamed[code] = static_cast<std::uint8_t>(m_facts->languages.size());
            m_facts->languages.push_back(m_languages[code - 1u]);
        }
        for (auto& code : m_facts->language)
            code = renamed[code];
    }

    const importer::Dataset& m_data;
    const tokenizer::Tokenizer* m_tokenizer;
    cleaner::Scanner m_scanner;
    cleaner::QualityCheck m_quality;
    std::shared_ptr<RowFacts> m_facts;
    RowCategories m_categories;
    std::vector<std::size_t> m_texts;
    std::vector<std::string_view> m_tags;
    std::vector<std::string> m_languages;
    std::vector<std::uint64_t> m_hashes;
    int m_prompt = -1, m_answer = -1, m_messages = -1;
};

}

const std::vector<FlagName>& flagNames()
{
    static const std::vector<FlagName> names = [] {
        std::vector<FlagName> all;
        const auto add = [&](std::string_view name, std::string_view label, bool isPersonal) {
            all.push_back({static_cast<std::uint32_t>(all.size()), std::string(name), std::string(label), isPersonal});
        };
        for (const auto* detector : cleaner::pii::detectors())
            add(detector->kind, detector->label, true);
        add(kRedacted, "Redacted", false);
        for (const auto& kind : cleaner::qualityKinds())
            if (kind.kind != "over_context")
                add(kind.kind, kind.label, false);
        add(kSameText, "Same text twice", false);
        ATTUNE_CHECK(all.size() < 31, "bit 31 stands for the context limit where flags are counted");
        return all;
    }();
    return names;
}

Result<RowFactsPtr> computeRowFacts(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer, const JobContext& context)
{
    ATTUNE_TRY(auto scanner, cleaner::Scanner::create({}));
    ATTUNE_TRY(auto quality, cleaner::QualityCheck::create({}, data.columns()));
    return FactsPass(data, tokenizer, std::move(scanner), std::move(quality)).run(context);
}

RowFactsPtr withSplits(const RowFactsPtr& facts, const std::vector<SplitRows>& splits)
{
    if (splits.empty() || splits.size() > 200)
        return facts;
    auto made = std::make_shared<RowFacts>(*facts);
    made->split.assign(static_cast<std::size_t>(facts->rows), 0);
    made->splits = {std::string()};
    for (const auto& part : splits) {
        const auto code = static_cast<std::uint8_t>(made->splits.size());
        made->splits.push_back(part.name);
        for (const std::int64_t row : part.rows)
            if (row >= 0 && row < facts->rows)
                made->split[static_cast<std::size_t>(row)] = code;
    }
    return made;
}

namespace {

std::string tokensKey(const store::DatasetRow& row)
{
    return fmt::format("tokens.{}@{}", row.name, row.version);
}

}

std::optional<std::int64_t> keptTokens(const store::Store& store, const store::DatasetRow& row)
{
    const auto kept = store.value(tokensKey(row));
    // A name that was given anew counts its versions from 1 again.
    if (!kept || !kept->is_object() || kept->value("created", "") != row.created)
        return {};
    return kept->value("tokens", std::int64_t(0));
}

Status keepTokens(store::Store& store, const store::DatasetRow& row, std::int64_t tokens)
{
    if (keptTokens(store, row) == tokens)
        return {};
    return store.putValue(tokensKey(row), {{"tokens", tokens}, {"created", row.created}});
}

}
