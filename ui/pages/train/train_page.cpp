// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/train_page.h"

#include "base/file.h"
#include "pages/pages.h"
#include "pages/run_actions.h"
#include "pages/train/batch_dialog.h"
#include "pages/train/train_menu.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

namespace {
constexpr int kCheckDelay = 250;      // ms after the last change
constexpr int kWidePage = 1000, kNarrowSummary = 312;
constexpr const char* kDraftKey = "draft.train";
constexpr int kPresetWidth = 220, kFindWidth = 160;
}

TrainPage::TrainPage(shell::Context& context)
    : Page(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    layout->addWidget(buildHeader());
    auto* body = widgets::row(0);
    m_batch = new FirstBatchPanel;
    m_form = new FormView(m_draft, m_batch);
    m_summary = new RunSummary(m_draft);
    body->addWidget(m_form, 1);
    body->addWidget(m_summary);
    layout->addLayout(body, 1);
    m_timer.setSingleShot(true);
    m_timer.setInterval(kCheckDelay);
    connectParts();
    showDraft(false);
}

widgets::PageHeader* TrainPage::buildHeader()
{
    auto* header = new widgets::PageHeader(tr("New run"));
    m_presets = new widgets::RichCombo;
    m_presets->setObjectName(QStringLiteral("presets"));
    m_presets->setAccessibleName(tr("Preset"));
    m_presets->setToolTip(tr("What the settings start from"));
    m_presets->setMinimumWidth(style::scaled(kPresetWidth));
    m_presets->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    header->addFact(m_presets);
    m_find = new QLineEdit;
    m_find->setObjectName(QStringLiteral("find-setting"));
    m_find->setProperty("find", true);
    m_find->setPlaceholderText(tr("Find a setting"));
    m_find->setAccessibleName(tr("Find a setting"));
    m_find->setClearButtonEnabled(true);
    widgets::fitToPlaceholder(m_find, style::scaled(kFindWidth));
    m_find->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_find->installEventFilter(this);
    header->addAction(m_find);
    auto* load = widgets::button(tr("Load recipe…"));
    auto* save = widgets::button(tr("Save recipe…"));
    save->setObjectName(QStringLiteral("save-recipe"));
    auto* more = widgets::iconButton(QStringLiteral("more"), tr("More"));
    more->setObjectName(QStringLiteral("train-more"));
    for (QWidget* action : std::initializer_list<QWidget*> {load, save, more})
        header->addAction(action);
    auto* menu = new QMenu(more);
    auto* actions = new TrainMenu(m_context, m_draft, this);
    actions->setObjectName(QStringLiteral("train-menu"));
    connect(more, &QToolButton::clicked, menu, [more, menu] { menu->popup(more->mapToGlobal(QPoint(more->width() - menu->sizeHint().width(), more->height() + 2))); });
    connect(menu, &QMenu::aboutToShow, this, [menu, actions] {
        menu->clear();
        actions->fill(*menu);
    });
    connect(m_presets, &QComboBox::activated, this, [this] {
        if (const auto preset = pipeline::findPreset(toStd(m_presets->value())))
            m_draft.usePreset(**preset);
    });
    connect(m_find, &QLineEdit::textChanged, this, [this](const QString& words) { m_form->find(words); });
    connect(load, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Load a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
        if (!path.isEmpty())
            loadRecipe(path);
    });
    connect(save, &QPushButton::clicked, this, &TrainPage::saveRecipe);
    return header;
}

void TrainPage::connectParts()
{
    connect(&m_draft, &RecipeDraft::changed, this, &TrainPage::showDraft);
    connect(&m_timer, &QTimer::timeout, this, &TrainPage::check);
    connect(m_form, &FormView::browseModel, this, &TrainPage::chooseModel);
    connect(m_form, &FormView::openDataset, this, [this] {
        m_context.navigator.open(shell::PageId::Datasets, toQString(m_draft.recipe().text("data.train")));
    });
    connect(m_form, &FormView::browseTemplate, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("A chat template"), {}, tr("Jinja templates (*.jinja *.j2 *.txt)"));
        if (!path.isEmpty())
            m_draft.set(QStringLiteral("data.template"), toStd(path));
    });
    connect(m_batch, &FirstBatchPanel::lookCloser, this, [this] { (new BatchDialog(m_context, m_draft.recipe(), BatchDialog::Show::Steps, this))->open(); });
    connect(m_summary, &RunSummary::startRequested, this, &TrainPage::start);
    connect(m_summary, &RunSummary::unblockRequested, this, [this] { m_context.navigator.open(placeToGo().page, placeToGo().object); });
    connect(m_summary, &RunSummary::testRequested, this, &TrainPage::testStep);
    connect(m_summary, &RunSummary::copyRequested, this, [this] { findChild<TrainMenu*>(QStringLiteral("train-menu"))->copyCommand(); });
    connect(m_summary, &RunSummary::linePressed, this, &TrainPage::pressLine);
    connect(&m_context.workspace, &bridge::Workspace::changed, this, [this] {
        if (isVisible())
            loadChoices();
    });
}

void TrainPage::activate(const QString& object)
{
    loadChoices();
    m_isTouched = m_isTouched || !object.isEmpty();
    if (object.startsWith(QLatin1String("recipe:")))
        loadRecipe(object.mid(7));
    else if (object.startsWith(QLatin1String("data:")))
        m_draft.edit(QStringLiteral("data.train"), object.mid(5));
    else if (object.startsWith(QLatin1String("model:")))
        m_draft.edit(QStringLiteral("model.base"), object.mid(6));
    else if (object.startsWith(QLatin1String("set:")))
        setAndShow(object.section(QLatin1Char('='), 0, 0).mid(4), object.section(QLatin1Char('='), 1));
    m_timer.start();
}

void TrainPage::perform(const QString& command)
{
    if (command == QLatin1String("start"))
        start();
    else if (command == QLatin1String("save-recipe"))
        saveRecipe();
}

/// A setting from elsewhere ("set:method.type=ia3"), with what it brings in sight.
void TrainPage::setAndShow(const QString& key, const QString& value)
{
    if (!m_form->field(key))
        return;
    m_draft.edit(key, value);
    m_form->openGroupOf(key);
}

void TrainPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    const bool isWide = width() >= kWidePage;
    m_summary->setFixedWidth(style::scaled(isWide ? style::kSummaryWidth : kNarrowSummary));
    widgets::fitToPlaceholder(m_find, style::scaled(isWide ? kFindWidth : kFindWidth - 30));
}

/// Escape takes the filter away, Return goes to the first setting found.
bool TrainPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_find && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape) {
            m_find->clear();
            return true;
        }
        if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && !(key->modifiers() & Qt::ControlModifier)) {
            m_form->focusFirstMatch();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void TrainPage::loadChoices()
{
    struct Known { std::vector<store::ModelRow> models; std::vector<store::DatasetRow> datasets; std::vector<store::RunRow> runs; Json draft; };
    m_context.workspace.query<Known>(this,
        [](store::Store& store) -> Result<Known> {
            Known known;
            ATTUNE_TRY(known.models, store.models());
            ATTUNE_TRY(known.datasets, store.datasets());
            ATTUNE_TRY(known.runs, store.runs());
            ATTUNE_TRY(known.draft, store.value(kDraftKey));
            return known;
        },
        [this](Result<Known> known) {
            if (!known)
                return;
            QList<widgets::RichItem> models, datasets, adapters;
            m_namesByPath.clear();
            for (const auto& model : known->models) {
                models.append({toQString(model.name), toQString(model.name)});
                m_namesByPath[toQString(model.path)] = toQString(model.name);
            }
            nameModel();
            for (const auto& dataset : known->datasets)
                datasets.append({toQString(dataset.name), tr("%1 v%2").arg(toQString(dataset.name)).arg(dataset.version)});
            for (const auto& run : known->runs)
                if (run.status != store::RunStatus::Running && run.method != "full" && run.method != "freeze" && run.stepsDone > 0)
                    adapters.append({toQString(run.id), toQString(run.id)});
            // A run that trains changes the workspace twice a second; the form has nothing new from that.
            if (m_hasProposed && models == m_models && datasets == m_datasets)
                return;
            if (!m_hasProposed)
                restoreDraft(known->draft);
            m_models = models;
            m_datasets = datasets;
            m_form->setModels(models);
            m_form->setDatasets(datasets);
            m_form->setAdapters(adapters);
            propose();
            m_timer.start();
        });
}

/// The form comes back as it was left, also after a crash.
void TrainPage::restoreDraft(const Json& draft)
{
    if (!draft.is_object() || m_isTouched)
        return;
    if (auto recipe = pipeline::Recipe::parse(toLine(draft), {}))
        m_draft.load(std::move(*recipe));
}

void TrainPage::keepDraft()
{
    const Json draft = m_draft.recipe().toJson();
    const std::string text = toLine(draft);
    if (text == m_keptDraft || !m_hasProposed)
        return;
    m_keptDraft = text;
    m_context.workspace.write([draft](store::Store& store) { return store.putValue(kDraftKey, draft); });
}

/// The model of a run has the name that it has on every other page.
void TrainPage::nameModel()
{
    const QString name = m_namesByPath.value(toQString(m_draft.recipe().text("model.base")));
    if (m_isFromRun && !name.isEmpty())
        m_draft.set(QStringLiteral("model.base"), toStd(name));
}

/// Nothing chosen yet: what is there is proposed, so that one click starts.
void TrainPage::propose()
{
    m_hasProposed = true;
    const auto& recipe = m_draft.recipe();
    if (recipe.text("model.base").empty() && !m_models.isEmpty())
        m_draft.set(QStringLiteral("model.base"), toStd(m_models.first().value));
    if (recipe.text("data.train").empty() && !m_datasets.isEmpty())
        m_draft.set(QStringLiteral("data.train"), toStd(m_datasets.last().value));
}

void TrainPage::showDraft(bool isTyped)
{
    m_isTouched = m_isTouched || isTyped;
    m_form->showValues(!isTyped);
    m_summary->showDraft();
    showBlocked();
    showPresets();
    m_timer.start();
}

void TrainPage::showPresets()
{
    using families::Architecture;
    const Architecture kind = m_choices.architecture == "encoder" ? Architecture::Encoder : m_choices.architecture == "encoder-decoder" ? Architecture::EncoderDecoder : Architecture::Decoder;
    QList<widgets::RichItem> items;
    for (const auto& preset : pipeline::presets()) {
        const bool isKnown = m_choices.parameters > 0;
        if (&preset != &m_draft.preset() && isKnown && !preset.suits(kind, m_choices.family, m_choices.parameters))
            continue;
        QString reason;
        for (const auto& objective : m_choices.objectives)
            if (objective.id == preset.recipe.text("objective.type"))
                reason = toQString(objective.reason);
        for (const auto& method : m_choices.methods)
            if (reason.isEmpty() && method.id == preset.recipe.text("method.type") && method.trained == 0 && !method.reason.empty())
                reason = toQString(method.reason);
        items.append({toQString(preset.id), bridge::translated(preset.name), bridge::translated(preset.sentence), {}, &preset == &m_draft.preset() ? QString() : reason});
    }
    m_presets->setItems(items);
    m_presets->setValue(toQString(m_draft.preset().id));
    const auto changes = m_draft.changedLabels().size();
    m_presets->setSuffix(changes > 0 ? tr("· %1 changed").arg(changes) : QString());
}

void TrainPage::pressLine(const QString& id)
{
    if (id == QLatin1String("cut"))
        (new BatchDialog(m_context, m_draft.recipe(), BatchDialog::Show::CutRows, this))->open();
    else if (id == QLatin1String("source"))
        m_context.navigator.open(shell::PageId::Datasets, toQString(m_draft.recipe().text("data.train")));
    else if (id == QLatin1String("personal"))
        m_context.navigator.open(shell::PageId::Datasets, toQString(m_draft.recipe().text("data.train")) + QStringLiteral("#issues"));
    else if (id.startsWith(QLatin1String("field:")))
        m_form->reveal(id.mid(6));
}

void TrainPage::chooseModel()
{
    QMenu menu(this);
    auto* file = menu.addAction(tr("A GGUF file…"));
    auto* folder = menu.addAction(tr("A Hugging Face folder…"));
    const auto* browse = findChild<QToolButton*>(QStringLiteral("browse-model"));
    const auto* chosen = menu.exec(browse->mapToGlobal(QPoint(0, browse->height() + 2)));
    QString path;
    if (chosen == file)
        path = QFileDialog::getOpenFileName(this, tr("A base model"), {}, tr("GGUF models (*.gguf);;All files (*)"));
    else if (chosen == folder)
        path = QFileDialog::getExistingDirectory(this, tr("A Hugging Face folder"));
    if (!path.isEmpty())
        m_draft.set(QStringLiteral("model.base"), toStd(path));
}

void TrainPage::loadRecipe(const QString& path)
{
    auto recipe = pipeline::Recipe::read(toStd(path));
    if (!recipe)
        return m_context.navigator.toast(toQString(recipe.error().message));
    m_isFromRun = path.startsWith(m_context.workspace.path() + QLatin1Char('/'));
    m_draft.load(std::move(*recipe));
    nameModel();
}

void TrainPage::saveRecipe()
{
    const QString name = m_draft.recipe().name().empty() ? tr("recipe") : toQString(m_draft.recipe().name());
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the recipe"), QStringLiteral("%1.yaml").arg(name), tr("Recipes (*.yaml)"));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(toStd(path), m_draft.recipe().toYaml());
    m_context.navigator.toast(status ? tr("Saved. On another computer: attune run start %1").arg(QFileInfo(path).fileName()) : toQString(status.error().message));
}

/// Starts, or leads to what stands in the way.
void TrainPage::start()
{
    showBlocked();
    if (m_summary->isBlocked()) {
        const QString bad = m_form->firstBadField();
        if (!bad.isEmpty())
            m_form->reveal(bad);
        else if (m_draft.recipe().text("model.base").empty())
            m_form->reveal(QStringLiteral("model.base"));
        else if (m_draft.recipe().text("data.train").empty())
            m_form->reveal(QStringLiteral("data.train"));
        return;
    }
    startRunHere(m_context, m_draft.recipe(), this);
}

/// The button starts the measurement, and stops it while it goes on.
void TrainPage::testStep()
{
    if (m_trialJob != 0)
        return m_context.jobs.cancel(m_trialJob);
    if (m_context.jobs.isTraining())
        return m_context.navigator.toast(tr("%1 trains now; a step measured beside it would be slower than it is.").arg(m_context.jobs.trainingRun()));
    m_summary->setTesting(tr("preparing"));
    const auto recipe = m_draft.recipe();
    const std::string workspace = m_context.workspace.stdPath();
    m_trialJob = m_context.jobs.start(tr("Testing one step of %1").arg(toQString(recipe.name())),
        [recipe, workspace](const JobContext& job) -> Status {
            const auto trial = pipeline::measureStep(workspace, recipe, job);
            return trial ? Status() : Status(trial.error());
        },
        this,
        [this](const Status& status) {
            m_trialJob = 0;
            m_summary->setTesting({});
            if (!status && status.error().kind() != ErrorKind::Cancelled)
                m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
            check();
        });
    auto* watch = new QObject(this);
    const int job = m_trialJob;
    connect(&m_context.jobs, &bridge::JobController::jobsChanged, watch, [this, watch, job] {
        if (m_trialJob != job)
            return watch->deleteLater();
        for (const auto& info : m_context.jobs.jobs())
            if (info.id == job && !info.phase.isEmpty())
                m_summary->setTesting(info.phase.toLower());
    });
}

shell::Page* makeTrain(shell::Context& context)
{
    return new TrainPage(context);
}

}
