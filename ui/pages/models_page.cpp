// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/names.h"
#include "pages/pages.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"
#include "style/metrics.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// The registered models and the facts of one of them.
class ModelsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ModelsPage)
public:
    explicit ModelsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        auto* header = new widgets::PageHeader(tr("Models"));
        auto* folder = widgets::button(tr("Add folder…"));
        auto* add = widgets::button(tr("Add model…"), widgets::ButtonRole::Primary, QStringLiteral("add"));
        header->addAction(folder);
        header->addAction(add);
        layout->addWidget(header);
        auto* body = widgets::row(0);
        m_table = new widgets::Table({{tr("Name"), 0}, {tr("Parameters"), 96, true}, {tr("Weights"), 84, false, true}, {tr("Size"), 90, true}, {tr("Family"), 90}, {tr("Train on it?"), 170}});
        m_table->setAccessibleName(tr("Models"));
        m_list = new QStackedWidget;
        m_list->addWidget(m_table);
        m_empty = new widgets::EmptyState(QStringLiteral("model"), tr("No model yet. Add a GGUF file or a Hugging Face folder; it is used where it lies and never changed."));
        connect(m_empty->setPrimary(tr("Add model…")), &QPushButton::clicked, this, [this] { chooseFile(); });
        m_list->addWidget(m_empty);
        body->addWidget(m_list, 1);
        body->addWidget(buildInspector());
        layout->addLayout(body, 1);
        connect(add, &QPushButton::clicked, this, [this] { chooseFile(); });
        connect(folder, &QPushButton::clicked, this, [this] {
            const QString path = QFileDialog::getExistingDirectory(this, tr("Add a Hugging Face folder"));
            if (!path.isEmpty())
                addModel(path);
        });
        connect(m_table, &widgets::Table::selectionMoved, this, [this] { inspect(); });
        connect(m_table, &widgets::Table::opened, this, [this](const QString& name) { m_context.navigator.open(shell::PageId::Train, QStringLiteral("model:") + name); });
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
    }

    void activate(const QString& object) override
    {
        if (object.startsWith(QLatin1String("add:")))
            addModel(object.mid(4));
        refresh();
    }

private:
    QWidget* buildInspector()
    {
        m_side = new widgets::PlaneWidget(widgets::Plane::Window);
        m_side->setFixedWidth(style::scaled(340));
        auto* layout = widgets::column(style::kSpace2, style::kSpace4);
        m_side->setLayout(layout);
        m_title = new widgets::ElidedLabel;
        m_title->setFont(widgets::headingLabel({})->font());
        layout->addWidget(m_title);
        m_verdict = widgets::wrappedLabel({}, Tone::Success);
        layout->addWidget(m_verdict);
        layout->addWidget(new widgets::Hairline);
        auto* grid = new QGridLayout;
        grid->setVerticalSpacing(5);
        grid->setColumnMinimumWidth(0, 104);
        grid->setColumnStretch(1, 1);
        const QStringList names {tr("Architecture"), tr("Parameters"), tr("Layers"), tr("Hidden size"), tr("Vocabulary"), tr("Context"), tr("Weights"), tr("Tokenizer"), tr("Chat template"), tr("File")};
        for (int i = 0; i < names.size(); ++i) {
            grid->addWidget(widgets::bodyLabel(names[i], Tone::Secondary), i, 0, Qt::AlignTop);
            m_facts.append(widgets::wrappedLabel({}, Tone::Text));
            grid->addWidget(m_facts.last(), i, 1);
        }
        layout->addLayout(grid);
        layout->addStretch(1);
        auto* buttons = widgets::row();
        m_train = widgets::button(tr("Train on it"));
        auto* chat = widgets::button(tr("Try out"));
        auto* remove = widgets::button(tr("Remove"), widgets::ButtonRole::Ghost);
        remove->setToolTip(tr("Takes the name off the list; the files stay where they are."));
        buttons->addWidget(m_train);
        buttons->addWidget(chat);
        buttons->addWidget(remove);
        buttons->addStretch(1);
        layout->addLayout(buttons);
        m_side->hide();
        connect(m_train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("model:") + m_table->currentId()); });
        connect(chat, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::TryOut, m_table->currentId()); });
        connect(remove, &QPushButton::clicked, this, [this] {
            const std::string name = bridge::toStd(m_table->currentId());
            for (const auto& row : m_rows)
                if (row.name == name)
                    m_context.navigator.toast(tr("%1 is off the list. Its files are untouched.").arg(m_table->currentId()),
                        [this, row] { m_context.workspace.write([row](store::Store& store) { return store.putModel(row); }); });
            m_context.workspace.write([name](store::Store& store) { return store.removeModel(name); });
        });
        return m_side;
    }

    void chooseFile()
    {
        const QString path = QFileDialog::getOpenFileName(this, tr("Add a model"), {}, tr("GGUF models (*.gguf);;All files (*)"));
        if (!path.isEmpty())
            addModel(path);
    }

    void addModel(const QString& path)
    {
        const std::string file = bridge::toStd(path), workspace = m_context.workspace.stdPath();
        auto name = std::make_shared<std::string>();
        m_context.jobs.start(tr("Adding %1").arg(QFileInfo(path).fileName()),
            [file, workspace, name](const JobContext&) -> Status {
                ATTUNE_TRY(auto source, families::openModel(file));
                ATTUNE_TRY(auto store, store::Store::open(workspace));
                store::ModelRow row;
                row.name = *name = toName(QFileInfo(toQString(file)).completeBaseName().toLower().toStdString());
                row.path = source.path;
                row.created = store::nowUtc();
                source.name = row.name;
                row.info = source.toJson();
                row.info["bytes"] = source.bytes;
                row.info["stored_type"] = source.storedType;
                return store->putModel(row);
            },
            this,
            [this, name](const Status& status) {
                m_context.workspace.announceChange();
                m_context.navigator.toast(status ? tr("%1 is added.").arg(toQString(*name)) : toQString(status.error().message + " " + status.error().hint));
            });
    }

    void refresh()
    {
        if (!isVisible())
            return;
        m_context.workspace.query<std::vector<store::ModelRow>>(this, [](store::Store& store) { return store.models(); },
            [this](Result<std::vector<store::ModelRow>> rows) {
                if (!rows) {
                    m_empty->setSentence(toQString(rows.error().message));
                    m_list->setCurrentWidget(m_empty);
                    return;
                }
                m_rows = std::move(*rows);
                QList<widgets::TableRow> lines;
                for (const auto& row : m_rows)
                    lines.append(lineOf(row));
                m_table->setRows(lines);
                m_list->setCurrentWidget(lines.isEmpty() ? static_cast<QWidget*>(m_empty) : m_table);
                if (m_table->currentId().isEmpty() && !lines.isEmpty())
                    m_table->selectId(lines.first().id);
                inspect();
            });
    }

    static widgets::TableRow lineOf(const store::ModelRow& row)
    {
        const Json& info = row.info;
        widgets::Cell name {toQString(row.name)};
        name.isStrong = true;
        const double parameters = info.value("parameters", 0.0);
        const bool trainable = info.value("trainable", false);
        const double bytes = info.value("bytes", static_cast<double>(QFileInfo(toQString(row.path)).size()));
        return {toQString(row.name),
            {name, {bridge::parameters(parameters), parameters}, {toQString(info.value("stored_type", info.value("format", "")))}, {bridge::size(bytes), bytes},
                {toQString(info.value("family", info.value("architecture", "")))}, {trainable ? tr("yes") : tr("no, try out only"), {}, trainable ? Tone::Success : Tone::Secondary}}};
    }

    void inspect()
    {
        const std::string name = bridge::toStd(m_table->currentId());
        const store::ModelRow* found = nullptr;
        for (const auto& row : m_rows)
            if (row.name == name)
                found = &row;
        m_side->setVisible(found != nullptr);
        if (!found)
            return;
        const Json& info = found->info;
        const auto number = [&info](const char* key) { return info.contains(key) && info[key].is_number() ? bridge::grouped(info[key].get<qint64>()) : QStringLiteral("–"); };
        m_title->setText(toQString(found->name));
        const bool trainable = info.value("trainable", false);
        m_verdict->setTone(trainable ? Tone::Success : Tone::Warning);
        m_verdict->setText(trainable ? tr("Can be trained: LoRA or all weights") : toQString(info.contains("reason") && info["reason"].is_string() ? info["reason"].get<std::string>() : "Cannot be trained here."));
        m_train->setEnabled(trainable);
        const QStringList values {toQString(info.value("architecture", "–")), bridge::parameters(info.value("parameters", 0.0)), number("layers"), number("hidden_size"), number("vocab_size"),
            tr("%1 tokens").arg(number("context_length")), toQString(info.value("stored_type", info.value("format", "–"))),
            info.contains("tokenizer") && info["tokenizer"].is_string() ? toQString(info["tokenizer"].get<std::string>()) : QStringLiteral("–"),
            info.value("chat_template", false) ? tr("yes") : tr("none: chatml can be used"), toQString(found->path)};
        for (int i = 0; i < m_facts.size(); ++i)
            m_facts[i]->setText(values[i]);
    }

    widgets::Table* m_table = nullptr;
    QStackedWidget* m_list = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QWidget* m_side = nullptr;
    widgets::ElidedLabel* m_title = nullptr;
    widgets::Label* m_verdict = nullptr;
    QList<widgets::Label*> m_facts;
    QPushButton* m_train = nullptr;
    std::vector<store::ModelRow> m_rows;
};

shell::Page* makeModels(shell::Context& context)
{
    return new ModelsPage(context);
}

}
