// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "pages/sample.h"
#include "pipeline/doctor.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QDir>
#include <QFileDialog>
#include <QScrollArea>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// The first page: two ways in, what this computer can do, and what was done last.
class HomePage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::HomePage)
public:
    explicit HomePage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column(style::kSpace4);
        layout->setContentsMargins(24, 20, 24, 16);
        setLayout(layout);
        auto* head = widgets::column(4);
        head->addWidget(widgets::titleLabel(tr("Train a language model on your own text, on this computer")));
        head->addWidget(widgets::bodyLabel(tr("Nothing is uploaded. Data, models and runs stay in %1.").arg(shortPath(context.workspace.path())), Tone::Secondary));
        layout->addLayout(head);
        auto* ways = widgets::row(style::kSpace4);
        ways->addWidget(buildSample(), 1);
        ways->addWidget(buildOwn(), 1);
        layout->addLayout(ways);
        auto* middle = widgets::row(style::kSpace4);
        middle->addWidget(buildComputer(), 1);
        middle->addWidget(buildModels(), 1);
        layout->addLayout(middle, 1);
        layout->addWidget(buildRuns(), 1);
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
    }

    void activate(const QString&) override
    {
        refresh();
        if (!std::exchange(m_wasChecked, true))
            check();
    }

private:
    static QString shortPath(const QString& path)
    {
        return path.startsWith(QDir::homePath()) ? QLatin1Char('~') + path.mid(QDir::homePath().size()) : path;
    }

    QWidget* card(const QString& icon, const QString& title, const QString& text, const QString& fine, QHBoxLayout*& buttons, bool dashed)
    {
        auto* panel = new widgets::Panel;
        panel->setDashed(dashed);
        auto* inner = widgets::column(style::kSpace2, style::kSpace4);
        auto* head = widgets::row();
        auto* mark = new QLabel;
        mark->setPixmap(style::icon(icon, style::IconColour::Accent).pixmap(20, 20));
        head->addWidget(mark);
        head->addWidget(widgets::headingLabel(title));
        head->addStretch(1);
        inner->addLayout(head);
        inner->addWidget(widgets::wrappedLabel(text, Tone::Text));
        inner->addWidget(widgets::wrappedLabel(fine));
        inner->addStretch(1);
        buttons = widgets::row();
        inner->addLayout(buttons);
        panel->body()->addLayout(inner);
        panel->setMinimumHeight(style::scaled(160));
        return panel;
    }

    QWidget* buildSample()
    {
        QHBoxLayout* buttons = nullptr;
        auto* made = card(QStringLiteral("star"), tr("Try it with the sample"), tr("400 school maths problems with worked answers (GSM8K), and the small model SmolLM2-135M-Instruct."),
            tr("The answers will be simple: the sample is for learning the program."), buttons, false);
        m_sample = widgets::button(tr("Open sample"), widgets::ButtonRole::Primary);
        m_sample->setObjectName(QStringLiteral("open-sample"));
        m_sample->setEnabled(!sharePath().empty());
        m_sampleNote = widgets::captionLabel(sharePath().empty() ? tr("The sample is not installed beside the program.") : tr("About 3 minutes on two CPU cores"));
        buttons->addWidget(m_sample);
        buttons->addWidget(m_sampleNote);
        buttons->addStretch(1);
        connect(m_sample, &QPushButton::clicked, this, [this] {
            m_sample->setEnabled(false);
            m_context.jobs.start(tr("Opening the sample"), [workspace = m_context.workspace.stdPath()](const JobContext& job) { return openSample(workspace, job); }, this,
                [this](const Status& status) {
                    m_sample->setEnabled(true);
                    m_context.workspace.announceChange();
                    if (status)
                        m_context.navigator.open(shell::PageId::Train, QStringLiteral("data:") + QLatin1String(kSampleData));
                    else
                        m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
                });
        });
        return made;
    }

    QWidget* buildOwn()
    {
        QHBoxLayout* buttons = nullptr;
        auto* made = card(QStringLiteral("download"), tr("Start with your data"), tr("Drop JSONL, CSV, JSON, TXT or Markdown files here."),
            tr("Alpaca, ShareGPT, OpenAI messages, prompt and completion or plain text are recognised from the content. Original files are never changed."), buttons, true);
        m_files = widgets::button(tr("Choose files…"));
        auto* recipe = widgets::button(tr("Apply a recipe…"));
        buttons->addWidget(m_files);
        buttons->addWidget(recipe);
        buttons->addStretch(1);
        connect(m_files, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Datasets, QStringLiteral("choose:")); });
        connect(recipe, &QPushButton::clicked, this, [this] {
            const QString path = QFileDialog::getOpenFileName(this, tr("Apply a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
            if (!path.isEmpty())
                m_context.navigator.openFiles({path});
        });
        return made;
    }

    QWidget* buildComputer()
    {
        auto* panel = new widgets::Panel(tr("This computer"));
        auto* again = widgets::button(tr("Run full check"), widgets::ButtonRole::Ghost, QStringLiteral("reset"));
        panel->addAction(again);
        connect(again, &QPushButton::clicked, this, [this] { check(); });
        m_computer = new widgets::Table({{tr("What"), 118}, {tr("Found"), 0}, {tr("State"), 96}});
        m_computer->setAccessibleName(tr("This computer"));
        m_computer->setSortingEnabled(false);
        panel->body()->addWidget(m_computer);
        return panel;
    }

    QWidget* buildModels()
    {
        auto* panel = new widgets::Panel(tr("Models and data"));
        auto* show = widgets::button(tr("Show models"), widgets::ButtonRole::Ghost);
        panel->addAction(show);
        connect(show, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Models); });
        m_things = new widgets::Table({{tr("Name"), 0}, {tr("Kind"), 80}, {tr("Size"), 120, true}});
        m_things->setAccessibleName(tr("Models and data"));
        m_thingsStack = new QStackedWidget;
        m_thingsStack->addWidget(m_things);
        m_thingsStack->addWidget(new widgets::EmptyState(QStringLiteral("model"), tr("Nothing here yet. Open the sample, or drop a data file or a model into this window.")));
        panel->body()->addWidget(m_thingsStack);
        connect(m_things, &widgets::Table::opened, this, [this](const QString& id) {
            const bool isModel = id.startsWith(QLatin1String("model:"));
            m_context.navigator.open(isModel ? shell::PageId::Models : shell::PageId::Datasets, isModel ? QString() : id.mid(5));
        });
        return panel;
    }

    QWidget* buildRuns()
    {
        auto* panel = new widgets::Panel(tr("Recent runs"));
        auto* show = widgets::button(tr("Show runs"), widgets::ButtonRole::Ghost);
        panel->addAction(show);
        connect(show, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Runs, QStringLiteral("list:")); });
        m_runs = new widgets::Table({{tr("Run"), 200}, {tr("Status"), 110}, {tr("Model"), 0}, {tr("Data"), 150}, {tr("Loss"), 76, true}, {tr("Started"), 130}});
        m_runs->setAccessibleName(tr("Recent runs"));
        panel->body()->addWidget(m_runs);
        connect(m_runs, &widgets::Table::opened, this, [this](const QString& id) { m_context.navigator.open(shell::PageId::Runs, id); });
        m_runsPanel = panel;
        return panel;
    }

    void check()
    {
        bridge::compute<std::vector<pipeline::HealthCheck>>(this, [path = m_context.workspace.stdPath()] { return pipeline::checkHealth(path); },
            [this](std::vector<pipeline::HealthCheck> checks) {
                QList<widgets::TableRow> rows;
                for (const auto& one : checks) {
                    widgets::Cell state;
                    using Health = pipeline::HealthCheck::Status;
                    const bool pass = one.status == Health::Pass, failed = one.status == Health::Fail;
                    state.text = pass ? tr("ready") : failed ? tr("missing") : tr("look");
                    state.icon = pass ? QStringLiteral("success") : failed ? QStringLiteral("error") : QStringLiteral("info");
                    state.tone = pass ? Tone::Success : failed ? Tone::Danger : Tone::Secondary;
                    QString name = toQString(one.name);
                    if (name == QLatin1String("gpu"))
                        name = QStringLiteral("GPU");
                    else if (name != QLatin1String("llama.cpp"))
                        name.replace(0, 1, name.left(1).toUpper());
                    rows.append({name, {{name}, {toQString(one.detail), {}, Tone::Secondary}, state}});
                }
                m_computer->setRows(rows);
            });
    }

    void refresh()
    {
        if (!isVisible())
            return;
        struct Facts { std::vector<store::RunRow> runs; std::vector<store::ModelRow> models; std::vector<store::DatasetRow> datasets; };
        m_context.workspace.query<Facts>(this,
            [](store::Store& store) -> Result<Facts> {
                Facts facts;
                ATTUNE_TRY(facts.runs, store.runs());
                ATTUNE_TRY(facts.models, store.models());
                ATTUNE_TRY(facts.datasets, store.datasets());
                return facts;
            },
            [this](Result<Facts> facts) {
                if (!facts) {
                    m_context.navigator.toast(toQString(facts.error().message + " " + facts.error().hint));
                    return;
                }
                QList<widgets::TableRow> things, runs;
                for (const auto& model : facts->models) {
                    widgets::Cell name {toQString(model.name)};
                    name.icon = QStringLiteral("model");
                    things.append({QStringLiteral("model:") + name.text, {name, {tr("model"), {}, Tone::Secondary}, {bridge::parameters(model.info.value("parameters", 0.0))}}});
                }
                for (const auto& data : facts->datasets) {
                    widgets::Cell name {toQString(data.name)};
                    name.icon = QStringLiteral("dataset");
                    things.append({QStringLiteral("data:") + name.text, {name, {tr("dataset"), {}, Tone::Secondary}, {tr("%1 rows").arg(bridge::grouped(data.rows))}}});
                }
                for (const auto& run : facts->runs) {
                    widgets::Cell name {toQString(run.id)};
                    name.dot = run.colour;
                    name.isStrong = true;
                    runs.append({name.text, {name, {widgets::StatusChip::word(toQString(store::statusName(run.status)))}, {toQString(run.model)}, {toQString(run.dataset)},
                        {run.trainLoss ? QString::number(*run.trainLoss, 'f', 3) : QStringLiteral("–")}, {bridge::when(toQString(run.started)), {}, Tone::Secondary}}});
                    if (runs.size() == 6)
                        break;
                }
                m_things->setRows(things);
                m_thingsStack->setCurrentIndex(things.isEmpty() ? 1 : 0);
                m_runs->setRows(runs);
                m_runsPanel->setVisible(!runs.isEmpty());
                // One filled button on the page: the sample at first, one's own files later.
                const bool isFirst = runs.isEmpty();
                m_sample->setProperty("role", isFirst ? QStringLiteral("primary") : QString());
                m_files->setProperty("role", isFirst ? QString() : QStringLiteral("primary"));
                m_sample->update();
                m_files->update();
            });
    }

    QPushButton *m_sample = nullptr, *m_files = nullptr;
    widgets::Label* m_sampleNote = nullptr;
    widgets::Table *m_computer = nullptr, *m_things = nullptr, *m_runs = nullptr;
    QStackedWidget* m_thingsStack = nullptr;
    QWidget* m_runsPanel = nullptr;
    bool m_wasChecked = false;
};

shell::Page* makeHome(shell::Context& context)
{
    return new HomePage(context);
}

}
