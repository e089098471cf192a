// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/import_view.h"

#include "base/names.h"
#include "models/dataset_model.h"
#include "pipeline/dataset_jobs.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;
using importer::ColumnRole;

ImportView::ImportView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_header = new widgets::PageHeader(tr("Add data"));
    m_header->setPlace(tr("Datasets"));
    m_header->addFact(widgets::bodyLabel(tr("Name"), widgets::Tone::Secondary));
    m_name = new QLineEdit;
    m_name->setFixedWidth(200);
    m_name->setAccessibleName(tr("Name of the dataset"));
    m_header->addFact(m_name);
    m_add = widgets::button(tr("Add rows"), widgets::ButtonRole::Primary);
    m_add->setObjectName(QStringLiteral("add-rows"));
    m_header->addAction(m_add);
    layout->addWidget(m_header);
    auto* body = widgets::column(style::kSpace2);
    body->setContentsMargins(16, 12, 16, 12);
    m_facts = widgets::bodyLabel({});
    m_sentence = widgets::wrappedLabel({});
    body->addWidget(m_facts);
    body->addWidget(m_sentence);
    auto* parts = widgets::row(style::kSpace2);
    auto* left = widgets::column(style::kSpace2);
    m_roles = new widgets::Panel(tr("Columns"));
    m_roles->setCaption(tr("what each is used for"));
    m_roleRows = widgets::column(style::kSpace1, style::kSpace2);
    m_roles->body()->addLayout(m_roleRows);
    left->addWidget(m_roles);
    m_rows = new widgets::Panel(tr("First rows"));
    m_rows->setCaption(tr("as they stand in the file"));
    left->addWidget(m_rows, 1);
    parts->addLayout(left, 3);
    m_converted = new widgets::Panel(tr("What training sees"));
    m_record = new widgets::RecordView;
    m_converted->body()->addWidget(m_record);
    parts->addWidget(m_converted, 2);
    body->addLayout(parts, 1);
    layout->addLayout(body, 1);
    connect(m_header, &widgets::PageHeader::backRequested, this, &ImportView::backRequested);
    connect(m_add, &QPushButton::clicked, this, &ImportView::add);
}

void ImportView::show(const QString& path)
{
    m_path = path;
    m_options = {};
    m_name->setText(toQString(toName(bridge::toStd(QFileInfo(path).completeBaseName()))));
    ask();
}

void ImportView::ask()
{
    const std::string path = bridge::toStd(m_path);
    const auto options = m_options;
    bridge::compute<Result<importer::Preview>>(this, [path, options] { return importer::previewFile(path, options); },
        [this, path](Result<importer::Preview> preview) {
            if (bridge::toStd(m_path) != path)
                return;  // another file was chosen meanwhile
            m_add->setEnabled(preview.has_value());
            if (preview) {
                m_preview = std::move(*preview);
                fill();
                return;
            }
            m_facts->setText(toQString(preview.error().message));
            m_sentence->setText(toQString(preview.error().hint));
            m_record->setMessage(tr("Nothing can be shown of this file."));
        });
}

void ImportView::fill()
{
    m_facts->setText((m_preview.isWhole ? tr("%1, %2, %3, %4 rows") : tr("%1, %2, %3, about %4 rows"))
                         .arg(toQString(m_preview.formatName), toQString(m_preview.encoding), bridge::size(static_cast<double>(m_preview.bytes)),
                             bridge::grouped(m_preview.isWhole ? m_preview.rows : m_preview.estimatedRows))
                         + (m_preview.skipped ? tr("; %1 left out, the first at line %2: %3").arg(m_preview.skipped).arg(m_preview.problems.empty() ? 0 : m_preview.problems[0].line)
                                                        .arg(m_preview.problems.empty() ? QString() : toQString(m_preview.problems[0].message))
                                              : QString()));
    m_sentence->setText(toQString(m_preview.roles.sentence));
    while (auto* item = m_roleRows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    QList<widgets::TableColumn> columns;
    for (const auto& column : m_preview.columns) {
        columns.append({toQString(column.name), 0});
        auto* line = new QWidget;
        auto* inner = widgets::row();
        line->setLayout(inner);
        auto* name = new widgets::ElidedLabel(toQString(column.name));
        name->setFixedWidth(180);
        inner->addWidget(name);
        inner->addWidget(widgets::captionLabel(toQString(column.type)));
        inner->addStretch(1);
        auto* combo = new QComboBox;
        combo->setFixedWidth(160);
        combo->setAccessibleName(tr("Role of %1").arg(toQString(column.name)));
        for (const auto role : {ColumnRole::Ignore, ColumnRole::System, ColumnRole::Prompt, ColumnRole::Input, ColumnRole::Completion, ColumnRole::Text, ColumnRole::Label,
                 ColumnRole::Messages, ColumnRole::Chosen, ColumnRole::Rejected, ColumnRole::Tools})
            combo->addItem(role == ColumnRole::Ignore ? tr("not used") : toQString(importer::roleName(role)), static_cast<int>(role));
        combo->setCurrentIndex(combo->findData(static_cast<int>(column.role)));
        inner->addWidget(combo);
        connect(combo, &QComboBox::activated, this, [this, combo, name = column.name] {
            for (auto& one : m_preview.columns)
                if (one.name == name)
                    one.role = static_cast<ColumnRole>(combo->currentData().toInt());
            m_options.roles.clear();
            for (const auto& one : m_preview.columns)
                m_options.roles[std::string(importer::roleName(one.role))] = one.name;
            m_options.roles.erase(std::string(importer::roleName(ColumnRole::Ignore)));
            if (auto records = importer::recordsWith(m_preview, m_preview.columns); records && !records->empty())
                m_record->setRecord(records->front());
        });
        m_roleRows->addWidget(line);
        if (m_roleRows->count() == 8)
            break;
    }
    delete m_table;
    m_table = new widgets::Table(columns);
    m_table->setSortingEnabled(false);
    QList<widgets::TableRow> rows;
    for (std::size_t i = 0; i < m_preview.values.size(); ++i) {
        widgets::TableRow row {QString::number(i), {}};
        for (const auto& column : m_preview.columns)
            row.cells.append({m_preview.values[i].contains(column.name) ? models::cellText(m_preview.values[i][column.name]) : QStringLiteral("–")});
        rows.append(row);
    }
    m_table->setRows(rows);
    m_rows->body()->addWidget(m_table);
    connect(m_table, &widgets::Table::selectionMoved, this, [this] {
        auto records = importer::recordsWith(m_preview, m_preview.columns);
        const auto index = m_table->currentId().toULongLong();
        if (records && index < records->size())
            m_record->setRecord((*records)[index]);
    });
    if (!m_preview.records.empty())
        m_record->setRecord(m_preview.records.front());
}

void ImportView::add()
{
    const std::string path = bridge::toStd(m_path), name = bridge::toStd(m_name->text()), workspace = m_context.workspace.stdPath();
    if (auto status = checkName(name, "dataset"); !status) {
        m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
        return;
    }
    const auto options = m_options;
    m_add->setEnabled(false);
    m_context.jobs.start(tr("Adding %1").arg(m_name->text()),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            auto report = pipeline::importDataset(*store, {path}, name, options, false, job);
            return report ? Status() : Status(report.error());
        },
        this,
        [this, name](const Status& status) {
            m_add->setEnabled(true);
            m_context.workspace.announceChange();
            if (status)
                emit added(toQString(name));
            else
                m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
        });
}

}
