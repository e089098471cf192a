// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/dataset/finding_view.h"
#include "pages/dataset/issue_actions.h"
#include "pages/dataset/issue_list.h"
#include "pages/dataset/tabs.h"
#include "pages/dataset/text_model.h"
#include "pipeline/dataset_issues.h"
#include "pipeline/dataset_stats.h"
#include "style/metrics.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QSplitter>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using pipeline::IssueAction;

namespace {
const QString kUnread = QStringLiteral("unread");  // lines of the source that gave no row
}

/// What is in the rows that one would rather not train on: kinds at left, one finding in its row, what to do with it
/// and with all of its kind.
class IssuesTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::IssuesTab)
public:
    explicit IssuesTab(shell::Context& context);
    void setDataset(OpenedPtr opened) override;
    void activate() override;

private:
    QWidget* buildDetail();
    void look();
    void showProgress();
    void take(std::optional<pipeline::IssueReport> report);
    void showKind(const QString& kind);
    void showFinding();
    void showUnread();
    void move(int by);
    void actOne(IssueAction action);
    void actAll(IssueAction action);
    void accept();
    void ignorePattern(const QString& pattern);
    void changeIgnores(const std::function<void(pipeline::ScanIgnores&)>& change, const QString& done, const std::function<void(pipeline::ScanIgnores&)>& back);
    void setBusy(bool isBusy);

    OpenedPtr m_opened;
    std::optional<pipeline::IssueReport> m_report;
    std::vector<const cleaner::Finding*> m_findings;  ///< of the chosen kind
    int m_position = 0, m_job = 0;
    bool m_isLooking = false;
    QString m_kind;
    IssueList* m_list = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QPushButton* m_lookButton = nullptr;
    widgets::Label *m_title = nullptr, *m_facts = nullptr, *m_place = nullptr, *m_state = nullptr;
    QToolButton *m_previous = nullptr, *m_next = nullptr;
    QStackedWidget* m_shown = nullptr;
    FindingView* m_view = nullptr;
    widgets::EmptyState* m_none = nullptr;
    IssueActions* m_actions = nullptr;
};

IssuesTab::IssuesTab(shell::Context& context)
    : DatasetTab(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    m_empty = new widgets::EmptyState(QStringLiteral("shield"), {});
    m_lookButton = m_empty->setPrimary(tr("Look for issues"));
    m_lookButton->setObjectName(QStringLiteral("look-for-issues"));
    connect(m_lookButton, &QPushButton::clicked, this, [this] { m_isLooking ? m_context.jobs.cancel(m_job) : look(); });
    m_stack->addWidget(m_empty);
    auto* splitter = new QSplitter(Qt::Horizontal);
    auto* left = new QWidget;
    auto* column = widgets::column();
    left->setLayout(column);
    m_list = new IssueList;
    column->addWidget(m_list, 1);
    column->addWidget(new widgets::Hairline);
    auto* foot = widgets::row(6);
    foot->setContentsMargins(12, 6, 8, 6);
    m_state = widgets::captionLabel({});
    auto* again = widgets::iconButton(QStringLiteral("reset"), tr("Look again"));
    foot->addWidget(m_state, 1);
    foot->addWidget(again);
    column->addLayout(foot);
    connect(again, &QToolButton::clicked, this, &IssuesTab::look);
    splitter->addWidget(left);
    splitter->addWidget(buildDetail());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({style::scaled(256), 900});
    splitter->setChildrenCollapsible(false);
    m_stack->addWidget(splitter);
    connect(m_list, &IssueList::kindChanged, this, &IssuesTab::showKind);
    connect(&context.jobs, &bridge::JobController::jobsChanged, this, &IssuesTab::showProgress);
}

QWidget* IssuesTab::buildDetail()
{
    auto* detail = new QWidget;
    auto* layout = widgets::column();
    detail->setLayout(layout);
    auto* head = new QWidget;
    head->setFixedHeight(style::scaled(40));
    auto* row = widgets::row(10);
    row->setContentsMargins(14, 0, 8, 0);
    head->setLayout(row);
    m_title = widgets::headingLabel({});
    m_facts = widgets::captionLabel({});
    m_place = widgets::captionLabel({});
    m_place->setObjectName(QStringLiteral("finding-place"));
    m_previous = widgets::iconButton(QStringLiteral("left"), tr("Previous finding"));
    m_next = widgets::iconButton(QStringLiteral("right"), tr("Next finding"));
    m_previous->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Up));
    m_next->setShortcut(QKeySequence(Qt::ALT | Qt::Key_Down));
    row->addWidget(m_title);
    row->addWidget(m_facts);
    row->addStretch(1);
    row->addWidget(m_previous);
    row->addWidget(m_place);
    row->addWidget(m_next);
    layout->addWidget(head);
    layout->addWidget(new widgets::Hairline);
    m_view = new FindingView;
    m_none = new widgets::EmptyState(QStringLiteral("success"), {});
    m_shown = new QStackedWidget;
    m_shown->addWidget(m_view);
    m_shown->addWidget(m_none);
    layout->addWidget(m_shown, 1);
    layout->addWidget(new widgets::Hairline);
    m_actions = new IssueActions;
    layout->addWidget(m_actions);
    connect(m_previous, &QToolButton::clicked, this, [this] { move(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { move(1); });
    connect(m_actions, &IssueActions::oneWanted, this, &IssuesTab::actOne);
    connect(m_actions, &IssueActions::allWanted, this, &IssuesTab::actAll);
    connect(m_actions, &IssueActions::acceptWanted, this, &IssuesTab::accept);
    connect(m_actions, &IssueActions::patternWanted, this, &IssuesTab::ignorePattern);
    return detail;
}

void IssuesTab::setDataset(OpenedPtr opened)
{
    const bool isFollowing = m_opened && opened && m_report && m_opened->row.name == opened->row.name;
    m_opened = std::move(opened);
    m_context.jobs.cancel(m_job);
    m_isLooking = false;
    if (!m_opened) {
        take({});
        return;
    }
    using Stored = std::optional<pipeline::IssueReport>;
    m_context.workspace.query<Stored>(this, [argument = m_opened->argument()](store::Store& store) { return pipeline::storedIssues(store, argument); },
        [this, isFollowing, asked = m_opened](Result<Stored> stored) {
            if (asked != m_opened)
                return;
            if (stored && *stored && (*stored)->contentHash == m_opened->data->contentHash())
                take(std::move(*stored));
            else if (isFollowing || isVisible())
                look();  // what was shown goes on to be shown, of the new version
            else
                take({});
        });
}

void IssuesTab::activate()
{
    if (m_opened && !m_report && !m_isLooking)
        look();
}

void IssuesTab::look()
{
    if (!m_opened || m_isLooking)
        return;
    m_isLooking = true;
    setBusy(true);
    m_lookButton->setText(tr("Stop"));
    if (!m_report)
        m_empty->setSentence(tr("Looking at %1 rows…").arg(bridge::grouped(m_opened->data->rows())));
    const std::string workspace = m_context.workspace.stdPath(), argument = m_opened->argument();
    const int context = m_context.settings.value(QStringLiteral("dataset/context"), 2048).toInt();
    auto report = std::make_shared<pipeline::IssueReport>();
    m_job = m_context.jobs.start(tr("Issues in %1").arg(toQString(m_opened->row.name)),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            pipeline::IssueOptions options;
            options.quality.contextTokens = context;
            if (const auto model = loadTextModel(*store))  // without one tokens are not counted
                options.quality.countTokens = pipeline::tokenCounter((*model)->tokenizer);
            ATTUNE_TRY(*report, pipeline::findIssues(*store, argument, options, job));
            return {};
        },
        this,
        [this, report, asked = m_opened](const Status& status) {
            if (asked != m_opened)
                return;
            m_isLooking = false;
            if (status) {
                take(*report);
                return;
            }
            setBusy(false);
            m_lookButton->setText(tr("Look for issues"));
            const bool isCancelled = status.error().kind() == ErrorKind::Cancelled;
            m_empty->setSentence(isCancelled ? tr("Stopped before all rows were looked at.") : toQString(status.error().message + " " + status.error().hint));
            m_state->setText(isCancelled ? tr("Stopped") : toQString(status.error().message));
        });
}

void IssuesTab::showProgress()
{
    if (!m_isLooking)
        return;
    for (const auto& job : m_context.jobs.jobs())
        if (job.id == m_job && job.state == bridge::JobState::Running && job.total > 0)
            m_state->setText(tr("%1, %2 %").arg(job.phase).arg(100 * job.done / job.total));
}

void IssuesTab::take(std::optional<pipeline::IssueReport> report)
{
    m_report = std::move(report);
    m_findings.clear();
    setBusy(false);
    m_lookButton->setText(tr("Look for issues"));
    if (!m_report) {
        m_empty->setSentence(tr("Personal data, keys, empty answers, refusals and damaged characters are looked for in all rows; nothing is changed."));
        m_stack->setCurrentWidget(m_empty);
        emit badgeChanged(0);
        return;
    }
    QList<IssueList::Line> lines;
    bool wasPersonal = false;
    for (const auto& kind : pipeline::issueKinds()) {
        if (lines.isEmpty())
            lines.append({{}, tr("Personal data"), 0});
        else if (wasPersonal && !kind.isPersonal)
            lines.append({{}, tr("Answers and texts"), 0});
        wasPersonal = kind.isPersonal;
        const auto it = m_report->rowsByKind.find(kind.kind);
        const bool isCounted = kind.kind != "over_context" || m_report->contextTokens > 0;
        if (isCounted && (kind.kind != cleaner::kNameKind || it != m_report->rowsByKind.end()))
            lines.append({toQString(kind.kind), kind.kind == "over_context" ? tr("Over %1 tokens").arg(bridge::grouped(m_report->contextTokens)) : issueLabel(kind.kind), it == m_report->rowsByKind.end() ? 0 : it->second});
    }
    if (m_opened && !m_opened->header.problems.empty()) {
        lines.append({{}, tr("Source"), 0});
        lines.append({kUnread, tr("Lines that were not read"), m_opened->header.skipped});
    }
    m_state->setText(tr("Looked at %1 rows in %2 s").arg(bridge::grouped(m_report->rows), bridge::decimal(m_report->seconds, 1)));
    m_stack->setCurrentIndex(1);
    m_list->setLines(lines);
    emit badgeChanged(static_cast<int>(m_report->total()));
}

void IssuesTab::showKind(const QString& kind)
{
    m_findings = m_report ? m_report->of(bridge::toStd(kind)) : std::vector<const cleaner::Finding*>();
    if (m_kind != kind)
        m_position = 0;
    m_kind = kind;
    showFinding();
}

void IssuesTab::showFinding()
{
    const QString kind = m_list->current();
    const auto it = m_report ? m_report->rowsByKind.find(bridge::toStd(kind)) : std::map<std::string, std::int64_t>::const_iterator();
    m_position = std::clamp(m_position, 0, std::max(0, static_cast<int>(m_findings.size()) - 1));
    const bool isAny = !m_findings.empty();
    m_previous->setEnabled(m_position > 0);
    m_next->setEnabled(m_position + 1 < static_cast<int>(m_findings.size()));
    m_title->setText(kind.isEmpty() ? tr("Nothing was found") : kind == kUnread ? tr("Lines that were not read") : issueLabel(bridge::toStd(kind)));
    m_facts->setText(isAny ? tr("%n row(s)", nullptr, static_cast<int>(it->second)) : QString());
    m_place->setText(isAny ? tr("%1 of %2").arg(bridge::grouped(m_position + 1), bridge::grouped(static_cast<qint64>(m_findings.size()))) : QString());
    m_actions->setKind(isAny ? bridge::toStd(kind) : std::string(), isAny ? it->second : 0);
    m_shown->setCurrentWidget(isAny || kind == kUnread ? static_cast<QWidget*>(m_view) : m_none);
    if (kind == kUnread) {
        showUnread();
    } else if (!isAny) {
        m_none->setSentence(kind.isEmpty() ? tr("All rows were looked at, and nothing of these kinds is in them.") : tr("Nothing of this kind is left in the rows."));
    } else {
        const auto& finding = *m_findings[static_cast<std::size_t>(m_position)];
        m_facts->setText(m_facts->text() + QStringLiteral(" · ") + tr("row %1, %2").arg(bridge::grouped(finding.row), toQString(finding.column)));
        m_view->showFinding(m_opened->data, finding, issueLabel(finding.kind));
    }
}

void IssuesTab::showUnread()
{
    const auto& header = m_opened->header;
    m_facts->setText(tr("%n line(s) left out when the file was added", nullptr, static_cast<int>(header.skipped)));
    QString text;
    for (const auto& problem : header.problems)
        text += tr("Line %1: %2").arg(bridge::grouped(problem.line), toQString(problem.message)) + QLatin1Char('\n');
    if (header.skipped > static_cast<std::int64_t>(header.problems.size()))
        text += tr("… and %1 more").arg(bridge::grouped(header.skipped - static_cast<std::int64_t>(header.problems.size())));
    m_view->say(text);
}

void IssuesTab::move(int by)
{
    m_position += by;
    showFinding();
}

void IssuesTab::setBusy(bool isBusy)
{
    m_actions->setEnabled(!isBusy);
}

void IssuesTab::actOne(IssueAction action)
{
    if (m_findings.empty() || !m_opened)
        return;
    const auto finding = *m_findings[static_cast<std::size_t>(m_position)];
    const auto step = pipeline::findingStep(*m_opened->data, finding, action, {});
    if (!step) {
        m_context.navigator.toast(toQString(step.error().message + " " + step.error().hint));
        return;
    }
    setBusy(true);
    emit stepsAdded({*step}, action == IssueAction::Drop ? tr("Row %1 was dropped").arg(bridge::grouped(finding.row)) : tr("Row %1 was changed").arg(bridge::grouped(finding.row)));
}

void IssuesTab::actAll(IssueAction action)
{
    if (!m_opened || !m_report)
        return;
    const std::string kind = bridge::toStd(m_list->current()), name = m_opened->row.name;
    const auto rows = m_report->rowsByKind[kind];
    setBusy(true);
    m_context.workspace.query<cleaner::Step>(this,
        [kind, name, action, report = *m_report](store::Store& store) { return pipeline::issueStep(store, name, kind, action, report); },
        [this, action, rows](Result<cleaner::Step> step) {
            if (!step) {
                setBusy(false);
                m_context.navigator.toast(toQString(step.error().message + " " + step.error().hint));
                return;
            }
            emit stepsAdded({*step}, action == IssueAction::Drop ? tr("%n row(s) dropped", nullptr, static_cast<int>(rows)) : tr("%n row(s) changed", nullptr, static_cast<int>(rows)));
        });
}

void IssuesTab::accept()
{
    if (m_findings.empty() || !m_opened)
        return;
    const auto finding = *m_findings[static_cast<std::size_t>(m_position)];
    const auto* kind = pipeline::findIssueKind(finding.kind);
    if (kind && kind->isPersonal) {
        changeIgnores([text = finding.text](pipeline::ScanIgnores& ignores) { ignores.values.push_back(text); }, tr("“%1” is passed over from now on").arg(toQString(finding.text)),
            [text = finding.text](pipeline::ScanIgnores& ignores) { std::erase(ignores.values, text); });
        return;
    }
    const std::string entry = finding.kind + ":" + rowContent(*m_opened->data, finding.row), name = m_opened->row.name;
    m_context.workspace.query<bool>(this,
        [entry, name](store::Store& store) -> Result<bool> {
            ATTUNE_TRY(auto accepted, pipeline::acceptedRows(store, name));
            accepted.insert(entry);
            ATTUNE_RETURN_IF_ERROR(pipeline::setAcceptedRows(store, name, accepted));
            return true;
        },
        [this, finding](Result<bool>) {
            m_context.navigator.toast(tr("Row %1 counts as fine from now on").arg(bridge::grouped(finding.row)));
            look();
        });
}

void IssuesTab::ignorePattern(const QString& pattern)
{
    const std::string text = bridge::toStd(pattern);
    changeIgnores([text](pipeline::ScanIgnores& ignores) { ignores.patterns.push_back(text); }, tr("Values with “%1” are passed over from now on").arg(pattern),
        [text](pipeline::ScanIgnores& ignores) { std::erase(ignores.patterns, text); });
}

void IssuesTab::changeIgnores(const std::function<void(pipeline::ScanIgnores&)>& change, const QString& done, const std::function<void(pipeline::ScanIgnores&)>& back)
{
    m_context.workspace.query<bool>(this,
        [change, name = m_opened->row.name](store::Store& store) -> Result<bool> {
            ATTUNE_TRY(auto ignores, pipeline::scanIgnores(store, name));
            change(ignores);
            ATTUNE_RETURN_IF_ERROR(pipeline::setScanIgnores(store, name, ignores));
            return true;
        },
        [this, done, back](Result<bool> result) {
            if (!result) {
                m_context.navigator.toast(toQString(result.error().message + " " + result.error().hint));
                return;
            }
            if (back)
                m_context.navigator.toast(done, [self = QPointer<IssuesTab>(this), back] {
                    if (self)
                        self->changeIgnores(back, {}, {});
                });
            look();
        });
}

DatasetTab* makeIssuesTab(shell::Context& context)
{
    return new IssuesTab(context);
}

}
