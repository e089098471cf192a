// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/combine_dialog.h"

#include "base/names.h"
#include "pipeline/dataset_jobs.h"
#include "style/metrics.h"
#include "widgets/basics.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>

namespace attune::pages {

using bridge::toQString;

CombineDialog::CombineDialog(shell::Context& context, const std::vector<store::DatasetRow>& datasets, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("combine"));
    setWindowTitle(tr("Combine datasets"));
    setMinimumWidth(style::scaled(520));
    auto* layout = widgets::column(10, 16);
    setLayout(layout);
    layout->addWidget(widgets::wrappedLabel(tr("Rows are copied into a new dataset; the parts stay as they are. Equal columns stay columns, otherwise all rows become conversations.")));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(6);
    grid->addWidget(widgets::captionLabel(tr("Dataset")), 0, 0);
    grid->addWidget(widgets::captionLabel(tr("Weight")), 0, 1);
    grid->addWidget(widgets::captionLabel(tr("Rows")), 0, 2, Qt::AlignRight);
    for (const auto& row : datasets) {
        const int line = static_cast<int>(m_parts.size()) + 1;
        Part part {row};
        part.box = new QCheckBox(QStringLiteral("%1@%2").arg(toQString(row.name)).arg(row.version));
        part.box->setChecked(true);
        part.weight = new QDoubleSpinBox;
        part.weight->setRange(0, 1000);
        part.weight->setDecimals(2);
        part.weight->setSingleStep(0.5);
        part.weight->setValue(1);
        part.weight->setPrefix(QStringLiteral("× "));
        part.weight->setFixedWidth(style::scaled(90));
        part.weight->setAccessibleName(tr("Weight of %1").arg(toQString(row.name)));
        part.rows = widgets::monoLabel({});
        grid->addWidget(part.box, line, 0);
        grid->addWidget(part.weight, line, 1);
        grid->addWidget(part.rows, line, 2, Qt::AlignRight);
        connect(part.box, &QCheckBox::toggled, this, &CombineDialog::showSum);
        connect(part.weight, &QDoubleSpinBox::valueChanged, this, &CombineDialog::showSum);
        m_parts.push_back(part);
    }
    grid->setColumnStretch(0, 1);
    layout->addLayout(grid);
    layout->addWidget(new widgets::Hairline);
    auto* options = widgets::row(10);
    m_shuffle = new QCheckBox(tr("Shuffle the rows"));
    m_shuffle->setChecked(true);
    m_seed = new QSpinBox;
    m_seed->setRange(0, 1'000'000'000);
    m_seed->setValue(42);
    m_seed->setPrefix(tr("seed "));
    m_seed->setFixedWidth(style::scaled(110));
    m_sum = widgets::headingLabel({});
    m_sum->setObjectName(QStringLiteral("combined-rows"));
    options->addWidget(m_shuffle);
    options->addWidget(m_seed);
    options->addStretch(1);
    options->addWidget(m_sum);
    layout->addLayout(options);
    auto* name = widgets::row(10);
    name->addWidget(widgets::bodyLabel(tr("Name")));
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("combined-name"));
    m_name->setAccessibleName(tr("Name of the new dataset"));
    m_name->setFixedWidth(style::scaled(240));
    m_name->setText(datasets.empty() ? QString() : toQString(toName(datasets.front().name + "-mix")));
    name->addWidget(m_name);
    name->addStretch(1);
    layout->addLayout(name);
    m_problem = widgets::wrappedLabel({}, widgets::Tone::Danger);
    layout->addWidget(m_problem);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_combine = buttons->addButton(tr("Combine"), QDialogButtonBox::AcceptRole);
    m_combine->setObjectName(QStringLiteral("combine-now"));
    m_combine->setProperty("role", QStringLiteral("primary"));
    m_combine->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &CombineDialog::combine);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_shuffle, &QCheckBox::toggled, m_seed, &QWidget::setEnabled);
    showSum();
}

void CombineDialog::showSum()
{
    qint64 sum = 0;
    int parts = 0;
    for (const auto& part : m_parts) {
        const bool isUsed = part.box->isChecked() && part.weight->value() > 0;
        part.weight->setEnabled(part.box->isChecked());
        const qint64 rows = isUsed ? qRound64(static_cast<double>(part.row.rows) * part.weight->value()) : 0;
        part.rows->setText(bridge::grouped(rows));
        sum += rows;
        parts += isUsed;
    }
    m_sum->setText(tr("%1 rows").arg(bridge::grouped(sum)));
    m_combine->setEnabled(parts > 0 && sum > 0);
    m_combine->setToolTip(m_combine->isEnabled() ? QString() : tr("Choose datasets with a weight above 0"));
}

void CombineDialog::combine()
{
    pipeline::CombineOptions options;
    for (const auto& part : m_parts)
        if (part.box->isChecked() && part.weight->value() > 0) {
            options.datasets.push_back(fmt::format("{}@{}", part.row.name, part.row.version));
            options.weights.push_back(part.weight->value());
        }
    options.seed = static_cast<std::uint64_t>(m_seed->value());
    options.isShuffled = m_shuffle->isChecked();
    const std::string name = bridge::toStd(m_name->text()), workspace = m_context.workspace.stdPath();
    m_combine->setEnabled(false);
    m_problem->clear();
    m_context.jobs.start(tr("Combining %1").arg(m_name->text()),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            auto report = pipeline::combineDatasets(*store, options, name, job);
            return report ? Status() : Status(report.error());
        },
        this,
        [this, name](const Status& status) {
            m_combine->setEnabled(true);
            if (!status) {
                m_problem->setText(toQString(status.error().message + " " + status.error().hint));
                return;
            }
            m_context.workspace.announceChange();
            emit made(toQString(name));
            accept();
        });
}

}
