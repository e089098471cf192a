// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/form_view.h"

#include "bridge/text.h"
#include "methods/method.h"
#include "pages/setting_words.h"
#include "pages/train/first_batch_panel.h"
#include "pages/train/form_rules.h"
#include "style/metrics.h"
#include "tokenizer/chat_template.h"

#include <QBoxLayout>
#include <QScrollBar>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;
using widgets::OptionField;
using widgets::RichItem;

namespace {

constexpr int kComboWidth = 278, kModelWidth = 246, kDatasetWidth = 180;

/// Settings that stand in another group of the form than the one that their help belongs to.
std::string groupOf(const Option& option)
{
    if (option.key == "training.label_smoothing" || option.key == "training.neftune_noise_alpha")
        return "objective";
    if (option.key == "model.adapter")
        return "method";
    if (option.key == "seed")
        return "optimizer";
    return option.group == "lora" ? "method" : option.group;
}

/// A path, from a recipe or the file dialog: called as everywhere else, with the place where it lies.
RichItem unlistedModel(const QString& reference)
{
    return {reference, bridge::modelName(toStd(reference)), reference};
}

/// A certain version, as a run keeps it, or a file.
RichItem unlistedDataset(const QString& reference)
{
    const bool isVersion = !reference.startsWith(QLatin1Char('/')) && reference.contains(QLatin1Char('@'));
    return {reference, bridge::datasetName(toStd(reference)), isVersion ? FormView::tr("This version, also when there are newer ones") : reference};
}

}

FormView::FormView(RecipeDraft& draft, FirstBatchPanel* batch, QWidget* parent)
    : QScrollArea(parent)
    , m_draft(draft)
{
    m_content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_layout = widgets::column();
    m_layout->setContentsMargins(16, 4, 20, 16);
    m_content->setLayout(m_layout);
    m_nothingFound = widgets::wrappedLabel({});
    m_nothingFound->hide();
    m_layout->addWidget(m_nothingFound);
    buildModel();
    buildData(batch);
    buildEssentials();
    buildGroups();
    m_layout->addStretch(1);
    setWidget(m_content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Settings of the run"));
}

OptionField* FormView::make(const std::string& key)
{
    auto* made = new OptionField(*pipeline::recipeSchema().find(key));
    m_fields[key] = made;
    connect(made, &OptionField::edited, &m_draft, &RecipeDraft::edit);
    connect(made, &OptionField::resetRequested, &m_draft, &RecipeDraft::reset);
    return made;
}

OptionField* FormView::field(const QString& key) const
{
    const auto found = m_fields.find(toStd(key));
    return found == m_fields.end() ? nullptr : found->second;
}

void FormView::section(const QString& name, bool hasLine)
{
    if (hasLine) {
        auto* line = new widgets::Hairline;
        m_layout->addSpacing(style::kSpace2);
        m_layout->addWidget(line);
        m_furniture.append(line);
    }
    auto* heading = widgets::headingLabel(name);
    heading->setFixedHeight(style::scaled(36));
    m_layout->addWidget(heading);
    m_furniture.append(heading);
}

void FormView::add(const std::string& key)
{
    m_layout->addWidget(make(key));
}

void FormView::buildModel()
{
    section(tr("Model"), false);
    auto* model = make("model.base");
    model->setLabelText(tr("&Base model"));
    model->setProposals({});
    model->editor()->combo()->setUnlisted(unlistedModel);
    model->setControlWidth(kModelWidth);
    auto* browse = widgets::iconButton(QStringLiteral("folder"), tr("Choose a GGUF file or a folder"));
    browse->setProperty("role", QString());
    browse->setAutoRaise(false);
    browse->setFixedSize(style::controlHeight(), style::controlHeight());
    browse->setObjectName(QStringLiteral("browse-model"));
    model->addBehind(browse);
    connect(browse, &QToolButton::clicked, this, &FormView::browseModel);
    m_layout->addWidget(model);
    add("objective.type");
    m_fields["objective.type"]->setLabelText(tr("&Objective"));
    m_fields["objective.type"]->setControlWidth(kComboWidth);
    add("objective.teacher");
    m_fields["objective.teacher"]->setProposals({});
    m_fields["objective.teacher"]->editor()->combo()->setUnlisted(unlistedModel);
    m_fields["objective.teacher"]->setControlWidth(kComboWidth);
    add("method.type");
    m_fields["method.type"]->setLabelText(tr("&Method"));
    m_fields["method.type"]->setControlWidth(kComboWidth);
    m_weights = new widgets::FieldRow(tr("Weights"));
    m_weights->setObjectName(QStringLiteral("row-weights"));
    m_weights->setLabelText(tr("&Weights"));
    m_weightIds = {QStringLiteral("nf4"), QStringLiteral("int8"), QStringLiteral("none"), QStringLiteral("keep")};
    m_weightsChoice = new widgets::ChoiceSegments({tr("4-bit"), tr("8-bit"), tr("16-bit"), tr("As stored")});
    m_weightsChoice->setAccessibleName(tr("How the frozen weights are kept"));
    m_weights->addControl(m_weightsChoice);
    m_weights->setHelp(OptionField::helpOf(*pipeline::recipeSchema().find("model.quantization")));
    connect(m_weightsChoice, &widgets::SegmentedControl::currentChanged, this, [this](int index) { m_draft.set(QStringLiteral("model.quantization"), toStd(m_weightIds[index])); });
    connect(m_weights, &widgets::FieldRow::resetClicked, this, [this] { m_draft.reset(QStringLiteral("model.quantization")); });
    m_layout->addWidget(m_weights);
}

void FormView::buildData(FirstBatchPanel* batch)
{
    section(tr("Data"), true);
    auto* dataset = make("data.train");
    dataset->setLabelText(tr("Data&set"));
    dataset->setProposals({});
    dataset->editor()->combo()->setUnlisted(unlistedDataset);
    dataset->setControlWidth(kDatasetWidth);
    auto* open = widgets::button(tr("Open"));
    open->setToolTip(tr("Show the rows of this dataset"));
    dataset->addBehind(open);
    connect(open, &QPushButton::clicked, this, &FormView::openDataset);
    m_layout->addWidget(dataset);
    auto* eval = make("data.eval");
    eval->setLabelText(tr("Eval&uation"));
    eval->setProposals({});
    eval->editor()->combo()->setUnlisted(unlistedDataset);
    eval->setControlWidth(kDatasetWidth);
    make("data.eval_fraction")->join(eval, QString(), style::kShortField);
    m_layout->addWidget(eval);
    add("data.max_length");
    m_fields["data.max_length"]->setLabelText(tr("&Context"));
    m_layout->addSpacing(style::kSpace2);
    m_layout->addWidget(batch);
    m_furniture.append(batch);
}

void FormView::buildEssentials()
{
    section(tr("Essentials"), true);
    add("training.num_train_epochs");
    m_fields["training.num_train_epochs"]->setLabelText(tr("E&pochs"));
    add("training.learning_rate");
    m_fields["training.learning_rate"]->setLabelText(tr("&Learning rate"));
    // What a method is known by: rank, layers, virtual tokens, reduction.
    for (const auto& option : pipeline::recipeSchema().options())
        if (option.key.starts_with("method.") && option.group == "essentials" && option.key != "method.type")
            add(option.key);
    auto* batch = make("training.batch_size");
    batch->setLabelText(tr("B&atch × accumulate"));
    batch->setControlWidth(style::kShortField + 8);
    make("training.gradient_accumulation_steps")->join(batch, QStringLiteral("×"), 60);
    m_layout->addWidget(batch);
    m_layout->addSpacing(style::kSpace2);
}

void FormView::buildGroups()
{
    addGroup("objective", tr("Objective"));
    addGroup("method", tr("Method"));
    addGroup("data", tr("Data and template"));
    addGroup("optimizer", tr("Optimizer and schedule"));
    addGroup("evaluation", tr("Evaluation and samples"));
    addGroup("memory", tr("Memory and speed"));
    addGroup("checkpoints", tr("Checkpoints"));
    addGroup("safety", tr("Safety rules"));
    QList<RichItem> templates = m_fields["data.template"]->editor()->combo()->items();
    for (const auto& name : tokenizer::builtinTemplates())
        if (name != "chatml")
            templates.append({toQString(name), toQString(name)});
    templates.append({QStringLiteral("…"), tr("A .jinja file…")});
    m_fields["data.template"]->setProposals(templates);
    disconnect(m_fields["data.template"], &OptionField::edited, &m_draft, nullptr);
    connect(m_fields["data.template"], &OptionField::edited, this, [this](const QString& key, const QString& value) {
        if (value != QStringLiteral("…"))
            return m_draft.edit(key, value);
        showValues(true);
        emit browseTemplate();
    });
}

/// Expert settings stand at the end of their group.
void FormView::addGroup(const std::string& id, const QString& name)
{
    auto* group = new widgets::CollapsibleGroup(name);
    group->setObjectName(QStringLiteral("group-") + toQString(id));
    for (const bool isExpert : {false, true})
        for (const auto& option : pipeline::recipeSchema().options())
            if (option.isExpert == isExpert && groupOf(option) == id && option.key != "model.quantization" && !m_fields.contains(option.key))
                group->addField(make(option.key));
    m_groups[id] = group;
    m_layout->addWidget(group);
}

bool FormView::isShown(const OptionField& one) const
{
    if (!m_draft.recipe().isVisible(one.option()) || one.isJoined())
        return false;
    return m_words.isEmpty() || one.matches(m_words);
}

void FormView::showValues(bool isForced)
{
    for (auto& [key, one] : m_fields) {
        const QString name = toQString(key);
        if (m_draft.badFields().contains(name)) {
            one->setError(m_draft.badFields()[name]);
            continue;
        }
        one->setValue(m_draft.recipe().value(key), pipeline::isOwnKey(key) ? m_draft.recipe().value(key) : m_draft.presetValue(key), isForced);
        if (name == m_problem.key)
            one->setError(m_problem.text);
        one->setBlocked(noEffectReason(m_draft.recipe(), key));
    }
    showWeights();
    showVisibility();
    // A newly chosen objective shows what it brings.
    const std::string objective = m_draft.recipe().text("objective.type");
    if (!m_objectiveBefore.empty() && objective != m_objectiveBefore && m_words.isEmpty())
        m_groups["objective"]->setOpen(objective != "sft" && objective != "pretrain");
    m_objectiveBefore = objective;
}

void FormView::showWeights()
{
    const QSignalBlocker quiet(m_weightsChoice);
    const auto& recipe = m_draft.recipe();
    m_weightsChoice->setCurrentIndex(static_cast<int>(m_weightIds.indexOf(toQString(recipe.text("model.quantization")))));
    m_weights->setChanged(recipe.value("model.quantization") != m_draft.presetValue("model.quantization"));
    QString hint;
    for (const auto& choice : m_choices.weights)
        if (choice.id == recipe.text("model.quantization") && choice.weightBytes > 0)
            hint = tr("about %1 in memory").arg(bridge::size(static_cast<double>(choice.weightBytes)));
        else if (choice.id == recipe.text("model.quantization") && !choice.reason.empty())
            hint = toQString(choice.reason);
    m_weights->setHint(hint);
}

void FormView::showVisibility()
{
    const bool isFinding = !m_words.isEmpty();
    int found = 0;
    for (auto& [key, one] : m_fields) {
        const bool isOn = isShown(*one);
        if (!one->isJoined())
            one->setVisible(isOn);
        one->setHighlighted(isFinding && isOn);
        found += isOn;
    }
    const bool weightsMatch = m_words.isEmpty() || tr("Weights 4-bit 8-bit 16-bit quantization nf4 int8 keep").contains(m_words, Qt::CaseInsensitive);
    m_weights->setVisible(weightsMatch);
    m_weights->setHighlighted(isFinding && weightsMatch);
    found += isFinding && weightsMatch;
    const auto* method = methods::findById(m_draft.recipe().text("method.type"));
    m_groups["method"]->setName(method ? bridge::translated(method->displayName) : tr("Method"));
    m_groups["objective"]->setName(choiceLabel(m_draft.recipe(), "objective.type"));
    for (auto& [id, group] : m_groups) {
        const auto& fields = group->fields();
        group->setVisible(std::any_of(fields.begin(), fields.end(), [this](const OptionField* one) { return isShown(*one); }));
        group->setSummary(groupSummary(id, m_draft.recipe()));
        group->updateBadge();
    }
    for (auto* part : m_furniture)
        part->setVisible(!isFinding);
    m_nothingFound->setVisible(isFinding && found == 0);
}

/// Whom a setting belongs to that matches but is not shown with this method and objective; one whose name matches comes first.
QString FormView::ownerOfMatch() const
{
    for (const bool byName : {true, false})
        for (const auto& [key, one] : m_fields) {
            const bool isMatch = byName ? one->labelText().contains(m_words, Qt::CaseInsensitive) : one->matches(m_words);
            if (!isMatch || m_draft.recipe().isVisible(one->option()))
                continue;
            QStringList owners;
            for (const auto& value : one->option().visibleValues)
                owners.append(choiceName(one->option().visibleKey, value));
            return tr("%1 belongs to: %2. Choose that first.").arg(one->labelText(), owners.join(QStringLiteral(", ")));
        }
    return {};
}

int FormView::find(const QString& words)
{
    const QString trimmed = words.trimmed();
    if (m_words.isEmpty() && !trimmed.isEmpty())
        for (auto& [id, group] : m_groups)
            m_openBefore[toQString(id)] = group->isOpen();
    m_words = trimmed;
    for (auto& [id, group] : m_groups)
        group->setOpen(m_words.isEmpty() ? m_openBefore.value(toQString(id), group->isOpen()) : true);
    if (m_words.isEmpty())
        m_openBefore.clear();
    const QString where = m_words.isEmpty() ? QString() : ownerOfMatch();
    m_nothingFound->setText(where.isEmpty() ? tr("No setting has “%1” in its name or help.").arg(m_words) : where);
    showVisibility();
    verticalScrollBar()->setValue(0);
    int count = 0;
    for (const auto& [key, one] : m_fields)
        count += isShown(*one);
    return count;
}

void FormView::focusFirstMatch()
{
    for (auto* one : m_content->findChildren<OptionField*>())
        if (one->isVisible() && isShown(*one)) {
            one->focusField();
            ensureWidgetVisible(one);
            return;
        }
}

void FormView::openGroupOf(const QString& key)
{
    auto* one = field(key);
    for (auto& [id, group] : m_groups)
        if (group->fields().contains(one) || (id == "method" && key == QLatin1String("method.type")) || (id == "objective" && key == QLatin1String("objective.type")))
            group->setOpen(true);
}

void FormView::reveal(const QString& key)
{
    auto* one = field(key);
    if (!one)
        return;
    openGroupOf(key);
    one->focusField();
    ensureWidgetVisible(one, 0, 60);
}

QString FormView::firstBadField() const
{
    for (auto* one : m_content->findChildren<OptionField*>())
        if (m_draft.badFields().contains(toQString(one->key())))
            return toQString(one->key());
    return {};
}

void FormView::showChoices(const pipeline::FormChoices& choices)
{
    m_choices = choices;
    QList<RichItem> methods, objectives;
    for (const auto& method : choices.methods) {
        QString note;
        if (method.trained > 0)
            note = tr("%1 trained · about %2 GiB · %3").arg(bridge::parameters(static_cast<double>(method.trained)), bridge::gib(static_cast<double>(method.estimateBytes)), toQString(method.forms));
        methods.append({toQString(method.id), bridge::translated(method.name), bridge::translated(method.sentence), note, toQString(method.reason)});
    }
    for (const auto& objective : choices.objectives)
        objectives.append({toQString(objective.id), bridge::translated(objective.name), bridge::translated(objective.sentence), {}, toQString(objective.reason)});
    m_fields["method.type"]->setProposals(methods);
    m_fields["objective.type"]->setProposals(objectives);
    QStringList words;
    for (qsizetype i = 0; i < m_weightIds.size(); ++i)
        for (const auto& choice : choices.weights)
            if (toQString(choice.id) == m_weightIds[i]) {
                words.append(bridge::translated(choice.name));
                m_weightsChoice->setReason(static_cast<int>(i), toQString(choice.reason));
            }
    if (words.size() == m_weightIds.size())
        m_weightsChoice->setChoices(words);
    QStringList modules {QStringLiteral("all-linear")}, labels {tr("All linear layers")};
    for (const auto& name : choices.moduleNames) {
        modules.append(toQString(name));
        labels.append(toQString(name));
    }
    m_fields["method.target_modules"]->editor()->setNames(modules, labels);
    showValues(false);
}

void FormView::showCheck(const Result<pipeline::RecipeCheck>& check)
{
    const auto hints = hintsFor(m_draft.recipe(), m_choices, check ? &*check : nullptr);
    m_problem = check ? Problem {} : problemOf(check.error());
    for (auto& [key, one] : m_fields) {
        const auto hint = hints.value(toQString(key));
        one->setHint(hint.text, hint.icon);
        if (!m_draft.badFields().contains(toQString(key)))
            one->setError(toQString(key) == m_problem.key ? m_problem.text : QString());
    }
    showWeights();
}

void FormView::setModels(const QList<RichItem>& models)
{
    m_fields["model.base"]->setProposals(models);
    m_fields["objective.teacher"]->setProposals(models);
    showValues(false);
}

void FormView::setDatasets(const QList<RichItem>& datasets)
{
    m_fields["data.train"]->setProposals(datasets);
    m_fields["data.eval"]->setProposals(QList<RichItem> {{QString(), tr("a share")}} + datasets);
    showValues(false);
}

void FormView::setAdapters(const QList<RichItem>& adapters)
{
    m_fields["model.adapter"]->setProposals(QList<RichItem> {{QString(), tr("a new one")}} + adapters);
    showValues(false);
}

}
