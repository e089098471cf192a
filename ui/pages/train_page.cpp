// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train_page.h"

#include "base/file.h"
#include "methods/method.h"
#include "pages/pages.h"
#include "pages/run_actions.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QFileDialog>
#include <QGridLayout>
#include <QScrollArea>
#include <QShortcut>

#include <cmath>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

TrainPage::TrainPage(shell::Context& context)
    : Page(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* header = new widgets::PageHeader(tr("New run"));
    auto* load = widgets::button(tr("Load recipe…"));
    auto* save = widgets::button(tr("Save recipe…"));
    header->addAction(load);
    header->addAction(save);
    layout->addWidget(header);
    auto* body = widgets::row(0);
    body->addWidget(buildForm(), 1);
    body->addWidget(buildSummary());
    layout->addLayout(body, 1);
    connect(load, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Load a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
        if (!path.isEmpty())
            loadRecipe(path);
    });
    connect(save, &QPushButton::clicked, this, &TrainPage::saveRecipe);
    m_timer.setSingleShot(true);
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &TrainPage::check);
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] {
        if (isVisible())
            loadChoices();
    });
    auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this);
    connect(shortcut, &QShortcut::activated, this, &TrainPage::start);
    showValues();
}

widgets::OptionField* TrainPage::field(const std::string& key)
{
    for (auto* existing : m_fields)
        if (existing->key() == key)
            return existing;
    const auto* option = pipeline::recipeSchema().find(key);
    auto* made = new widgets::OptionField(*option);
    m_fields.append(made);
    connect(made, &widgets::OptionField::edited, this, &TrainPage::edit);
    return made;
}

void TrainPage::addGroup(QBoxLayout* layout, const QString& name, const std::string& group)
{
    auto* made = new widgets::CollapsibleGroup(name);
    bool any = false;
    for (const auto& option : pipeline::recipeSchema().options()) {
        const bool isPlaced = std::any_of(m_fields.begin(), m_fields.end(), [&](const auto* f) { return f->key() == option.key; });
        if (option.group != group || option.key == "attune_recipe" || option.key == "name" || isPlaced)
            continue;
        made->addField(field(option.key));
        any = true;
    }
    if (!any) {
        delete made;
        return;
    }
    layout->addWidget(made);
    m_groups.append(made);
}

QWidget* TrainPage::buildForm()
{
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* layout = widgets::column();
    layout->setContentsMargins(16, 8, 16, 16);
    content->setLayout(layout);
    const auto section = [layout](const QString& name) {
        layout->addSpacing(style::kSpace2);
        layout->addWidget(widgets::headingLabel(name));
        layout->addSpacing(style::kSpace1);
    };
    section(tr("Model"));
    for (const char* key : {"model.base", "objective.type", "method.type"})
        layout->addWidget(field(key));
    layout->addSpacing(style::kSpace2);
    layout->addWidget(new widgets::Hairline);
    section(tr("Data"));
    for (const char* key : {"data.train", "data.max_length"})
        layout->addWidget(field(key));
    layout->addSpacing(style::kSpace2);
    m_batchPanel = new widgets::Panel(tr("First batch"));
    m_tokens = new widgets::TokenView;
    m_tokens->setFixedHeight(106);
    m_tokens->setMessage(tr("Choose a model and a dataset, and the first rows appear here as the model will read them."));
    m_batchPanel->body()->addWidget(m_tokens);
    layout->addWidget(m_batchPanel);
    layout->addSpacing(style::kSpace2);
    section(tr("Essentials"));
    for (const char* key : {"training.num_train_epochs", "training.learning_rate", "method.r", "training.batch_size", "training.gradient_accumulation_steps"})
        layout->addWidget(field(key));
    layout->addSpacing(style::kSpace2);
    addGroup(layout, tr("Method"), "lora");
    addGroup(layout, tr("Data and template"), "data");
    addGroup(layout, tr("Optimizer and schedule"), "optimizer");
    addGroup(layout, tr("Evaluation and samples"), "evaluation");
    addGroup(layout, tr("Memory and speed"), "memory");
    addGroup(layout, tr("Checkpoints"), "checkpoints");
    addGroup(layout, tr("Safety"), "safety");
    layout->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return scroll;
}

QWidget* TrainPage::buildSummary()
{
    m_side = new widgets::PlaneWidget(widgets::Plane::Window);
    m_side->setFixedWidth(style::scaled(style::kSummaryWidth));
    auto* whole = widgets::column();
    m_side->setLayout(whole);
    // What the run will do scrolls in a low window; the button to start it never does.
    auto* content = new widgets::PlaneWidget(widgets::Plane::Window);
    auto* layout = widgets::column(style::kSpace2, style::kSpace4);
    content->setLayout(layout);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    whole->addWidget(scroll, 1);
    layout->addWidget(widgets::headingLabel(tr("Run summary")));
    m_name = new QLineEdit;
    m_name->setAccessibleName(tr("Name of the run"));
    m_name->setPlaceholderText(tr("Name of the run"));
    layout->addWidget(m_name);
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) { edit(QStringLiteral("name"), text); });
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(4);
    grid->setColumnMinimumWidth(0, 96);
    grid->setColumnStretch(1, 1);
    const QStringList names {tr("Data"), tr("Steps"), tr("Trained"), tr("Result"), tr("Disk")};
    for (int i = 0; i < 5; ++i) {
        grid->addWidget(widgets::bodyLabel(names[i], Tone::Secondary), i, 0, Qt::AlignTop);
        m_facts[i] = widgets::wrappedLabel(QStringLiteral("–"), Tone::Text);
        grid->addWidget(m_facts[i], i, 1);
    }
    layout->addLayout(grid);
    layout->addWidget(new widgets::Hairline);
    auto* memoryRow = widgets::row();
    memoryRow->addWidget(widgets::headingLabel(tr("Memory")));
    memoryRow->addStretch(1);
    m_memoryHead = widgets::bodyLabel({});
    memoryRow->addWidget(m_memoryHead);
    layout->addLayout(memoryRow);
    m_memory = new widgets::MemoryBar;
    layout->addWidget(m_memory);
    m_verdict = widgets::wrappedLabel({}, Tone::Success);
    layout->addWidget(m_verdict);
    m_savings = widgets::column(style::kSpace1);
    layout->addLayout(m_savings);
    layout->addWidget(new widgets::Hairline);
    m_checks = widgets::column(style::kSpace1);
    layout->addLayout(m_checks);
    layout->addStretch(1);
    m_rate = new plots::CurvePanel(tr("Learning rate"), tr("by step"));
    m_rate->setFixedHeight(132);
    m_rate->setSmoothing(0);
    m_rate->setEmptyText(tr("Shown once model and data are chosen."));
    m_rate->setYFromZero(true);
    layout->addWidget(m_rate);
    auto* foot = widgets::column(style::kSpace2);
    foot->setContentsMargins(16, 8, 16, 12);
    whole->addLayout(foot);
    m_blocked = widgets::wrappedLabel({}, Tone::Danger);
    m_blocked->hide();
    foot->addWidget(m_blocked);
    auto* buttons = widgets::row();
    m_start = widgets::button(tr("Start training"), widgets::ButtonRole::Primary, QStringLiteral("play"));
    m_start->setObjectName(QStringLiteral("start-training"));
    m_start->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_start->setFixedHeight(style::scaled(34));
    m_start->setToolTip(tr("Start training (Ctrl+Return)"));
    auto* copy = widgets::button({}, widgets::ButtonRole::Secondary, QStringLiteral("terminal"));
    copy->setToolTip(tr("Copy as command"));
    copy->setAccessibleName(tr("Copy as command"));
    copy->setFixedHeight(style::scaled(34));
    buttons->addWidget(m_start, 1);
    buttons->addWidget(copy);
    foot->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &TrainPage::start);
    connect(copy, &QPushButton::clicked, this, &TrainPage::copyCommand);
    return m_side;
}

void TrainPage::activate(const QString& object)
{
    loadChoices();
    if (object.startsWith(QLatin1String("recipe:")))
        loadRecipe(object.mid(7));
    else if (object.startsWith(QLatin1String("data:")))
        edit(QStringLiteral("data.train"), object.mid(5));
    else if (object.startsWith(QLatin1String("model:")))
        edit(QStringLiteral("model.base"), object.mid(6));
    schedule();
}

void TrainPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    m_side->setFixedWidth(style::scaled(width() >= 1000 ? style::kSummaryWidth : 312));
}

void TrainPage::loadChoices()
{
    struct Choices { std::vector<store::ModelRow> models; std::vector<store::DatasetRow> datasets; };
    m_context.workspace.query<Choices>(this,
        [](store::Store& store) -> Result<Choices> {
            Choices choices;
            ATTUNE_TRY(choices.models, store.models());
            ATTUNE_TRY(choices.datasets, store.datasets());
            return choices;
        },
        [this](Result<Choices> choices) {
            if (!choices)
                return;
            QList<QPair<QString, QString>> models, datasets;
            for (const auto& model : choices->models)
                models.append({toQString(model.name), toQString(model.name)});
            for (const auto& data : choices->datasets)
                datasets.append({toQString(data.name), tr("%1 · %2 rows").arg(toQString(data.name), bridge::grouped(data.rows))});
            // A run that trains changes the workspace twice a second; the form has nothing new from that.
            if (m_hasChoices && models == m_models && datasets == m_datasets)
                return;
            m_models = models;
            m_datasets = datasets;
            field("model.base")->setProposals(models);
            field("data.train")->setProposals(datasets);
            field("data.eval")->setProposals(QList<QPair<QString, QString>> {{QString(), tr("a part of the training data")}} + datasets);
            // Nothing chosen yet: what is there is proposed, so that one click starts.
            if (!std::exchange(m_hasChoices, true) || m_recipe.text("model.base").empty() || m_recipe.text("data.train").empty()) {
                if (m_recipe.text("model.base").empty() && !models.isEmpty())
                    (void)m_recipe.set("model.base", bridge::toStd(models.first().first));
                if (m_recipe.text("data.train").empty() && !datasets.isEmpty()) {
                    (void)m_recipe.set("data.train", bridge::toStd(datasets.last().first));
                    (void)m_recipe.set("name", bridge::toStd(datasets.last().first));
                }
            }
            showValues();
            schedule();
        });
}

void TrainPage::edit(const QString& key, const QString& text)
{
    const auto* option = pipeline::recipeSchema().find(bridge::toStd(key));
    const bool clears = text.isEmpty() && option && option->isNullable;
    const Status status = clears ? m_recipe.set(bridge::toStd(key), Json())
        : option && option->type == OptionType::Text ? m_recipe.set(bridge::toStd(key), bridge::toStd(text))
                                                     : m_recipe.setText(bridge::toStd(key), bridge::toStd(text));
    if (status)
        m_badFields.remove(key);
    else
        m_badFields[key] = toQString(status.error().message);
    if (key == QLatin1String("data.train") && m_recipe.name().empty())
        (void)m_recipe.set("name", bridge::toStd(text));
    showValues();
    schedule();
}

void TrainPage::showValues()
{
    for (auto* one : m_fields) {
        const QString key = toQString(one->key());
        if (m_badFields.contains(key))
            one->setError(m_badFields[key]);
        else
            one->setValue(m_recipe.value(one->key()));
    }
    if (!m_name->hasFocus())
        m_name->setText(toQString(m_recipe.name()));
    showVisibility();
    const auto tokens = m_recipe.integer("training.batch_size") * m_recipe.integer("data.max_length") * m_recipe.integer("training.gradient_accumulation_steps");
    field("training.gradient_accumulation_steps")->setHint(m_recipe.boolean("data.packing") ? tr("= %1 tokens per step").arg(bridge::grouped(tokens))
            : tr("= %1 rows per step").arg(bridge::grouped(m_recipe.integer("training.batch_size") * m_recipe.integer("training.gradient_accumulation_steps"))));
    field("training.learning_rate")->setHint(m_recipe.text("method.type") == "full" ? tr("Typical for all weights: 1e-5 to 5e-5") : tr("Typical for LoRA: 1e-4 to 3e-4"));
    if (const auto* method = methods::findById(m_recipe.text("method.type")))
        field("method.type")->setHint(toQString(method->sentence));
    for (auto* group : m_groups)
        group->updateBadge();
}

void TrainPage::showVisibility()
{
    for (auto* one : m_fields) {
        const Option& option = one->option();
        bool visible = true;
        if (!option.visibleKey.empty()) {
            const std::string value = m_recipe.text(option.visibleKey);
            visible = std::find(option.visibleValues.begin(), option.visibleValues.end(), value) != option.visibleValues.end();
        }
        one->setVisible(visible);
    }
    if (!m_groups.isEmpty())
        m_groups.first()->setVisible(m_recipe.text("method.type") != "full");
}

void TrainPage::schedule()
{
    m_timer.start();
}

void TrainPage::check()
{
    const int generation = ++m_generation;
    const bool complete = !m_recipe.text("model.base").empty() && !m_recipe.text("data.train").empty();
    m_start->setEnabled(complete && m_badFields.isEmpty());
    if (!complete) {
        m_blocked->setText(m_recipe.text("model.base").empty() ? tr("Add a model first: Models, then Add model.") : tr("Add a dataset first: Datasets, then Add data."));
        m_blocked->show();
        return;
    }
    if (m_facts[0]->text() == QStringLiteral("–"))
        for (int i = 0; i < 4; ++i)
            m_facts[i]->setText(tr("working it out …"));
    m_blocked->setVisible(!m_badFields.isEmpty());
    if (!m_badFields.isEmpty()) {
        m_blocked->setText(m_badFields.begin().value());
        return;
    }
    const auto recipe = m_recipe;
    m_context.workspace.query<FirstBatch>(this, [recipe](store::Store& store) { return firstBatch(store, recipe, 700); },
        [this, generation](Result<FirstBatch> batch) {
            if (generation == m_generation)
                showBatch(batch);
        });
    m_context.workspace.query<pipeline::RecipeCheck>(this, [recipe](store::Store& store) { return pipeline::checkRecipe(store, recipe, JobContext {}); },
        [this, generation](Result<pipeline::RecipeCheck> result) {
            if (generation == m_generation)
                showCheck(result);
        });
}

void TrainPage::showBatch(const Result<FirstBatch>& batch)
{
    if (!batch) {
        m_tokens->setMessage(toQString(batch.error().message + " " + batch.error().hint));
        m_batchPanel->setCaption({});
        return;
    }
    m_tokens->setTokens(batch->tokens);
    const auto total = std::max<qsizetype>(1, batch->tokens.size());
    m_batchPanel->setCaption(tr("%1 rows, %2 tokens · trained %3 % (underlined), the rest is read only").arg(batch->rows).arg(bridge::grouped(batch->tokens.size())).arg(100 * batch->trained / total));
    if (batch->tokens.isEmpty())
        m_tokens->setMessage(batch->problem);
}

void TrainPage::addLine(QBoxLayout* layout, const QString& icon, Tone tone, const QString& text)
{
    auto* line = new QWidget;
    auto* inner = widgets::row(style::kSpace2);
    line->setLayout(inner);
    auto* mark = new QLabel;
    const auto colour = tone == Tone::Success ? style::IconColour::Success : tone == Tone::Warning ? style::IconColour::Warning : tone == Tone::Danger ? style::IconColour::Danger : style::IconColour::Info;
    mark->setPixmap(style::icon(icon, colour).pixmap(16, 16));
    inner->addWidget(mark, 0, Qt::AlignTop);
    inner->addWidget(widgets::wrappedLabel(text, Tone::Text), 1);
    layout->addWidget(line);
}

void TrainPage::showCheck(const Result<pipeline::RecipeCheck>& result)
{
    while (auto* item = m_checks->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_start->setEnabled(result.has_value());
    m_blocked->setVisible(!result);
    if (!result) {
        m_blocked->setText(toQString(result.error().message + " " + result.error().hint));
        for (auto* fact : m_facts)
            fact->setText(QStringLiteral("–"));
        return;
    }
    m_facts[0]->setText(tr("%1 rows, %2 held out").arg(bridge::grouped(result->rows), bridge::grouped(result->evalRows)));
    m_facts[1]->setText(result->stepsExact ? tr("%1, %2 of warm-up").arg(bridge::grouped(result->stepsTotal), bridge::grouped(result->warmupSteps))
                                           : tr("about %1").arg(bridge::grouped(result->stepsTotal)));
    m_facts[2]->setText(tr("%1 parameters").arg(bridge::parameters(static_cast<double>(result->plan.trainableParameters))));
    m_facts[3]->setText(toQString(result->canBecome));
    m_facts[4]->setText(tr("%1 GiB free").arg(bridge::gib(static_cast<double>(freeDiskBytes(m_context.workspace.stdPath())), 0)));
    showMemory(result->plan);
    for (const auto& warning : result->warnings)
        addLine(m_checks, QStringLiteral("warning"), Tone::Warning, toQString(warning));
    if (result->warnings.empty())
        addLine(m_checks, QStringLiteral("success"), Tone::Success, tr("Template, targets and evaluation rows are in order"));
    plots::Curve curve {tr("learning rate"), 0, false, {}};
    const double steps = static_cast<double>(std::max<std::int64_t>(1, result->stepsTotal)), warmup = static_cast<double>(result->warmupSteps), top = m_recipe.number("training.learning_rate");
    const std::string schedule = m_recipe.text("training.lr_scheduler");
    for (int i = 0; i <= 200; ++i) {
        const double step = steps * i / 200.0;
        const double share = std::clamp((step - warmup) / std::max(1.0, steps - warmup), 0.0, 1.0);
        const double factor = step < warmup ? step / std::max(1.0, warmup) : schedule == "constant" ? 1.0 : schedule == "linear" ? 1.0 - share : 0.5 * (1.0 + std::cos(M_PI * share));
        curve.points.add(step, top * factor);
    }
    m_rate->setDefinition(tr("by step, %1").arg(toQString(schedule)));
    m_rate->setLatest(bridge::scientific(top));
    m_rate->setCurves({curve});
}

void TrainPage::showMemory(const planner::MemoryPlan& plan)
{
    const auto d = [](std::int64_t v) { return static_cast<double>(v); };
    m_memory->setParts({{tr("Weights"), d(plan.weights), 0}, {tr("Activations"), d(plan.activations), 2}, {tr("Adapter, optimizer"), d(plan.adapter + plan.optimizer), 1},
                           {tr("Logits"), d(plan.logits), 3}, {tr("Libraries, reserve"), d(plan.workspace), 4}},
        d(plan.availableBytes));
    m_memoryHead->setText(tr("about %1 of %2 GiB").arg(bridge::gib(d(plan.estimateBytes())), bridge::gib(d(plan.availableBytes))));
    const bool fits = plan.fits();
    m_verdict->setTone(fits ? Tone::Success : Tone::Danger);
    m_verdict->setText(fits ? tr("Fits, with %1 GiB to spare").arg(bridge::gib(d(plan.availableBytes - plan.estimateBytes())))
                            : tr("Needs %1 GiB more than is available").arg(bridge::gib(d(plan.estimateBytes() - plan.availableBytes))));
    while (auto* item = m_savings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (fits)
        return;
    for (const auto& suggestion : plan.suggestions) {
        auto* apply = widgets::smallButton(toQString(suggestion.text));
        m_savings->addWidget(apply);
        connect(apply, &QPushButton::clicked, this, [this, suggestion] { edit(toQString(suggestion.key), toQString(suggestion.value.is_string() ? suggestion.value.get<std::string>() : toLine(suggestion.value))); });
        if (m_savings->count() == 3)
            break;
    }
}

void TrainPage::loadRecipe(const QString& path)
{
    auto recipe = pipeline::Recipe::read(bridge::toStd(path));
    if (!recipe) {
        m_context.navigator.toast(toQString(recipe.error().message));
        return;
    }
    m_recipe = std::move(*recipe);
    m_badFields.clear();
    showValues();
    schedule();
}

void TrainPage::saveRecipe()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the recipe"), QStringLiteral("%1.yaml").arg(toQString(m_recipe.name())), tr("Recipes (*.yaml)"));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(bridge::toStd(path), m_recipe.toYaml());
    m_context.navigator.toast(status ? tr("Saved. On another computer: attune run start %1").arg(QFileInfo(path).fileName()) : toQString(status.error().message));
}

void TrainPage::start()
{
    if (!m_start->isEnabled())
        return;
    startRunHere(m_context, m_recipe, this);
}

void TrainPage::copyCommand()
{
    const std::string folder = m_context.workspace.stdPath();
    const std::string name = m_recipe.name().empty() ? "recipe" : m_recipe.name();
    const std::string path = folder + "/" + name + ".yaml";
    if (auto status = writeFileAtomically(path, m_recipe.toYaml()); !status) {
        m_context.navigator.toast(toQString(status.error().message));
        return;
    }
    QApplication::clipboard()->setText(QStringLiteral("attune --workspace %1 run start %2").arg(toQString(folder), toQString(path)));
    m_context.navigator.toast(tr("Copied. The recipe lies in %1").arg(toQString(path)));
}

shell::Page* makeTrain(shell::Context& context)
{
    return new TrainPage(context);
}

}
