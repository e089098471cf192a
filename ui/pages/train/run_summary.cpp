// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/run_summary.h"

#include "bridge/text.h"
#include "pipeline/packing.h"
#include "planner/schedule.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"
#include "widgets/option_editor.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using widgets::Tone;

namespace {

constexpr int kFactCount = 6, kFactLabel = 96;
enum Fact { Data, Steps, Trained, Result_, Time, Disk };

double asDouble(std::int64_t value)
{
    return static_cast<double>(value);
}

/// "Context 1 024", "4-bit weights": what a suggestion changes, in few words.
QString changeOf(const planner::MemoryPlan::Suggestion& suggestion)
{
    const auto number = [&] { return grouped(suggestion.value.is_number() ? suggestion.value.get<qint64>() : 0); };
    if (suggestion.key == "data.max_length")
        return RunSummary::tr("Context %1").arg(number());
    if (suggestion.key == "training.batch_size")
        return RunSummary::tr("Batch %1").arg(number());
    if (suggestion.key == "method.r")
        return RunSummary::tr("Rank %1").arg(number());
    if (suggestion.key == "model.quantization")
        return RunSummary::tr("4-bit weights");
    return suggestion.key == "method.type" ? RunSummary::tr("LoRA") : widgets::textOfValue(suggestion.value);
}

}

RunSummary::RunSummary(RecipeDraft& draft, QWidget* parent)
    : QWidget(parent)
    , m_draft(draft)
{
    auto* whole = widgets::column();
    whole->setContentsMargins(1, 0, 0, 0);  // beside the line that parts it from the form
    setLayout(whole);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Window);
    auto* layout = widgets::column(style::kSpace2, style::kSpace4);
    layout->setContentsMargins(16, 12, 16, 8);
    content->setLayout(layout);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    whole->addWidget(scroll, 1);
    layout->addLayout(buildHead());
    layout->addWidget(new widgets::Hairline);
    layout->addLayout(buildMemory());
    layout->addWidget(new widgets::Hairline);
    m_checks = new CheckList;
    layout->addWidget(m_checks);
    connect(m_checks, &CheckList::pressed, this, &RunSummary::linePressed);
    layout->addStretch(1);
    layout->addWidget(new widgets::Hairline);
    auto* rateRow = widgets::row();
    rateRow->addWidget(widgets::headingLabel(tr("Learning rate")));
    m_rateCaption = widgets::captionLabel({});
    rateRow->addWidget(m_rateCaption, 1);
    layout->addLayout(rateRow);
    m_rate = new plots::RatePlot;
    layout->addWidget(m_rate);
    whole->addLayout(buildFoot());
}

QLayout* RunSummary::buildHead()
{
    auto* head = widgets::column(style::kSpace2);
    head->addWidget(widgets::headingLabel(tr("Run summary")));
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("run-name"));
    m_name->setAccessibleName(tr("Name of the run"));
    m_name->setPlaceholderText(tr("Name of the run"));
    m_name->setToolTip(tr("Runs are called by this name and a number."));
    head->addWidget(m_name);
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) { m_draft.edit(QStringLiteral("name"), text); });
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(5);
    grid->setHorizontalSpacing(8);
    grid->setContentsMargins(0, 2, 0, 2);
    grid->setColumnMinimumWidth(0, style::scaled(kFactLabel));
    grid->setColumnStretch(1, 1);
    const QStringList names {tr("Data"), tr("Steps"), tr("Trained"), tr("Becomes"), tr("Time"), tr("Disk")};
    for (int i = 0; i < kFactCount; ++i) {
        grid->addWidget(widgets::bodyLabel(names[i], Tone::Secondary), i, 0, Qt::AlignTop);
        m_facts[i] = widgets::wrappedLabel(QStringLiteral("–"), Tone::Text);
        m_facts[i]->setObjectName(QStringLiteral("fact-%1").arg(i));
        grid->addWidget(m_facts[i], i, 1);
    }
    head->addLayout(grid);
    return head;
}

QLayout* RunSummary::buildMemory()
{
    auto* memory = widgets::column(style::kSpace1);
    auto* head = widgets::row();
    head->addWidget(widgets::headingLabel(tr("Memory")));
    head->addStretch(1);
    m_memoryHead = widgets::bodyLabel({});
    m_memoryHead->setTextFormat(Qt::RichText);
    head->addWidget(m_memoryHead);
    memory->addLayout(head);
    m_memory = new widgets::MemoryBar;
    memory->addWidget(m_memory);
    auto* verdict = widgets::row(style::kSpace2);
    m_verdictIcon = new QLabel;
    m_verdictIcon->setFixedSize(16, 20);
    verdict->addWidget(m_verdictIcon, 0, Qt::AlignTop);
    m_verdict = widgets::wrappedLabel({}, Tone::Text);
    m_verdict->setTextFormat(Qt::RichText);
    verdict->addWidget(m_verdict, 1);
    memory->addLayout(verdict);
    m_savings = new QGridLayout;
    m_savings->setHorizontalSpacing(style::kSpace2);
    m_savings->setVerticalSpacing(style::kSpace1);
    m_savings->setColumnStretch(2, 1);
    memory->addLayout(m_savings);
    return memory;
}

QLayout* RunSummary::buildFoot()
{
    auto* foot = widgets::column(style::kSpace2);
    foot->setContentsMargins(16, 6, 16, 12);
    m_differs = widgets::wrappedLabel({}, Tone::Secondary);
    m_differs->setFont(widgets::captionLabel({})->font());
    foot->addWidget(m_differs);
    m_blocked = widgets::wrappedLabel({}, Tone::Danger);
    m_blocked->setObjectName(QStringLiteral("blocked"));
    m_blocked->hide();
    foot->addWidget(m_blocked);
    m_unblock = widgets::smallButton({});
    m_unblock->setObjectName(QStringLiteral("unblock"));
    m_unblock->hide();
    foot->addWidget(m_unblock, 0, Qt::AlignLeft);
    connect(m_unblock, &QPushButton::clicked, this, &RunSummary::unblockRequested);
    auto* row = widgets::row();
    m_test = widgets::button(tr("Test one step"));
    m_test->setObjectName(QStringLiteral("test-step"));
    m_test->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_test->setToolTip(tr("Trains two steps and forgets them: measures time and memory"));
    auto* copy = widgets::button({}, widgets::ButtonRole::Secondary, QStringLiteral("terminal"));
    copy->setObjectName(QStringLiteral("copy-command"));
    copy->setToolTip(tr("Copy as command"));
    copy->setAccessibleName(tr("Copy as command"));
    row->addWidget(m_test, 1);
    row->addWidget(copy);
    foot->addLayout(row);
    m_start = widgets::button(tr("Start training   Ctrl+Return"), widgets::ButtonRole::Primary, QStringLiteral("play"));
    m_start->setObjectName(QStringLiteral("start-training"));
    m_start->setAccessibleName(tr("Start training"));
    m_start->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_start->setFixedHeight(style::scaled(34));
    foot->addWidget(m_start);
    connect(m_test, &QPushButton::clicked, this, &RunSummary::testRequested);
    connect(copy, &QPushButton::clicked, this, &RunSummary::copyRequested);
    connect(m_start, &QPushButton::clicked, this, &RunSummary::startRequested);
    return foot;
}

void RunSummary::showDraft()
{
    const QString name = toQString(m_draft.recipe().name());
    if (!m_name->hasFocus() && m_name->text() != name)
        m_name->setText(name);
    m_name->setProperty("error", m_draft.badFields().contains(QStringLiteral("name")));
    m_name->update();
    const auto labels = m_draft.changedLabels();
    const QString more = labels.size() > 4 ? tr(" and %1 more").arg(labels.size() - 4) : QString();
    m_differs->setText(labels.isEmpty() ? tr("As the preset has it.") : tr("Differs from preset: %1%2.").arg(labels.mid(0, 4).join(QStringLiteral(", ")), more));
}

void RunSummary::showWorking()
{
    if (m_facts[Data]->text() == QStringLiteral("–"))
        for (const int i : {Data, Steps, Trained})
            m_facts[i]->setText(tr("working it out …"));
}

void RunSummary::showOutlook(const RunOutlook& outlook)
{
    m_lines.clear();
    if (!outlook.check) {
        for (auto* fact : m_facts)
            fact->setText(QStringLiteral("–"));
        m_rate->setMessage(tr("Shown once the settings above hold."));
        m_rateCaption->setText({});
        m_dataLines.clear();
        showNoMemory();
        return showLines();
    }
    const auto& check = *outlook.check;
    const auto& recipe = m_draft.recipe();
    const auto batch = recipe.integer("training.batch_size"), window = recipe.integer("training.gradient_accumulation_steps");
    const QString about = check.stepsExact ? QString() : tr("about ");
    m_facts[Data]->setText(tr("%1%2 rows, %3 tokens × %4").arg(about, grouped(check.rows), bridge::parameters(asDouble(check.tokens)), widgets::textOfValue(recipe.value("training.num_train_epochs"))));
    m_facts[Steps]->setText(pipeline::packsRows(recipe)
            ? tr("%1%2, %3 tokens each (%4 × %5)").arg(about, grouped(check.stepsTotal), grouped(batch * window * recipe.integer("data.max_length"))).arg(batch).arg(window)
            : tr("%1%2, %3 rows each (%4 × %5)").arg(about, grouped(check.stepsTotal)).arg(batch * window).arg(batch).arg(window));
    m_facts[Trained]->setText(tr("%1 of %2 parameters").arg(bridge::parameters(asDouble(check.plan.trainableParameters)), bridge::parameters(asDouble(check.parameters))));
    m_facts[Result_]->setText(toQString(check.forms));
    m_facts[Result_]->setToolTip(toQString(check.canBecome));
    if (outlook.trial) {
        const double seconds = outlook.trial->secondsPerStep;
        m_facts[Time]->setText(tr("about %1 (%2 s per step)").arg(bridge::roughTime(seconds * asDouble(check.stepsTotal)), bridge::decimal(seconds, seconds < 10 ? 2 : 0)));
        m_facts[Time]->setToolTip(tr("Measured: %1 tokens per second, peak memory %2 GiB, forecast %3 GiB. Evaluations and checkpoints come on top.")
                                      .arg(grouped(std::llround(outlook.trial->tokensPerSecond)), bridge::gib(asDouble(outlook.trial->peakMemoryBytes)), bridge::gib(asDouble(outlook.trial->estimateBytes))));
    } else {
        m_facts[Time]->setText(tr("not measured yet"));
        m_facts[Time]->setToolTip(tr("Test one step measures it."));
    }
    m_facts[Disk]->setText(tr("about %1 of %2 GiB free").arg(bridge::size(asDouble(check.diskBytes(recipe))), bridge::gib(outlook.freeDiskBytes, 0)));
    showMemory(check.plan);
    showRate(check);
    for (const auto& finding : check.findings) {
        using Kind = CheckList::Line::Kind;
        const Kind kind = finding.level == pipeline::CheckFinding::Level::Good ? Kind::Good : finding.level == pipeline::CheckFinding::Level::Info ? Kind::Info : Kind::Warning;
        const QString button = finding.id == "cut" ? tr("Show") : finding.id == "source" ? tr("Locate…") : !finding.key.empty() ? tr("Change") : QString();
        const QString id = finding.id == "cut" ? QStringLiteral("cut") : !finding.key.empty() ? QStringLiteral("field:") + toQString(finding.key) : toQString(finding.id);
        m_lines.append({kind, id, byLabel(finding.text), button});
    }
    if (check.plan.estimateBytes() > 0 && outlook.freeDiskBytes < asDouble(check.diskBytes(recipe)))
        m_lines.append({CheckList::Line::Kind::Warning, QStringLiteral("disk"), tr("The disk has less room than the checkpoints need")});
    showLines();
}

/// A forecast of settings that no longer stand would be read as one of those that do.
void RunSummary::showNoMemory()
{
    m_plan.reset();
    m_memory->hide();
    m_memoryHead->setText({});
    m_verdictIcon->hide();
    m_verdict->setText(tr("Counted once the settings above hold."));
    clearSavings();
}

void RunSummary::showMemory(const planner::MemoryPlan& plan)
{
    m_memory->show();
    m_verdictIcon->show();
    m_plan = plan;
    const auto reserve = asDouble(plan.workspace);
    m_memory->setParts({{tr("Weights"), asDouble(plan.weights), 0}, {tr("Activations"), asDouble(plan.activations), 2}, {tr("Adapter, optimizer"), asDouble(plan.adapter + plan.optimizer), 1},
                           {tr("Logits"), asDouble(plan.logits), 3}, {tr("Libraries, reserve"), reserve, 4}},
        asDouble(plan.availableBytes));
    m_memoryHead->setText(tr("about <b>%1</b> of %2 GiB").arg(bridge::gib(asDouble(plan.estimateBytes())), bridge::gib(asDouble(plan.availableBytes))));
    const bool fits = plan.fits();
    const auto spare = asDouble(std::llabs(plan.availableBytes - plan.estimateBytes()));
    const auto& t = style::tokens();
    m_verdictIcon->setPixmap(style::icon(fits ? QStringLiteral("success") : QStringLiteral("error"), fits ? style::IconColour::Success : style::IconColour::Danger).pixmap(16, 16));
    m_verdict->setText(QStringLiteral("<span style='color:%1'>%2</span> %3")
                           .arg((fits ? t.success : t.danger).name(), fits ? tr("Fits") : tr("Does not fit:"),
                               fits ? tr("with %1 GiB to spare").arg(bridge::gib(spare)) : tr("%1 GiB more than is available").arg(bridge::gib(spare))));
    showSavings(plan);
}

void RunSummary::clearSavings()
{
    while (auto* item = m_savings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void RunSummary::showSavings(const planner::MemoryPlan& plan)
{
    clearSavings();
    if (plan.fits())
        return;
    int shown = 0;
    for (const auto& suggestion : plan.suggestions) {
        if (suggestion.value.is_null()) {
            auto* words = widgets::wrappedLabel(toQString(suggestion.text));
            m_savings->addWidget(words, 2, 0, 1, 3);
            continue;
        }
        if (shown == 4)
            continue;
        auto* apply = widgets::smallButton(tr("%1: −%2 GiB").arg(changeOf(suggestion), bridge::gib(asDouble(suggestion.savesBytes))));
        apply->setObjectName(QStringLiteral("saving-") + toQString(suggestion.key));
        apply->setToolTip(toQString(suggestion.text));
        m_savings->addWidget(apply, shown / 2, shown % 2);
        ++shown;
        connect(apply, &QPushButton::clicked, this, [this, suggestion] { applySaving(toQString(suggestion.key), suggestion.value); });
    }
}

/// A smaller batch is made up for by accumulation, so that a step stays what it was.
void RunSummary::applySaving(const QString& key, const Json& value)
{
    const auto rows = m_draft.recipe().integer("training.batch_size") * m_draft.recipe().integer("training.gradient_accumulation_steps");
    m_draft.set(key, value);
    if (key == QLatin1String("training.batch_size") && value.is_number_integer())
        m_draft.set(QStringLiteral("training.gradient_accumulation_steps"), std::max<std::int64_t>(1, rows / std::max<std::int64_t>(1, value.get<std::int64_t>())));
}

void RunSummary::showRate(const pipeline::RecipeCheck& check)
{
    const auto& recipe = m_draft.recipe();
    const auto* kind = planner::findSchedule(recipe.text("training.lr_scheduler"));
    if (!kind || check.stepsTotal < 1)
        return m_rate->setMessage({});
    const planner::SchedulePlan plan {check.stepsTotal, check.warmupSteps, recipe.number("training.learning_rate"), recipe.value("training.lr_scheduler_kwargs")};
    QList<double> rates;
    constexpr int kPoints = 160;
    for (int i = 0; i <= kPoints; ++i)
        rates.append(plan.baseRate * kind->factor(check.stepsTotal * i / kPoints, plan));
    m_rate->setRates(rates, check.stepsTotal);
    m_rateCaption->setText(check.warmupSteps == 1 ? tr("by step, %1, 1 warm-up step").arg(choiceLabel(recipe, "training.lr_scheduler").toLower())
                                                  : tr("by step, %1, %2 warm-up steps").arg(choiceLabel(recipe, "training.lr_scheduler").toLower(), grouped(check.warmupSteps)));
}

void RunSummary::setDataLines(const QList<CheckList::Line>& lines)
{
    m_dataLines = lines;
    showLines();
}

void RunSummary::showLines()
{
    m_checks->setLines(m_lines + m_dataLines);
}

void RunSummary::setBlocked(const QString& reason, const QString& action)
{
    m_unblock->setText(action);
    m_unblock->setVisible(!action.isEmpty());
    m_blockedText = reason;
    m_blocked->setText(reason);
    m_blocked->setVisible(!reason.isEmpty());
    m_start->setEnabled(reason.isEmpty());
    m_start->setToolTip(reason.isEmpty() ? tr("Start training (Ctrl+Return)") : reason);
    m_test->setEnabled(reason.isEmpty() || m_test->property("testing").toBool());
}

void RunSummary::setTesting(const QString& phase)
{
    m_test->setProperty("testing", !phase.isEmpty());
    m_test->setText(phase.isEmpty() ? tr("Test one step") : tr("Stop: %1").arg(phase));
    m_test->setEnabled(!phase.isEmpty() || m_blockedText.isEmpty());
}

void RunSummary::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_plan)
        showMemory(*m_plan);
}

void RunSummary::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().window);
    painter.fillRect(QRect(0, 0, 1, height()), style::tokens().border);
}

}
