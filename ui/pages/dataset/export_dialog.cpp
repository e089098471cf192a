// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/export_dialog.h"

#include "pipeline/dataset_card.h"
#include "pipeline/dataset_lookup.h"
#include "style/metrics.h"
#include "widgets/basics.h"
#include "widgets/text_view.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace attune::pages {

using bridge::toQString;

namespace {

const QString kFolderKey = QStringLiteral("export/data-folder");

/// LLaMA-Factory reads none of the compressed ones, and no tab-separated text.
bool isForLlamaFactory(const QString& suffix)
{
    return QStringList {QStringLiteral(".jsonl"), QStringLiteral(".json"), QStringLiteral(".csv"), QStringLiteral(".parquet"), QStringLiteral(".txt")}.contains(suffix);
}

}

DataExportDialog::DataExportDialog(shell::Context& context, OpenedPtr opened, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_opened(std::move(opened))
{
    setObjectName(QStringLiteral("data-export"));
    setWindowTitle(tr("Export rows of %1").arg(toQString(m_opened->argument())));
    setSizeGripEnabled(true);
    resize(style::scaled(680), style::scaled(560));
    auto* layout = widgets::column(10, 16);
    setLayout(layout);
    layout->addLayout(buildForm());
    layout->addWidget(widgets::captionLabel(tr("First row in this style")));
    m_example = widgets::textView();
    m_example->setAccessibleName(tr("First row in this style"));
    m_example->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    layout->addWidget(m_example, 1);
    m_card = new QCheckBox(tr("Write a dataset card beside it: counts, hashes, sources and steps"));
    m_card->setObjectName(QStringLiteral("export-card"));
    m_card->setChecked(true);
    m_info = new QCheckBox(tr("Add it to dataset_info.json beside it, for LLaMA-Factory"));
    m_info->setObjectName(QStringLiteral("export-info"));
    layout->addWidget(m_card);
    layout->addWidget(m_info);
    m_problem = widgets::wrappedLabel({}, widgets::Tone::Danger);
    layout->addWidget(m_problem);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_export = buttons->addButton(tr("Export"), QDialogButtonBox::AcceptRole);
    m_export->setObjectName(QStringLiteral("export-now"));
    m_export->setProperty("role", QStringLiteral("primary"));
    m_export->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &DataExportDialog::write);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    const QString folder = context.settings.value(kFolderKey, QDir::homePath()).toString();
    m_path->setText(QDir::toNativeSeparators(folder + QLatin1Char('/') + toQString(m_opened->row.name) + suffix()));
    styleChanged();
}

QLayout* DataExportDialog::buildForm()
{
    auto* form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(8);
    const auto combo = [](const QString& name, const char* object) {
        auto* made = new QComboBox;
        made->setAccessibleName(name);
        made->setObjectName(QLatin1String(object));
        return made;
    };
    m_rows = combo(tr("Rows"), "export-rows-of");
    m_rows->addItem(tr("all %1 rows").arg(bridge::grouped(m_opened->data->rows())), QString());
    const Json splits = m_opened->row.info.value("splits", Json::object());
    for (const char* split : {"train", "eval", "test"})
        if (splits.contains(split) && splits[split] != 0)
            m_rows->addItem(tr("%1, %2 rows").arg(QLatin1String(split), bridge::grouped(splits[split].get<qint64>())), QLatin1String(split));
    form->addRow(tr("Rows"), m_rows);
    m_style = combo(tr("Style"), "export-style");
    for (const auto& [id, name] : {std::pair {"columns", tr("Columns as they are")}, {"messages", tr("Messages (role and content)")}, {"sharegpt", tr("ShareGPT (from and value)")},
             {"alpaca", tr("Alpaca (instruction, input, output)")}, {"prompt-completion", tr("Prompt and completion")}, {"preference", tr("Preference (chosen, rejected)")}, {"text", tr("Text")}})
        m_style->addItem(name, QLatin1String(id));
    auto* style = widgets::row(10);
    style->addWidget(m_style);
    m_need = widgets::bodyLabel({}, widgets::Tone::Warning);
    m_need->setObjectName(QStringLiteral("export-need"));
    style->addWidget(m_need);
    style->addStretch(1);
    form->addRow(tr("Style"), style);
    auto* format = widgets::row(8);
    m_format = combo(tr("Format"), "export-format");
    for (const auto& [suffix, name] : {std::pair {".jsonl", tr("JSON lines")}, {".json", tr("JSON")}, {".csv", tr("CSV")}, {".tsv", tr("TSV")}, {".parquet", tr("Parquet")}, {".txt", tr("Plain text")}})
        m_format->addItem(QStringLiteral("%1 (%2)").arg(name, QLatin1String(suffix)), QLatin1String(suffix));
    m_packing = combo(tr("Compression"), "export-packing");
    for (const auto& [suffix, name] : {std::pair {"", tr("not compressed")}, {".gz", QStringLiteral("gzip")}, {".zst", QStringLiteral("zstd")}})
        m_packing->addItem(name, QLatin1String(suffix));
    format->addWidget(m_format);
    format->addWidget(m_packing);
    format->addStretch(1);
    form->addRow(tr("Format"), format);
    auto* path = widgets::row(8);
    m_path = new QLineEdit;
    m_path->setObjectName(QStringLiteral("export-path"));
    m_path->setAccessibleName(tr("File"));
    m_path->setMinimumWidth(style::scaled(380));
    auto* choose = widgets::button(tr("Choose…"));
    path->addWidget(m_path, 1);
    path->addWidget(choose);
    form->addRow(tr("File"), path);
    connect(m_style, &QComboBox::activated, this, &DataExportDialog::styleChanged);
    connect(m_format, &QComboBox::activated, this, &DataExportDialog::formatChanged);
    connect(m_packing, &QComboBox::activated, this, &DataExportDialog::formatChanged);
    connect(choose, &QPushButton::clicked, this, &DataExportDialog::choosePath);
    connect(m_path, &QLineEdit::textChanged, this, &DataExportDialog::showState);
    return form;
}

std::string DataExportDialog::style() const
{
    return bridge::toStd(m_style->currentData().toString());
}

QString DataExportDialog::suffix() const
{
    const QString format = m_format->currentData().toString();
    return format == QLatin1String(".parquet") ? format : format + m_packing->currentData().toString();
}

void DataExportDialog::setPath(const QString& path)
{
    m_path->setText(path);
}

void DataExportDialog::styleChanged()
{
    const auto status = pipeline::checkStyle(*m_opened->data, style());
    m_canStyle = status.has_value();
    m_need->setText(m_canStyle ? QString() : tr("%1 Roles are set on the Overview tab.").arg(toQString(status.error().message)));
    const auto example = m_canStyle && m_opened->data->rows() > 0 ? pipeline::rowInStyle(*m_opened->data, 0, style()) : Result<Json>(Json());
    m_example->setPlainText(!m_canStyle ? QString() : example ? toQString(example->dump(2, ' ', false, Json::error_handler_t::replace)).left(20'000) : toQString(example.error().message));
    showState();
}

void DataExportDialog::formatChanged()
{
    m_packing->setEnabled(m_format->currentData().toString() != QLatin1String(".parquet"));
    m_packing->setToolTip(m_packing->isEnabled() ? QString() : tr("Parquet files are compressed in themselves"));
    QString path = m_path->text();
    for (const char* ending : {".gz", ".zst"})
        if (path.endsWith(QLatin1String(ending)))
            path.chop(static_cast<int>(qstrlen(ending)));
    for (int i = 0; i < m_format->count(); ++i)
        if (path.endsWith(m_format->itemData(i).toString())) {
            path.chop(m_format->itemData(i).toString().size());
            break;
        }
    m_path->setText(path + suffix());
    showState();
}

void DataExportDialog::showState()
{
    if (m_isWriting)
        return;
    const QFileInfo info(m_path->text());
    m_info->setEnabled(isForLlamaFactory(suffix()));
    m_info->setToolTip(m_info->isEnabled() ? QString() : tr("LLaMA-Factory cannot read files of this format"));
    const bool isThere = info.exists() && !m_path->text().isEmpty();
    m_problem->setTone(isThere ? widgets::Tone::Warning : widgets::Tone::Danger);
    m_problem->setText(m_path->text().isEmpty() ? tr("Choose a file to write to.") : !info.absoluteDir().exists() ? tr("The folder %1 does not exist.").arg(info.absolutePath()) : isThere ? tr("%1 is replaced.").arg(info.fileName()) : QString());
    m_export->setText(isThere ? tr("Replace") : tr("Export"));
    m_export->setEnabled(m_canStyle && !m_path->text().isEmpty() && info.absoluteDir().exists() && !info.isDir());
}

void DataExportDialog::choosePath()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export rows"), m_path->text(), tr("Data (*%1)").arg(suffix()), nullptr, QFileDialog::DontConfirmOverwrite);
    if (path.isEmpty())
        return;
    m_path->setText(path);
    for (int i = 0; i < m_format->count(); ++i)
        if (path.contains(m_format->itemData(i).toString() + QLatin1Char('.')) || path.endsWith(m_format->itemData(i).toString()))
            m_format->setCurrentIndex(i);
    formatChanged();
}

void DataExportDialog::write()
{
    if (!m_export->isEnabled())
        return;
    const std::string path = bridge::toStd(m_path->text()), chosen = style(), split = bridge::toStd(m_rows->currentData().toString());
    const std::string argument = m_opened->argument() + (split.empty() ? "" : ":" + split), workspace = m_context.workspace.stdPath();
    const bool hasCard = m_card->isChecked(), hasInfo = m_info->isChecked() && m_info->isEnabled();
    auto report = std::make_shared<pipeline::DataExportReport>();
    m_isWriting = true;
    m_export->setEnabled(false);
    m_export->setText(tr("Writing…"));
    m_context.settings.setValue(kFolderKey, QFileInfo(m_path->text()).absolutePath());
    m_context.jobs.start(tr("Export of %1").arg(toQString(m_opened->row.name)),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(const auto opened, pipeline::openDataset(*store, argument, job));
            ATTUNE_TRY(*report, pipeline::exportDataset(*opened, path, chosen, job));
            if (hasCard) {
                ATTUNE_TRY([[maybe_unused]] const auto card, pipeline::writeDatasetCard(*store, argument, *opened, *report, chosen));
            }
            if (hasInfo) {
                ATTUNE_TRY([[maybe_unused]] const auto info, pipeline::addToDatasetInfo(*opened, *report, chosen));
            }
            return {};
        },
        this,
        [this, report](const Status& status) {
            m_isWriting = false;
            showState();
            if (!status) {
                m_problem->setTone(widgets::Tone::Danger);
                m_problem->setText(toQString(status.error().message + " " + status.error().hint));
                return;
            }
            m_context.navigator.toast(tr("%1 rows were written to %2").arg(bridge::grouped(report->rows), QDir::toNativeSeparators(toQString(report->path))));
            accept();
        });
}

}
