// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "pages/dataset/apply_steps_dialog.h"
#include "pages/dataset/difference_view.h"
#include "pages/dataset/tabs.h"
#include "pages/dataset/version_detail.h"
#include "pages/setting_words.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_review.h"
#include "style/metrics.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

QString hashWords(const store::DatasetRow& row)
{
    const Json sources = row.info.value("sources", Json::array());
    if (!sources.is_array() || sources.empty())
        return {};
    return shortHash(sources[0].value("hash", std::string()));
}

}

/// Versions and steps as a list; one can look at each, bring it back, compare it, save its steps.
class HistoryTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::HistoryTab)
public:
    explicit HistoryTab(shell::Context& context);
    void setDataset(OpenedPtr opened) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void shareHeight();
    void fill();
    QString whatHappened(const store::DatasetRow& row, const store::DatasetRow* before) const;
    const store::DatasetRow* chosen() const;
    void showVersion();
    void restore();
    void compare();
    void compareWith(const std::string& other);
    void saveSteps();
    void applySteps();

    OpenedPtr m_opened;
    widgets::Table* m_versions = nullptr;
    VersionDetail* m_detail = nullptr;
    QSplitter* m_split = nullptr;
    QStackedWidget* m_stack = nullptr;
    DifferenceView* m_difference = nullptr;
    QStringList m_others;  ///< datasets to compare with
    int m_request = 0;
};

HistoryTab::HistoryTab(shell::Context& context)
    : DatasetTab(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_split = new QSplitter(Qt::Vertical);
    m_versions = new widgets::Table({{tr("Version"), 70, true}, {tr("What happened"), 0}, {tr("Rows"), 92, true}, {tr("When"), 120}});
    m_versions->setObjectName(QStringLiteral("versions"));
    m_versions->setAccessibleName(tr("Versions"));
    m_versions->setSortingEnabled(false);
    m_detail = new VersionDetail(context);
    m_split->addWidget(m_versions);
    m_split->addWidget(m_detail);
    m_split->setChildrenCollapsible(false);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_split);
    m_difference = new DifferenceView;
    m_stack->addWidget(m_difference);
    layout->addWidget(m_stack, 1);
    connect(m_difference, &DifferenceView::closed, this, [this] {
        ++m_request;
        m_stack->setCurrentIndex(0);
    });
    connect(m_versions, &widgets::Table::selectionMoved, this, &HistoryTab::showVersion);
    connect(m_versions, &widgets::Table::opened, this, [this](const QString& id) { emit versionWanted(id.toInt()); });
    connect(m_detail, &VersionDetail::viewWanted, this, [this] {
        if (const auto* row = chosen()) {
            emit versionWanted(row->version);
            emit tabWanted(QStringLiteral("rows"));
        }
    });
    connect(m_detail, &VersionDetail::restoreWanted, this, &HistoryTab::restore);
    connect(m_detail, &VersionDetail::compareWanted, this, &HistoryTab::compare);
    connect(m_detail, &VersionDetail::saveWanted, this, &HistoryTab::saveSteps);
    connect(m_detail, &VersionDetail::applyWanted, this, &HistoryTab::applySteps);
}

/// The list takes what its rows need and half of the room at most: what they hold is below.
void HistoryTab::shareHeight()
{
    const int all = m_split->height() - m_split->handleWidth();
    const int rows = m_versions->horizontalHeader()->height() + (m_versions->model()->rowCount() + 1) * style::rowHeight();
    const int list = std::clamp(all / 2, 0, rows);
    m_split->setSizes({list, all - list});
}

void HistoryTab::resizeEvent(QResizeEvent* event)
{
    DatasetTab::resizeEvent(event);
    shareHeight();
}

void HistoryTab::setDataset(OpenedPtr opened)
{
    const bool isOther = !m_opened || !opened || m_opened->row.name != opened->row.name;
    m_opened = std::move(opened);
    m_stack->setCurrentIndex(0);
    ++m_request;
    if (isOther)
        m_versions->setRows({});
    if (!m_opened)
        return;
    fill();
    m_context.workspace.query<std::vector<store::DatasetRow>>(this, [](store::Store& store) { return store.datasets(); },
        [this, name = m_opened->row.name](Result<std::vector<store::DatasetRow>> rows) {
            m_others.clear();
            for (const auto& other : rows.value_or(std::vector<store::DatasetRow>()))
                if (other.name != name)
                    m_others.append(toQString(other.name));
        });
}

QString HistoryTab::whatHappened(const store::DatasetRow& row, const store::DatasetRow* before) const
{
    const std::string kind = row.info.value("kind", std::string("import"));
    if (kind == "import")
        return before ? tr("Added again") : tr("Source %1").arg(hashWords(row));
    if (kind == "combine")
        return tr("Combined from %n dataset(s)", nullptr, static_cast<int>(row.info.value("combined", Json::object()).value("parts", Json::array()).size()));
    if (kind == "split")
        return tr("Split into train, eval and test");
    if (kind == "restore")
        return tr("Version %1 restored").arg(row.info.value("restored", 0));
    const auto steps = pipeline::stepsOf(row);
    if (!steps || steps->empty())
        return tr("All steps taken out");
    const auto former = before ? pipeline::stepsOf(*before) : Result<std::vector<cleaner::Step>>(std::vector<cleaner::Step>());
    if (former && steps->size() > former->size() + 1)
        return tr("%n step(s) added", nullptr, static_cast<int>(steps->size() - former->size()));
    if (former && steps->size() <= former->size())
        return steps->size() < former->size() ? tr("Steps taken out") : tr("Steps changed");
    const auto* rule = cleaner::findRule(steps->back().type);
    return rule ? bridge::translated(rule->label) : toQString(steps->back().type);
}

void HistoryTab::fill()
{
    QList<widgets::TableRow> rows;
    const auto& versions = m_opened->versions;
    for (std::size_t i = versions.size(); i-- > 0;) {
        const auto* before = i > 0 ? &versions[i - 1] : nullptr;
        widgets::TableRow row;
        row.id = QString::number(versions[i].version);
        widgets::Cell what {whatHappened(versions[i], before)};
        what.isStrong = versions[i].version == m_opened->row.version;
        if (what.isStrong)
            what.text += tr(" (shown)");
        if (before && before->rows != versions[i].rows)
            what.text += QStringLiteral("  %1%2").arg(versions[i].rows > before->rows ? QStringLiteral("+") : QString(QChar(0x2212)), bridge::grouped(std::abs(versions[i].rows - before->rows)));
        row.cells = {{tr("v%1").arg(versions[i].version)}, what, {bridge::grouped(versions[i].rows)}, {bridge::when(toQString(versions[i].created)), {}, widgets::Tone::Secondary}};
        row.isFaded = versions[i].version > m_opened->row.version;
        rows.append(row);
    }
    m_versions->setRows(rows);
    if (!chosen())
        m_versions->selectId(QString::number(m_opened->row.version));
    shareHeight();
    showVersion();
}

const store::DatasetRow* HistoryTab::chosen() const
{
    const int version = m_versions->currentId().toInt();
    if (m_opened)
        for (const auto& row : m_opened->versions)
            if (row.version == version)
                return &row;
    return nullptr;
}

void HistoryTab::showVersion()
{
    m_detail->setVersion(m_opened, chosen());
}

void HistoryTab::restore()
{
    const auto* row = chosen();
    if (!row)
        return;
    m_detail->lockRestore();
    m_context.workspace.query<store::DatasetRow>(this, [name = row->name, version = row->version](store::Store& store) { return pipeline::restoreVersion(store, name, version); },
        [this, version = row->version](Result<store::DatasetRow> made) {
            if (!made) {
                m_context.navigator.toast(toQString(made.error().message + " " + made.error().hint));
                return;
            }
            m_versions->setRows({});
            m_context.navigator.toast(tr("Version %1 is back as version %2").arg(version).arg(made->version), [self = QPointer<HistoryTab>(this)] {
                if (self)
                    emit self->undoWanted();
            });
            m_context.workspace.announceChange();
            emit versionMade();
        });
}

void HistoryTab::compare()
{
    const auto* row = chosen();
    if (!row)
        return;
    QMenu menu(this);
    for (auto it = m_opened->versions.rbegin(); it != m_opened->versions.rend(); ++it)
        if (it->version != row->version)
            menu.addAction(tr("Version %1").arg(it->version))->setData(toQString(it->name) + QLatin1Char('@') + QString::number(it->version));
    auto* others = menu.addMenu(tr("Another dataset"));
    for (const auto& name : m_others)
        others->addAction(name)->setData(name);
    others->setEnabled(!others->isEmpty());
    if (const auto* action = menu.exec(m_detail->menuPlace()))
        compareWith(bridge::toStd(action->data().toString()));
}

void HistoryTab::compareWith(const std::string& other)
{
    const auto* row = chosen();
    if (!row || other.empty())
        return;
    // The older version is "before"; another dataset is compared to this one.
    std::string from = fmt::format("{}@{}", row->name, row->version), to = other;
    if (const auto at = other.find('@'); at != std::string::npos && std::stoi(other.substr(at + 1)) < row->version)
        std::swap(from, to);
    const int request = ++m_request;
    m_difference->say(tr("Comparing…"));
    m_stack->setCurrentWidget(m_difference);
    auto found = std::make_shared<models::OpenedDifference>();
    m_context.jobs.start(tr("Comparing versions of %1").arg(toQString(row->name)),
        [=, workspace = m_context.workspace.stdPath()](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(found->from, pipeline::openDataset(*store, from, job));
            ATTUNE_TRY(found->to, pipeline::openDataset(*store, to, job));
            ATTUNE_TRY(found->difference, pipeline::compareVersions(*store, from, to, job));
            return {};
        },
        this,
        [this, request, found](const Status& status) {
            if (request != m_request)
                return;
            if (status)
                m_difference->setDifference(found);
            else
                m_difference->say(toQString(status.error().message + " " + status.error().hint));
        });
}

void HistoryTab::saveSteps()
{
    const auto* row = chosen();
    const auto steps = row ? pipeline::stepsOf(*row) : Result<std::vector<cleaner::Step>>(std::vector<cleaner::Step>());
    if (!steps || steps->empty())
        return;
    const QString path = QFileDialog::getSaveFileName(this, tr("Save steps"), toQString(row->name) + QStringLiteral(".steps.yaml"), tr("Steps (*.yaml)"));
    if (path.isEmpty())
        return;
    if (const auto status = writeFileAtomically(bridge::toStd(path), cleaner::toYaml(*steps)); !status)
        m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
    else
        m_context.navigator.toast(tr("%n step(s) saved to %1", nullptr, static_cast<int>(steps->size())).arg(QFileInfo(path).fileName()));
}

void HistoryTab::applySteps()
{
    if (!m_opened)
        return;
    ApplyStepsDialog dialog(m_context, m_opened, this);
    if (dialog.exec() == QDialog::Accepted && !dialog.steps().empty())
        emit stepsAdded(dialog.steps(), tr("%n step(s) applied", nullptr, static_cast<int>(dialog.steps().size())));
}

DatasetTab* makeHistoryTab(shell::Context& context)
{
    return new HistoryTab(context);
}

}
