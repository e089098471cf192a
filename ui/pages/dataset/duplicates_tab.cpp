// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/dataset/cluster_detail.h"
#include "pages/dataset/cluster_list.h"
#include "pages/dataset/duplicates_controls.h"
#include "pages/dataset/review_footer.h"
#include "pages/dataset/tabs.h"
#include "pages/dataset/text_model.h"
#include "pages/error_words.h"
#include "pipeline/dataset_review.h"
#include "pipeline/dataset_stats.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>

namespace attune::pages {

using bridge::toQString;

/// Rows that are the same or nearly so, found in a job, looked at cluster by cluster, dropped by one step.
class DuplicatesTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::DuplicatesTab)
public:
    explicit DuplicatesTab(shell::Context& context);
    void setDataset(OpenedPtr opened) override;
    void activate() override;

private:
    void remember();
    void find();
    void showProgress();
    void take(const FoundPtr& found);
    void regroup();
    void showClusters();
    void showTitle();
    void showCluster(int cluster);
    void next(int by);
    void setKeeper(int cluster, int row);
    void markNotDuplicates(int cluster);
    void rememberMark(const cleaner::Cluster& cluster, bool isMarked);
    void undo();
    void apply();
    void applyToOther(const std::vector<std::int64_t>& rows);
    std::vector<std::vector<std::int64_t>> keptRows() const;

    /// A search that was applied: what is left of it is shown in the version that comes of it.
    struct Applied {
        FoundPtr found;
        std::vector<std::int64_t> dropped;
        std::vector<std::vector<std::int64_t>> kept;
        std::int64_t rows = 0;
    };
    /// What was found in a version before, for who comes back to it.
    struct Known {
        std::string content;
        FoundPtr found;
        models::Review::State state;
    };

    models::Review m_review;
    OpenedPtr m_opened;
    FoundPtr m_found;
    std::optional<Applied> m_applied;
    std::vector<Known> m_known;
    DuplicatesControls* m_controls = nullptr;
    ClusterList* m_list = nullptr;
    ClusterDetail* m_detail = nullptr;
    ReviewFooter* m_footer = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QTimer m_regroup;
    int m_job = 0, m_request = 0;
    bool m_hasCounter = false, m_wantsFocus = false;
};

DuplicatesTab::DuplicatesTab(shell::Context& context)
    : DatasetTab(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_controls = new DuplicatesControls(context);
    layout->addWidget(m_controls);
    layout->addWidget(new widgets::Hairline);
    m_stack = new QStackedWidget;
    m_empty = new widgets::EmptyState(QStringLiteral("duplicates"), {});
    m_stack->addWidget(m_empty);
    auto* splitter = new QSplitter(Qt::Horizontal);
    m_list = new ClusterList(&m_review);
    m_detail = new ClusterDetail(&m_review);
    splitter->addWidget(m_list);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({324, 784});
    splitter->setChildrenCollapsible(false);
    m_stack->addWidget(splitter);
    layout->addWidget(m_stack, 1);
    layout->addWidget(new widgets::Hairline);
    m_footer = new ReviewFooter(&m_review);
    layout->addWidget(m_footer);
    m_regroup.setSingleShot(true);
    m_regroup.setInterval(150);
    connect(&m_regroup, &QTimer::timeout, this, &DuplicatesTab::regroup);
    connect(m_controls, &DuplicatesControls::findWanted, this, &DuplicatesTab::find);
    connect(m_controls, &DuplicatesControls::stopWanted, this, [this] { m_context.jobs.cancel(m_job); });
    connect(m_controls, &DuplicatesControls::wantedChanged, this, [this] { m_regroup.start(); });
    connect(&context.jobs, &bridge::JobController::jobsChanged, this, &DuplicatesTab::showProgress);
    connect(m_list, &ClusterList::currentChanged, this, &DuplicatesTab::showCluster);
    connect(m_detail, &ClusterDetail::nextWanted, this, &DuplicatesTab::next);
    connect(m_detail, &ClusterDetail::keeperWanted, this, &DuplicatesTab::setKeeper);
    connect(m_detail, &ClusterDetail::notDuplicatesWanted, this, &DuplicatesTab::markNotDuplicates);
    connect(m_detail, &ClusterDetail::undoWanted, this, &DuplicatesTab::undo);
    connect(m_footer, &ReviewFooter::applyWanted, this, &DuplicatesTab::apply);
    connect(&m_review, &models::Review::reset, this, &DuplicatesTab::showTitle);
    connect(&m_review, &models::Review::changed, this, &DuplicatesTab::showTitle);
}

void DuplicatesTab::setDataset(OpenedPtr opened)
{
    if (m_opened && m_found && !m_applied)
        remember();
    const bool isSame = opened && m_opened && opened->data->contentHash() == m_opened->data->contentHash() && opened->row.name == m_opened->row.name;
    m_opened = std::move(opened);
    if (isSame && !m_applied)
        return;
    m_context.jobs.cancel(m_job);
    m_footer->setBusy(false);
    if (m_opened && m_applied && m_applied->rows == m_opened->data->rows() + static_cast<std::int64_t>(m_applied->dropped.size())) {
        take(afterDropping(*m_applied->found, *m_opened, m_applied->dropped, m_applied->kept));
        m_applied.reset();
        return;
    }
    m_applied.reset();
    const auto known = std::find_if(m_known.begin(), m_known.end(), [&](const Known& one) { return m_opened && one.content == m_opened->data->contentHash(); });
    if (known != m_known.end()) {
        const auto state = known->state;
        take(known->found);
        ++m_request;  // instead of grouping anew
        m_review.setState(state);
        showClusters();
        return;
    }
    m_found = nullptr;
    ++m_request;
    m_controls->setFound(nullptr);
    m_controls->setFact({});
    m_review.clear();
    m_empty->setSentence(tr("Find compares all rows with each other. Clusters of equal or similar rows come up here to be reviewed; nothing is dropped until you apply it."));
    m_stack->setCurrentWidget(m_empty);
}

void DuplicatesTab::remember()
{
    const std::string content = m_opened->data->contentHash();
    std::erase_if(m_known, [&](const Known& known) { return known.content == content; });
    m_known.push_back({content, m_found, m_review.state()});
    if (m_known.size() > 4)
        m_known.erase(m_known.begin());
}

void DuplicatesTab::activate()
{
    if (m_context.settings.contains(QStringLiteral("duplicates/wanted"))) {  // the Split tab sends one here
        m_context.settings.remove(QStringLiteral("duplicates/wanted"));
        m_controls->setMethod(DuplicatesWanted::Method::TrainAndEval);
    }
    if (!m_opened)
        return;
    const std::string name = m_opened->row.name;
    const bool hasSplits = m_opened->row.info.value("splits", Json::object()).contains("eval");
    m_context.workspace.query<std::vector<store::DatasetRow>>(this, [](store::Store& store) { return store.datasets(); },
        [this, name, hasSplits](Result<std::vector<store::DatasetRow>> rows) {
            QStringList names;
            for (const auto& row : rows.value_or(std::vector<store::DatasetRow>()))
                if (row.name != name)
                    names.append(toQString(row.name));
            m_controls->setOthers(names, hasSplits);
        });
    if (m_hasCounter)
        return;
    m_hasCounter = true;
    m_context.workspace.query<TextModelPtr>(this, [](store::Store& store) { return loadTextModel(store); },
        [this](Result<TextModelPtr> model) {
            if (model)
                m_detail->setCounter(pipeline::tokenCounter((*model)->tokenizer));
        });
}

void DuplicatesTab::find()
{
    if (!m_opened)
        return;
    const auto wanted = m_controls->wanted();
    const std::string workspace = m_context.workspace.stdPath();
    auto found = std::make_shared<FoundPtr>();
    m_controls->setBusy(true);
    m_job = m_context.jobs.start(tr("Duplicates in %1").arg(toQString(m_opened->row.name)),
        [=, opened = m_opened](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(*found, searchDuplicates(*store, *opened, wanted, job));
            return {};
        },
        this,
        [this, found, opened = m_opened](const Status& status) {
            m_controls->setBusy(false);
            if (opened != m_opened)
                return;
            if (status)
                take(*found);
            else if (status.error().kind() == ErrorKind::Cancelled)
                m_controls->setFact(tr("Stopped; nothing was changed"));
            else
                m_controls->setFact(sentencesOf(status.error()), widgets::Tone::Danger);
        });
}

void DuplicatesTab::showProgress()
{
    for (const auto& job : m_context.jobs.jobs())
        if (job.id == m_job && job.state == bridge::JobState::Running && job.total > 0)
            m_controls->setFact(tr("%1, %2 %").arg(job.phase).arg(100 * job.done / job.total));
}

void DuplicatesTab::take(const FoundPtr& found)
{
    m_review.clear();
    m_wantsFocus = true;
    m_found = found;
    m_controls->setFound(found);
    m_controls->setFact(tr("%n row(s) compared in %1 s", nullptr, static_cast<int>(found->rows->rows())).arg(bridge::decimal(found->seconds, 1)));
    std::function<QString(std::int64_t)> side;
    if (found->isLeaks())
        side = [found](std::int64_t row) { return found->isEval[static_cast<std::size_t>(row)] ? tr("eval") : tr("train"); };
    m_detail->setRows(found->rows, std::move(side));
    m_list->setRows(found->rows);
    regroup();
}

void DuplicatesTab::regroup()
{
    const auto wanted = m_controls->wanted();
    if (!m_found || wanted.method != m_found->wanted.method || wanted.threshold < m_found->similar.floor - 1e-9)
        return;
    m_footer->setAcceptable(std::max(0.95, wanted.threshold));
    const int request = ++m_request;
    const std::string workspace = m_context.workspace.stdPath();
    using Clusters = Result<std::vector<cleaner::Cluster>>;
    bridge::compute<Clusters>(this,
        [found = m_found, wanted, workspace]() -> Clusters {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            return clustersIn(*store, *found, wanted, {});
        },
        [this, request](Clusters clusters) {
            if (request != m_request)
                return;
            if (!clusters) {
                m_controls->setFact(toQString(clusters.error().message), widgets::Tone::Danger);
                return;
            }
            m_review.setClusters(std::move(*clusters));
            showClusters();
        });
}

void DuplicatesTab::showClusters()
{
    m_list->setRows(m_found->rows);
    if (m_review.size() == 0) {
        m_empty->setSentence(m_found->settled.empty() ? tr("No two rows are alike by this method.") : tr("No cluster is left to review."));
        m_stack->setCurrentWidget(m_empty);
        m_detail->setCluster(-1, {});
        return;
    }
    m_stack->setCurrentIndex(1);
    showTitle();
    const int first = m_list->neighbour(m_list->current() < 0 ? 1 : 0);
    m_list->setCurrent(first < 0 ? 0 : first);
    if (m_wantsFocus)  // behind a search; who moves the slider stays there
        m_detail->focusRows();
    m_wantsFocus = false;
}

void DuplicatesTab::showTitle()
{
    std::int64_t rows = 0;
    for (int i = 0; i < m_review.size(); ++i)
        rows += static_cast<std::int64_t>(m_review.cluster(i).rows.size());
    m_list->setTitle(tr("%n cluster(s)", nullptr, m_review.size()), tr("%1 rows, would drop %2").arg(bridge::grouped(rows), bridge::grouped(m_review.all().rows)));
}

void DuplicatesTab::showCluster(int cluster)
{
    m_detail->setCluster(cluster, tr("Cluster %1 of %2").arg(bridge::grouped(m_list->placeOf(cluster) + 1), bridge::grouped(m_list->places())));
}

void DuplicatesTab::next(int by)
{
    const int shown = m_list->current(), to = m_list->neighbour(by);
    if (by > 0 && shown >= 0)
        m_review.setReviewed(shown);
    if (to >= 0)
        m_list->setCurrent(to);
    m_detail->focusRows();
}

void DuplicatesTab::setKeeper(int cluster, int row)
{
    cleaner::Cluster measured = m_review.cluster(cluster);
    const auto method = m_found->similar.method;
    if (const auto status = cleaner::setKeeper(*m_found->rows, method, m_controls->wanted().threshold, static_cast<std::size_t>(row), measured); !status) {
        m_controls->setFact(toQString(status.error().message), widgets::Tone::Danger);
        return;
    }
    m_review.setKeeper(cluster, measured);
    showCluster(cluster);
}

void DuplicatesTab::markNotDuplicates(int cluster)
{
    m_review.setNotDuplicates(cluster);
    rememberMark(m_review.cluster(cluster), true);
    next(1);
}

void DuplicatesTab::rememberMark(const cleaner::Cluster& cluster, bool isMarked)
{
    const std::string name = m_opened->row.name;
    m_context.workspace.write([name, cluster, isMarked, data = m_found->rows->data()](store::Store& store) -> Status {
        ATTUNE_TRY(auto marks, pipeline::notDuplicates(store, name));
        ATTUNE_TRY(auto contents, pipeline::contentsOf(*data, cluster));
        if (isMarked)
            marks.insert(std::move(contents));
        else
            marks.erase(contents);
        return pipeline::setNotDuplicates(store, name, marks);
    });
}

void DuplicatesTab::undo()
{
    const int cluster = m_review.undo([this](int one) {
        if (m_review.isNotDuplicates(one))
            rememberMark(m_review.cluster(one), false);
    });
    if (cluster < 0)
        return;
    m_list->setCurrent(cluster);
    showCluster(cluster);
}

std::vector<std::vector<std::int64_t>> DuplicatesTab::keptRows() const
{
    std::vector<std::vector<std::int64_t>> kept;
    for (int i = 0; i < m_review.size(); ++i) {
        if (!m_review.isReviewed(i))
            continue;
        std::vector<std::int64_t> rows;
        for (std::size_t row = 0; row < m_review.cluster(i).rows.size(); ++row)
            if (!m_review.drops(i, row))
                rows.push_back(m_review.cluster(i).rows[row].row);
        kept.push_back(std::move(rows));
    }
    return kept;
}

void DuplicatesTab::apply()
{
    const auto dropped = m_review.dropped();
    if (!m_opened || !m_found || dropped.empty())
        return;
    if (m_found->rows->isOther(dropped.front())) {
        applyToOther(dropped);
        return;
    }
    auto step = std::make_shared<cleaner::Step>();
    m_footer->setBusy(true);
    const QString done = tr("%n row(s) dropped", nullptr, static_cast<int>(dropped.size())) + tr(" of %n cluster(s)", nullptr, m_review.reviewed().clusters);
    m_context.jobs.start(tr("Dropping duplicates of %1").arg(toQString(m_opened->row.name)),
        [=, opened = m_opened](const JobContext& job) -> Status {
            ATTUNE_TRY(*step, pipeline::dropRowsStep(*opened->data, dropped, job));
            return {};
        },
        this,
        [=, this, opened = m_opened](const Status& status) {
            m_footer->setBusy(false);
            if (!status) {
                m_controls->setFact(toQString(status.error().message), widgets::Tone::Danger);
            } else if (opened == m_opened) {
                remember();
                m_applied = Applied {m_found, dropped, keptRows(), opened->data->rows()};
                m_footer->setBusy(true);
                emit stepsAdded({*step}, done);
            }
        });
}

void DuplicatesTab::applyToOther(const std::vector<std::int64_t>& rows)
{
    std::vector<std::int64_t> numbers;
    for (const std::int64_t row : rows)
        numbers.push_back(m_found->rows->number(row));
    const std::string workspace = m_context.workspace.stdPath(), other = m_found->wanted.other;
    m_footer->setBusy(true);
    m_context.jobs.start(tr("Dropping rows of %1").arg(toQString(other)),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            auto report = pipeline::dropRows(*store, other, numbers, job);
            return report ? Status() : Status(report.error());
        },
        this,
        [=, this](const Status& status) {
            m_footer->setBusy(false);
            m_context.workspace.announceChange();
            if (!status) {
                m_controls->setFact(toQString(status.error().message), widgets::Tone::Danger);
                return;
            }
            m_context.navigator.toast(tr("%n row(s) dropped from %1", nullptr, static_cast<int>(numbers.size())).arg(toQString(other)));
            find();
        });
}

DatasetTab* makeDuplicatesTab(shell::Context& context)
{
    return new DuplicatesTab(context);
}

}
