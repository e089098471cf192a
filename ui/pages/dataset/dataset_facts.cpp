// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/dataset_facts.h"

#include "cleaner/cleaned_dataset.h"

#include <QCoreApplication>
#include <QThreadPool>

namespace attune::pages {
namespace {

constexpr std::size_t kKeptVersions = 4;
constexpr std::int64_t kKeptRows = 2'000'000;  // larger facts are dropped with their version
constexpr auto kLimitKey = "dataset/context";
constexpr qlonglong kLimit = 2048;

std::vector<pipeline::SplitRows> splitsOf(const store::DatasetRow& row)
{
    std::vector<pipeline::SplitRows> splits;
    const Json parts = row.info.value("splits", Json::object());
    for (const auto& [name, count] : parts.items()) {
        const auto list = cleaner::RowList::open(row.folder + "/split-" + name + ".rows");
        if (!list || list->size() == 0)
            continue;
        pipeline::SplitRows part {name, {}};
        for (std::int64_t i = 0; i < list->size(); ++i)
            part.rows.push_back((*list)[i]);
        splits.push_back(std::move(part));
    }
    return splits;
}

}

/// Runs on a pool thread; what it finds goes to the facts by messages that the next version makes void.
class DatasetFacts::Work
{
public:
    Work(QPointer<DatasetFacts> facts, OpenedPtr opened, std::string workspace, std::stop_token stop, int request)
        : m_facts(std::move(facts))
        , m_opened(std::move(opened))
        , m_workspace(std::move(workspace))
        , m_request(request)
    {
        m_job.stop = std::move(stop);
    }

    void run(bool needsStats, bool needsFacts, bool needsSource)
    {
        const bool isReadable = readFirst();
        const TextModelPtr model = findModel();
        if (!isReadable)
            return;
        if (needsStats)
            countColumns();
        m_job.onProgress = [this](const Progress& progress) { tellProgress(progress); };
        if (needsFacts)
            countRows(model);
        m_job.onProgress = {};
        if (needsSource && model)
            countSource(*model);
        tell([](DatasetFacts& facts) {
            facts.m_isCounting = false;
            emit facts.progressChanged();
        });
    }

private:
    void tell(std::function<void(DatasetFacts&)> change)
    {
        QMetaObject::invokeMethod(qApp, [facts = m_facts, request = m_request, change = std::move(change)] {
            if (facts)
                facts->take(change, request);
        });
    }
    void tellProgress(const Progress& progress)
    {
        const int percent = progress.total ? static_cast<int>(progress.done * 100 / progress.total) : 0;
        if (int before = m_percent.load(); percent <= before || !m_percent.compare_exchange_strong(before, percent))
            return;
        tell([percent](DatasetFacts& facts) {
            facts.m_percent = percent;
            emit facts.progressChanged();
        });
    }
    /// Whether the source is still what was imported is found out at the first read; counts that are kept need none.
    bool readFirst()
    {
        importer::Row row;
        const Status status = m_opened->data->rows() > 0 ? m_opened->data->read(0, row) : Status();
        if (!status)
            tellProblem(status.error(), false);
        return status.has_value();
    }
    void tellProblem(const Error& error, bool isReadable)
    {
        if (error.kind() == ErrorKind::Cancelled)
            return;
        tell([error, isReadable](DatasetFacts& facts) {
            facts.m_problem = error;
            facts.m_isReadable = isReadable;
            facts.m_isCounting = false;
            emit facts.progressChanged();
            emit facts.problemChanged();
        });
    }
    TextModelPtr findModel()
    {
        auto store = store::Store::open(m_workspace);
        auto model = store ? loadTextModel(**store) : Result<TextModelPtr>(store.error());
        tell([model](DatasetFacts& facts) {
            facts.m_model = model ? *model : nullptr;
            facts.m_modelProblem = model ? QString() : bridge::toQString(model.error().message + " " + model.error().hint);
            emit facts.modelChanged();
        });
        return model ? *model : nullptr;
    }
    void countColumns()
    {
        auto stats = pipeline::computeStats(*m_opened->data, nullptr, m_job);
        if (!stats)
            return tellProblem(stats.error(), true);
        tell([made = std::make_shared<const pipeline::DatasetStats>(std::move(*stats))](DatasetFacts& facts) {
            facts.m_now.stats = made;
            emit facts.statsChanged();
        });
    }
    void countRows(const TextModelPtr& model)
    {
        auto counted = pipeline::computeRowFacts(*m_opened->data, model ? model->tokenizer.get() : nullptr, m_job);
        if (!counted)
            return tellProblem(counted.error(), true);
        if (auto store = store::Store::open(m_workspace); store && model)
            (void)pipeline::keepTokens(**store, m_opened->row, (*counted)->tokensTotal);
        tell([made = pipeline::withSplits(*counted, splitsOf(m_opened->row))](DatasetFacts& facts) {
            facts.m_now.facts = made;
            facts.keep();
            emit facts.factsChanged();
        });
    }
    void countSource(const TextModel& model)
    {
        std::optional<std::int64_t> tokens;
        if (m_opened->steps.empty())
            return;
        if (const auto stats = pipeline::computeStats(*m_opened->source, model.tokenizer.get(), m_job); stats && stats->tokens)
            tokens = stats->tokens->total;
        tell([tokens, source = m_opened->source->contentHash()](DatasetFacts& facts) {
            facts.m_sourceTokens = tokens;
            facts.m_source = source;
            emit facts.factsChanged();
        });
    }

    QPointer<DatasetFacts> m_facts;
    OpenedPtr m_opened;
    std::string m_workspace;
    JobContext m_job;
    int m_request;
    std::atomic<int> m_percent {0};
};

DatasetFacts::DatasetFacts(shell::Context& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
}

DatasetFacts::~DatasetFacts()
{
    m_stop.request_stop();
}

void DatasetFacts::setDataset(const OpenedPtr& opened)
{
    m_stop.request_stop();
    m_stop = {};
    const int request = ++m_request;
    m_now = {};
    m_problem.reset();
    m_isReadable = true;
    m_percent = 0;
    m_isCounting = opened != nullptr;
    if (!opened)
        return;
    m_now.key = opened->data->contentHash() + toLine(opened->row.info.value("splits", Json())) + opened->row.folder;
    for (const auto& kept : m_kept)
        if (kept.key == m_now.key)
            m_now = kept;
    const bool needsStats = !m_now.stats, needsFacts = !m_now.facts;
    const bool needsSource = m_source != opened->source->contentHash();
    if (needsSource)
        m_sourceTokens.reset();
    auto work = std::make_shared<Work>(this, opened, m_context.workspace.stdPath(), m_stop.get_token(), request);
    QThreadPool::globalInstance()->start([work, needsStats, needsFacts, needsSource] { work->run(needsStats, needsFacts, needsSource); });
}

void DatasetFacts::take(std::function<void(DatasetFacts&)> change, int request)
{
    if (request == m_request)
        change(*this);
}

void DatasetFacts::keep()
{
    if (!m_now.facts || m_now.facts->rows > kKeptRows || !m_now.stats)
        return;
    m_kept.push_front(m_now);
    if (m_kept.size() > kKeptVersions)
        m_kept.pop_back();
}

std::int64_t DatasetFacts::tokenLimit() const
{
    return m_context.settings.value(QLatin1String(kLimitKey), kLimit).toLongLong();
}

void DatasetFacts::setTokenLimit(std::int64_t tokens)
{
    if (tokens == tokenLimit() || tokens < 1)
        return;
    m_context.settings.setValue(QLatin1String(kLimitKey), static_cast<qlonglong>(tokens));
    emit limitChanged();
}

}
