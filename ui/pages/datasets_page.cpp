// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/dataset_view.h"
#include "pages/dataset_list.h"
#include "pages/import_dialog.h"
#include "pages/pages.h"

#include <QBoxLayout>
#include <QFileDialog>
#include <QPointer>
#include <QStackedWidget>

namespace attune::pages {

/// The list of datasets, or one of them with what can be done next; files are added in a dialog over either.
class DatasetsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::DatasetsPage)
public:
    explicit DatasetsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        m_bars = widgets::column();
        m_bars->setContentsMargins(16, 8, 16, 0);
        layout->addLayout(m_bars);
        m_stack = new QStackedWidget;
        layout->addWidget(m_stack, 1);
        m_list = new DatasetList(context);
        m_stack->addWidget(m_list);
        setBar(nullptr);
        connect(m_list, &DatasetList::opened, this, [this](const QString& name) { showDataset(name); });
        connect(m_list, &DatasetList::addWanted, this, [this] { choose(); });
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
    }

    /// "add:FILE" with further files behind line ends, "list:", "choose:", or a dataset's name, with "@2" a version and
    /// with "#issues" a tab.
    void activate(const QString& object) override
    {
        if (object.startsWith(QLatin1String("add:")))
            showImport(object.mid(4).split(QLatin1Char('\n'), Qt::SkipEmptyParts));
        else if (object == QLatin1String("list:"))
            showList();
        else if (object == QLatin1String("choose:"))
            choose();
        else if (!object.isEmpty())
            showNamed(object.section(QLatin1Char('#'), 0, 0), object.section(QLatin1Char('#'), 1));
        refresh();
    }
    QString objectTitle() const override { return m_view && m_stack->currentWidget() == m_view ? m_view->name() : QString(); }

private:
    void choose()
    {
        const auto paths = QFileDialog::getOpenFileNames(this, tr("Add dataset"), {}, tr("Data (*.jsonl *.json *.csv *.tsv *.parquet *.txt *.md *.gz *.zst);;All files (*)"));
        if (!paths.isEmpty())
            showImport(paths);
    }

    void refresh()
    {
        if (isVisible() && m_stack->currentWidget() == m_list)
            m_list->refresh();
    }

    void showList()
    {
        setBar(nullptr);
        m_stack->setCurrentWidget(m_list);
        emit titleChanged();
        refresh();
    }

    void showNamed(const QString& name, const QString& tab)
    {
        showDataset(name.section(QLatin1Char('@'), 0, 0), name.section(QLatin1Char('@'), 1).toInt());
        if (!tab.isEmpty())
            m_view->showTab(tab);
    }

    void showDataset(const QString& name, int version = 0)
    {
        if (!m_view) {
            m_view = new DatasetView(m_context);
            m_stack->addWidget(m_view);
            connect(m_view, &DatasetView::backRequested, this, [this] { showList(); });
            connect(m_view, &DatasetView::importWanted, this, [this](const QStringList& paths) {
                showImport(paths);
                m_import->replace(m_view->name());
            });
        }
        setBar(nullptr);
        m_stack->setCurrentWidget(m_view);
        m_view->show(name, version);
        emit titleChanged();
    }

    void showImport(const QStringList& paths)
    {
        if (m_import)
            m_import->close();
        m_import = new ImportDialog(m_context, paths, this);
        m_import->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_import, &ImportDialog::added, this, &DatasetsPage::showAdded);
        m_import->open();
    }

    /// What one does with new rows: clean them like those before, look at them, train on them.
    void showAdded(const QString& name, qint64 rows)
    {
        showDataset(name);
        auto* bar = new widgets::MessageBar(widgets::MessageBar::Kind::Success, tr("%1 rows were added.").arg(bridge::grouped(rows)), tr("The file itself stays as it is; steps can be undone."));
        auto* apply = bar->addButton(tr("Apply steps…"));
        apply->setObjectName(QStringLiteral("apply-steps-to-new"));
        apply->setToolTip(tr("Clean these rows with the steps of another dataset or of a file"));
        connect(apply, &QPushButton::clicked, m_view, &DatasetView::applySteps);
        connect(bar, &widgets::MessageBar::closed, this, [this] { setBar(nullptr); });
        setBar(bar);
    }

    void setBar(widgets::MessageBar* bar)
    {
        if (m_bar)
            m_bar->deleteLater();
        m_bar = bar;
        if (bar)
            m_bars->addWidget(bar);
        m_bars->setContentsMargins(16, bar ? 8 : 0, 16, 0);
    }

    QVBoxLayout* m_bars = nullptr;
    QPointer<widgets::MessageBar> m_bar;
    QStackedWidget* m_stack = nullptr;
    DatasetList* m_list = nullptr;
    DatasetView* m_view = nullptr;
    QPointer<ImportDialog> m_import;
};

shell::Page* makeDatasets(shell::Context& context)
{
    return new DatasetsPage(context);
}

}
