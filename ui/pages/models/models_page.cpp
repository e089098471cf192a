// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/names.h"
#include "pages/models/model_pane.h"
#include "pages/pages.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

/// The registered models, those that other programs keep on this computer, and the facts of one of them.
class ModelsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ModelsPage)
public:
    explicit ModelsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(buildHeader());
        m_table = new widgets::Table(modelColumns());
        m_table->setAccessibleName(tr("Models"));
        m_list = new QStackedWidget;
        m_list->addWidget(m_table);
        m_empty = new widgets::EmptyState(QStringLiteral("model"), tr("No model yet. Add a GGUF file or a Hugging Face folder; it is used where it lies and never changed."));
        connect(m_empty->setPrimary(tr("Add model…")), &QPushButton::clicked, this, [this] { chooseFile(); });
        m_list->addWidget(m_empty);
        m_pane = new ModelPane(context);
        m_pane->hide();
        auto* splitter = new QSplitter(Qt::Vertical);
        splitter->addWidget(m_list);
        splitter->addWidget(m_pane);
        splitter->setStretchFactor(0, 1);
        splitter->setStretchFactor(1, 0);
        splitter->setChildrenCollapsible(false);
        splitter->setSizes({400, style::scaled(300)});
        layout->addWidget(splitter, 1);
        connect(m_table, &widgets::Table::selectionMoved, this, [this] { inspect(); });
        connect(m_table, &widgets::Table::opened, this, [this](const QString& id) { open(id); });
        connect(m_pane, &ModelPane::addRequested, this, [this](const QString& path) { addModel(path); });
        connect(m_pane, &ModelPane::removeRequested, this, [this](const QString& name) { remove(name); });
        connect(m_pane, &ModelPane::locateRequested, this, [this](const QString& name) { locate(name); });
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
        auto* again = new QShortcut(QKeySequence::Refresh, this);
        connect(again, &QShortcut::activated, this, [this] { rescan(); });
    }

    void activate(const QString& object) override
    {
        if (object.startsWith(QLatin1String("add:")))
            addModel(object.mid(4));
        else if (!object.isEmpty())
            m_selectNext = object;
        refresh();
    }

private:
    QWidget* buildHeader()
    {
        auto* header = new widgets::PageHeader(tr("Models"));
        m_filter = new QLineEdit;
        m_filter->setProperty("find", true);
        m_filter->setPlaceholderText(tr("Filter"));
        m_filter->setAccessibleName(tr("Filter models"));
        m_filter->setClearButtonEnabled(true);
        widgets::fitToPlaceholder(m_filter, style::scaled(150));
        m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
        m_source = new QComboBox;
        m_source->setAccessibleName(tr("Source"));
        m_source->setFixedWidth(style::scaled(164));
        m_source->addItem(tr("Every source"), QString());
        m_trainable = new QCheckBox(tr("Trainable only"));
        auto* folder = widgets::button(tr("Add folder…"));
        m_add = widgets::button(tr("Add model…"), widgets::ButtonRole::Primary, QStringLiteral("add"));
        for (QWidget* action : std::initializer_list<QWidget*> {m_trainable, m_source, m_filter, folder, m_add})
            header->addAction(action);
        connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& words) { m_table->setFilter(words); });
        connect(m_source, &QComboBox::currentIndexChanged, this, [this] { showLines(); });
        connect(m_trainable, &QCheckBox::toggled, this, [this] { showLines(); });
        connect(m_add, &QPushButton::clicked, this, [this] { chooseFile(); });
        connect(folder, &QPushButton::clicked, this, [this] {
            const QString path = QFileDialog::getExistingDirectory(this, tr("Add a Hugging Face folder"));
            if (!path.isEmpty())
                addModel(path);
        });
        return header;
    }

    void chooseFile()
    {
        const QString path = QFileDialog::getOpenFileName(this, tr("Add a model"), {}, tr("GGUF models (*.gguf);;All files (*)"));
        if (!path.isEmpty())
            addModel(path);
    }

    const ModelLine* lineOf(const QString& id) const
    {
        for (const auto& line : m_lines)
            if (line.id == id)
                return &line;
        return nullptr;
    }

    void open(const QString& id)
    {
        if (const auto* line = lineOf(id))
            line->isFound ? addModel(id) : m_context.navigator.open(shell::PageId::Train, QStringLiteral("model:") + id);
    }

    /// The name of a found model is better than that of its file, which may be a checksum.
    std::string nameFor(const QString& path) const
    {
        const auto* line = lineOf(path);
        const QString name = line ? line->name.section(QLatin1Char('/'), -1) : QFileInfo(path).completeBaseName();
        return toName(toStd(name.toLower().remove(QStringLiteral(".gguf"))));
    }

    void addModel(const QString& path)
    {
        const std::string file = toStd(path), workspace = m_context.workspace.stdPath();
        auto name = std::make_shared<std::string>(nameFor(path));
        m_context.jobs.start(tr("Adding %1").arg(QFileInfo(path).fileName()),
            [file, workspace, name](const JobContext&) -> Status {
                ATTUNE_TRY(auto source, families::openModel(file));
                ATTUNE_TRY(auto store, store::Store::open(workspace));
                store::ModelRow row;
                row.name = source.name = *name;
                row.path = source.path;
                row.created = store::nowUtc();
                row.info = source.toJson();
                return store->putModel(row);
            },
            this,
            [this, name](const Status& status) {
                m_context.workspace.announceChange();
                m_context.navigator.toast(status ? tr("%1 is added.").arg(toQString(*name)) : toQString(status.error().message + " " + status.error().hint));
                if (status)
                    m_selectNext = toQString(*name);
            });
    }

    /// Where the file of a model on the list is now; its name, notes and runs stay.
    void locate(const QString& name)
    {
        const auto* line = lineOf(name);
        if (!line)
            return;
        const QFileInfo before(toQString(line->row.path));
        const QString title = tr("Locate %1").arg(before.fileName());
        const QString path = before.suffix() == QLatin1String("gguf") ? QFileDialog::getOpenFileName(this, title, before.path(), tr("GGUF models (*.gguf);;All files (*)"))
                                                                     : QFileDialog::getExistingDirectory(this, title, before.path());
        if (path.isEmpty())
            return;
        const std::string file = toStd(path), workspace = m_context.workspace.stdPath();
        m_context.jobs.start(title,
            [file, workspace, name = toStd(name)](const JobContext&) -> Status {
                ATTUNE_TRY(const auto store, store::Store::open(workspace));
                return pipeline::relocateModel(*store, name, file);
            },
            this,
            [this, name, path](const Status& status) {
                m_context.workspace.announceChange();
                m_context.navigator.toast(status ? tr("%1 is now at %2.").arg(name, path) : toQString(status.error().message + " " + status.error().hint));
            });
    }

    void remove(const QString& name)
    {
        const auto* line = lineOf(name);
        if (!line)
            return;
        m_context.navigator.toast(tr("%1 is off the list. Its files are untouched.").arg(name),
            [this, row = line->row] { m_context.workspace.write([row](store::Store& store) { return store.putModel(row); }); });
        m_context.workspace.write([name = toStd(name)](store::Store& store) { return store.removeModel(name); });
    }

    /// What the list depends on. A run that trains changes the workspace twice a second, which is no reason to open every file again.
    static Result<std::string> fingerprint(store::Store& store)
    {
        ATTUNE_TRY(const auto models, store.models());
        ATTUNE_TRY(const auto runs, store.runs());
        std::string text = std::to_string(runs.size());
        for (const auto& model : models)
            text += "|" + model.name + "|" + model.path + "|" + model.created + "|" + model.info.value("notes", std::string());
        return text;
    }

    void refresh()
    {
        if (!isVisible())
            return;
        m_context.workspace.query<std::string>(this, fingerprint, [this](Result<std::string> seen) {
            if (seen && *seen == m_seen)
                return;
            m_seen = seen ? *seen : std::string();
            rescan();
        });
    }

    void rescan()
    {
        m_job.start<QList<ModelLine>>(this, m_context.workspace.stdPath(), [](store::Store& store, const JobContext& job) { return modelLines(store, job); },
            [this](Result<QList<ModelLine>> lines) {
                if (!lines) {
                    m_empty->setSentence(toQString(lines.error().message));
                    m_list->setCurrentWidget(m_empty);
                    return;
                }
                m_lines = *lines;
                const QString source = m_source->currentData().toString();
                QStringList sources;
                for (const auto& line : m_lines)
                    if (!sources.contains(line.source))
                        sources.append(line.source);
                const QSignalBlocker quiet(m_source);
                while (m_source->count() > 1)
                    m_source->removeItem(1);
                for (const auto& one : sources)
                    m_source->addItem(one, one);
                m_source->setCurrentIndex(std::max(0, m_source->findData(source)));
                showLines();
            });
    }

    void showLines()
    {
        QList<widgets::TableRow> rows;
        const QString source = m_source->currentData().toString();
        for (const auto& line : m_lines) {
            const bool isWanted = (source.isEmpty() || line.source == source) && (!m_trainable->isChecked() || line.verdict.level != pipeline::TrainVerdict::Level::No);
            if (isWanted)
                rows.append(tableRow(line));
        }
        m_table->setRows(rows);
        m_list->setCurrentWidget(m_lines.isEmpty() ? static_cast<QWidget*>(m_empty) : m_table);
        m_add->setVisible(!m_lines.isEmpty());  // the empty page has the button itself
        if (!m_selectNext.isEmpty())
            m_table->selectId(std::exchange(m_selectNext, {}));
        else if (m_table->currentId().isEmpty() && !rows.isEmpty())
            m_table->selectId(rows.first().id);
        inspect();
    }

    void inspect()
    {
        const auto* line = lineOf(m_table->currentId());
        m_pane->setVisible(line != nullptr);
        if (line)
            m_pane->show(*line);
    }

    widgets::Table* m_table = nullptr;
    QStackedWidget* m_list = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QPushButton* m_add = nullptr;
    ModelPane* m_pane = nullptr;
    QLineEdit* m_filter = nullptr;
    QComboBox* m_source = nullptr;
    QCheckBox* m_trainable = nullptr;
    QList<ModelLine> m_lines;
    bridge::LatestJob m_job;
    std::string m_seen = "never";
    QString m_selectNext;
};

shell::Page* makeModels(shell::Context& context)
{
    return new ModelsPage(context);
}

}
