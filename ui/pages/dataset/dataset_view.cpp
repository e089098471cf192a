// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/dataset_view.h"

#include "pages/dataset/apply_steps_dialog.h"
#include "pages/dataset/data_export.h"
#include "pages/dataset/rows_tab.h"
#include "pages/dataset/source_bar.h"
#include "pages/dataset/tabs.h"
#include "pages/dataset/text_model.h"
#include "pages/error_words.h"
#include "pipeline/dataset_stats.h"
#include "style/metrics.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QDesktopServices>
#include <QFileInfo>
#include <QMenu>
#include <QStackedWidget>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;

DatasetView::DatasetView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_counted(new DatasetFacts(context, this))
{
    auto* layout = widgets::column();
    setLayout(layout);
    buildHeader();
    layout->addWidget(m_header);
    m_tabs = new QTabBar;
    m_tabs->setObjectName(QStringLiteral("dataset-tabs"));
    m_tabs->setAccessibleName(tr("Parts of the dataset"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    auto* tabRow = widgets::row();
    tabRow->setContentsMargins(14, 0, 16, 0);
    tabRow->addWidget(m_tabs);
    tabRow->addStretch(1);
    layout->addLayout(tabRow);
    layout->addWidget(new widgets::Hairline);
    m_source = new SourceBar(*m_counted, this);
    layout->addWidget(m_source);
    connect(m_source, &SourceBar::importWanted, this, &DatasetView::importWanted);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    buildTabs();
    connect(m_counted, &DatasetFacts::factsChanged, this, &DatasetView::showFacts);
}

void DatasetView::buildHeader()
{
    m_header = new widgets::PageHeader({});
    m_header->setPlace(tr("Datasets"));
    m_header->setHairline(false);
    m_version = new QComboBox;
    m_version->setObjectName(QStringLiteral("dataset-version"));
    m_version->setAccessibleName(tr("Version"));
    m_version->setFixedWidth(style::scaled(70));
    m_header->addFact(m_version);
    m_facts = widgets::bodyLabel({}, widgets::Tone::Secondary);
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setObjectName(QStringLiteral("dataset-facts"));
    m_header->addFact(m_facts);
    m_export = widgets::button(tr("Export…"));
    m_export->setObjectName(QStringLiteral("export-rows"));
    m_header->addAction(m_export);
    m_train = widgets::button(tr("Train on this"), widgets::ButtonRole::Primary);
    m_train->setObjectName(QStringLiteral("train-on-this"));
    m_header->addAction(m_train);
    m_more = widgets::iconButton(QStringLiteral("more"), tr("More"));
    m_header->addAction(m_more);
    connect(m_header, &widgets::PageHeader::backRequested, this, &DatasetView::backRequested);
    connect(m_train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("data:") + m_name); });
    connect(m_export, &QPushButton::clicked, this, &DatasetView::exportRows);
    connect(m_more, &QToolButton::clicked, this, &DatasetView::showMenu);
    connect(m_version, &QComboBox::activated, this, [this] { show(m_name, m_version->currentData().toInt()); });
}

void DatasetView::buildTabs()
{
    for (const auto& info : tabTable()) {
        auto* page = info.make(m_context);
        page->setObjectName(QStringLiteral("tab-") + QLatin1String(info.id));
        const int index = m_tabs->addTab(tr(info.name));
        m_tabs->setTabData(index, QLatin1String(info.id));
        m_stack->addWidget(page);
        m_pages.push_back(page);
        page->setFacts(*m_counted);
        connectTab(page, index);
    }
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        m_pages[static_cast<std::size_t>(index)]->activate();
        choosePrimary();
    });
    showTab(QStringLiteral("rows"));
}

void DatasetView::connectTab(DatasetTab* tab, int index)
{
    connect(tab, &DatasetTab::badgeChanged, this, [this, index](int count) {
        setBadge(index, count);
        choosePrimary();
    });
    connect(tab, &DatasetTab::stepsAdded, this, [this](const std::vector<cleaner::Step>& more, const QString& done) {
        if (!m_opened)
            return;
        auto steps = m_opened->plainSteps();
        steps.insert(steps.end(), more.begin(), more.end());
        changeSteps(steps, done);
    });
    connect(tab, &DatasetTab::stepsReplaced, this, &DatasetView::changeSteps);
    connect(tab, &DatasetTab::versionMade, this, [this] { show(m_name); });
    connect(tab, &DatasetTab::versionWanted, this, [this](int version) { show(m_name, version); });
    connect(tab, &DatasetTab::undoWanted, this, &DatasetView::undo);
    connect(tab, &DatasetTab::tabWanted, this, &DatasetView::showTab);
    connect(tab, &DatasetTab::rowsWanted, this, [this](const RowsWanted& wanted) {
        rowsTab()->showRows(wanted);
        showTab(QStringLiteral("rows"));
    });
    connect(tab, &DatasetTab::filterWanted, this, [this](const ShownTerm& term) {
        rowsTab()->showTerm(term);
        showTab(QStringLiteral("rows"));
    });
    connect(tab, &DatasetTab::rowWanted, this, [this](qint64 row) {
        rowsTab()->showRow(row);
        showTab(QStringLiteral("rows"));
    });
}

/// A page has one primary button: where the tab has its own, Train on this steps back.
void DatasetView::choosePrimary()
{
    const auto* tab = m_pages[static_cast<std::size_t>(m_tabs->currentIndex())];
    const auto buttons = tab->findChildren<QPushButton*>();
    const bool isOwn = std::any_of(buttons.begin(), buttons.end(), [tab](const auto* one) { return one->property("role") == QStringLiteral("primary") && one->isVisibleTo(tab); });
    m_train->setProperty("role", isOwn ? QString() : QStringLiteral("primary"));
    m_train->update();
}

RowsTab* DatasetView::rowsTab() const
{
    return findChild<RowsTab*>();
}

void DatasetView::showTab(const QString& id)
{
    for (int i = 0; i < m_tabs->count(); ++i)
        if (m_tabs->tabData(i).toString() == id)
            m_tabs->setCurrentIndex(i);
}

/// What was said of the dataset before.
void DatasetView::forget()
{
    m_opened.reset();
    m_counted->setDataset(nullptr);
    m_source->setDataset(nullptr);
    m_facts->clear();
    m_version->clear();
    for (auto* page : m_pages)
        page->setDataset(nullptr);
}

void DatasetView::show(const QString& name, int version)
{
    if (name != m_name)
        forget();
    m_name = name;
    m_header->setTitle(name);
    const int request = ++m_request;
    m_context.workspace.query<OpenedPtr>(this, [text = bridge::toStd(name), version](store::Store& store) { return openForStudio(store, text, version); },
        [this, request](Result<OpenedPtr> opened) {
            if (request == m_request)
                take(std::move(opened));
        });
}

void DatasetView::take(Result<OpenedPtr> opened)
{
    for (QWidget* widget : {static_cast<QWidget*>(m_train), static_cast<QWidget*>(m_export), static_cast<QWidget*>(m_version), static_cast<QWidget*>(m_more)})
        widget->setEnabled(opened.has_value());
    if (!opened) {
        forget();
        m_facts->setText(toQString(opened.error().message + " " + opened.error().hint).toHtmlEscaped());
        return;
    }
    const bool isOther = !m_opened || m_opened->row.name != (*opened)->row.name;
    m_opened = std::move(*opened);
    m_counted->setDataset(m_opened);
    m_source->setDataset(m_opened);
    fillVersions();
    showFacts();
    for (auto* page : m_pages)
        page->setDataset(m_opened);
    if (isOther)
        m_pages[static_cast<std::size_t>(m_tabs->currentIndex())]->activate();
    if (m_wantsSteps)
        applySteps();
}

void DatasetView::fillVersions()
{
    m_version->clear();
    for (auto it = m_opened->versions.rbegin(); it != m_opened->versions.rend(); ++it)
        m_version->addItem(tr("v%1").arg(it->version), it->version);
    m_version->setCurrentIndex(m_version->findData(m_opened->row.version));
}

void DatasetView::showFacts()
{
    const auto number = [](qint64 value) { return QStringLiteral("<span style=\"font-family:'Attune Mono'\">%1</span>").arg(bridge::grouped(value)); };
    if (!m_opened)
        return;
    const qint64 before = m_opened->source->rows(), now = m_opened->data->rows();
    QString text = before == now ? tr("%1 rows").arg(number(now)) : tr("%1 rows → %2 kept (%3)").arg(number(before), number(now), bridge::grouped(now - before));
    if (const auto facts = m_counted->facts(); facts && facts->hasTokens) {
        const auto short_ = [](double tokens) { return bridge::parameters(tokens); };
        const auto source = m_counted->sourceTokens();
        text += source && short_(static_cast<double>(*source)) != short_(static_cast<double>(facts->tokensTotal)) ? tr(", %1 → %2 tokens").arg(short_(static_cast<double>(*source)), short_(static_cast<double>(facts->tokensTotal)))
                                                        : tr(", %1 tokens").arg(short_(static_cast<double>(facts->tokensTotal)));
    }
    m_facts->setText(text);
}

void DatasetView::changeSteps(const std::vector<cleaner::Step>& steps, const QString& done)
{
    if (!m_opened || m_isChanging)
        return;
    m_isChanging = true;
    const std::string argument = m_opened->argument(), workspace = m_context.workspace.stdPath();
    m_context.jobs.start(tr("Steps of %1").arg(m_name),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(const auto prepare, prepareSteps(*store, steps));
            ATTUNE_TRY([[maybe_unused]] const auto report, pipeline::changeSteps(*store, argument, steps, prepare, job));
            return {};
        },
        this,
        [this, done](const Status& status) {
            m_isChanging = false;
            if (status)
                m_context.navigator.toast(done, [self = QPointer<DatasetView>(this)] {
                    if (self)
                        self->undo();
                });
            else
                m_context.navigator.toast(sentencesOf(status.error()));
            show(m_name);
        });
}

void DatasetView::applySteps()
{
    m_wantsSteps = !m_opened;  // it is being opened: asked then
    if (!m_opened)
        return;
    ApplyStepsDialog dialog(m_context, m_opened, this);
    if (dialog.exec() != QDialog::Accepted || dialog.steps().empty())
        return;
    auto steps = m_opened->plainSteps();
    steps.insert(steps.end(), dialog.steps().begin(), dialog.steps().end());
    changeSteps(steps, tr("%n step(s) applied", nullptr, static_cast<int>(dialog.steps().size())));
}

void DatasetView::undo()
{
    if (m_isChanging || !m_opened)
        return;
    m_isChanging = true;
    const std::string name = bridge::toStd(m_name), workspace = m_context.workspace.stdPath();
    m_context.jobs.start(tr("Undo in %1").arg(m_name),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            const auto model = loadTextModel(*store);  // only steps that count tokens miss it
            const auto prepare = model ? cleaner::PrepareContext {pipeline::tokenCounter((*model)->tokenizer)} : cleaner::PrepareContext {};
            ATTUNE_TRY([[maybe_unused]] const auto now, pipeline::takeBackVersion(*store, name, prepare, job));
            return {};
        },
        this,
        [this](const Status& status) {
            m_isChanging = false;
            if (!status)
                m_context.navigator.toast(toQString(status.error().message));
            show(m_name);
        });
}

void DatasetView::exportRows()
{
    if (m_opened)
        showExport(m_context, m_opened, this);
}

void DatasetView::showMenu()
{
    QMenu menu;
    const std::string source = m_opened->header.sources.empty() ? std::string() : m_opened->header.sources.front().path;
    auto* reveal = menu.addAction(tr("Show the source file in its folder"));
    reveal->setEnabled(!source.empty());
    auto* roles = menu.addAction(tr("Open the folder of this version"));
    const auto* chosen = menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
    if (chosen == reveal)
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(toQString(source)).absolutePath()));
    else if (chosen == roles)
        QDesktopServices::openUrl(QUrl::fromLocalFile(toQString(m_opened->row.folder)));
}

void DatasetView::setBadge(int tab, int count)
{
    auto* badge = qobject_cast<widgets::Label*>(m_tabs->tabButton(tab, QTabBar::RightSide));
    if (!badge && count > 0) {
        badge = widgets::monoLabel({}, widgets::Tone::Warning);
        m_tabs->setTabButton(tab, QTabBar::RightSide, badge);
    }
    if (count > 0)
        badge->setText(bridge::grouped(count));
    else
        m_tabs->setTabButton(tab, QTabBar::RightSide, nullptr);
}

}
