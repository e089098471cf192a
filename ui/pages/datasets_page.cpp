// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset_view.h"
#include "pages/import_view.h"
#include "pages/pages.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

QString columnsOf(const store::DatasetRow& row)
{
    QStringList names;
    if (row.info.contains("columns") && row.info["columns"].is_array())
        for (const auto& column : row.info["columns"])
            names.append(column.is_object() ? toQString(column.value("name", "")) : column.is_string() ? toQString(column.get<std::string>()) : QString());
    return names.join(QStringLiteral(", "));
}

}

/// The list of datasets, one of them, or a file that is about to become one.
class DatasetsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::DatasetsPage)
public:
    explicit DatasetsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        m_stack = new QStackedWidget;
        layout->addWidget(m_stack);
        m_stack->addWidget(buildList());
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
    }

    void activate(const QString& object) override
    {
        if (object.startsWith(QLatin1String("add:")))
            showImport(object.mid(4));
        else if (object == QLatin1String("list:"))
            showList();
        else if (object == QLatin1String("choose:"))
            choose();
        else if (!object.isEmpty())
            showDataset(object);
        refresh();
    }
    QString objectTitle() const override { return m_view && m_stack->currentWidget() == m_view ? m_view->name() : QString(); }

private:
    QWidget* buildList()
    {
        auto* page = new QWidget;
        auto* layout = widgets::column();
        page->setLayout(layout);
        auto* header = new widgets::PageHeader(tr("Datasets"));
        auto* add = widgets::button(tr("Add data…"), widgets::ButtonRole::Primary, QStringLiteral("add"));
        header->addAction(add);
        layout->addWidget(header);
        m_table = new widgets::Table({{tr("Name"), 220}, {tr("Rows"), 100, true}, {tr("Version"), 76, true}, {tr("Columns"), 0}, {tr("Added"), 140}});
        m_table->setAccessibleName(tr("Datasets"));
        m_list = new QStackedWidget;
        m_list->addWidget(m_table);
        m_empty = new widgets::EmptyState(QStringLiteral("dataset"), tr("No dataset yet. Drop a JSONL, CSV, JSON, text or Markdown file anywhere in this window; the file itself is never changed."));
        connect(m_empty->setPrimary(tr("Add data…")), &QPushButton::clicked, this, [this] { choose(); });
        m_list->addWidget(m_empty);
        layout->addWidget(m_list, 1);
        connect(add, &QPushButton::clicked, this, [this] { choose(); });
        connect(m_table, &widgets::Table::opened, this, [this](const QString& name) { showDataset(name); });
        return page;
    }

    void choose()
    {
        const QString path = QFileDialog::getOpenFileName(this, tr("Add data"), {}, tr("Data (*.jsonl *.json *.csv *.tsv *.txt *.md *.gz *.zst);;All files (*)"));
        if (!path.isEmpty())
            showImport(path);
    }

    void refresh()
    {
        if (!isVisible())
            return;
        m_context.workspace.query<std::vector<store::DatasetRow>>(this, [](store::Store& store) { return store.datasets(); },
            [this](Result<std::vector<store::DatasetRow>> rows) {
                if (!rows) {
                    m_empty->setSentence(toQString(rows.error().message + " " + rows.error().hint));
                    m_list->setCurrentWidget(m_empty);
                    return;
                }
                QList<widgets::TableRow> lines;
                for (const auto& row : *rows) {
                    widgets::Cell name {toQString(row.name)};
                    name.isStrong = true;
                    lines.append({toQString(row.name), {name, {bridge::grouped(row.rows), static_cast<qlonglong>(row.rows)}, {QString::number(row.version), row.version}, {columnsOf(row), {}, widgets::Tone::Secondary},
                        {bridge::when(toQString(row.created)), toQString(row.created), widgets::Tone::Secondary}}});
                }
                m_table->setRows(lines);
                m_list->setCurrentWidget(lines.isEmpty() ? static_cast<QWidget*>(m_empty) : m_table);
            });
    }

    void showList()
    {
        m_stack->setCurrentIndex(0);
        emit titleChanged();
        refresh();
    }
    void showDataset(const QString& name)
    {
        if (!m_view) {
            m_view = new DatasetView(m_context);
            m_stack->addWidget(m_view);
            connect(m_view, &DatasetView::backRequested, this, [this] { showList(); });
        }
        m_stack->setCurrentWidget(m_view);
        m_view->show(name);
        emit titleChanged();
    }
    void showImport(const QString& path)
    {
        if (!m_import) {
            m_import = new ImportView(m_context);
            m_stack->addWidget(m_import);
            connect(m_import, &ImportView::backRequested, this, [this] { showList(); });
            connect(m_import, &ImportView::added, this, [this](const QString& name) { showDataset(name); });
        }
        m_stack->setCurrentWidget(m_import);
        m_import->show(path);
    }

    QStackedWidget *m_stack = nullptr, *m_list = nullptr;
    widgets::Table* m_table = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    DatasetView* m_view = nullptr;
    ImportView* m_import = nullptr;
};

shell::Page* makeDatasets(shell::Context& context)
{
    return new DatasetsPage(context);
}

}
