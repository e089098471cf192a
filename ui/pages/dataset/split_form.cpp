// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/split_form.h"

#include "bridge/text.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QFormLayout>
#include <QSpinBox>

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr double kTogetherThreshold = 0.85;

QSpinBox* shareField(int value, const QString& name)
{
    auto* field = new QSpinBox;
    field->setRange(0, 90);
    field->setValue(value);
    field->setSuffix(QStringLiteral(" %"));
    field->setFixedWidth(style::kShortField);
    field->setAccessibleName(name);
    return field;
}

}

SplitForm::SplitForm(QWidget* parent)
    : QWidget(parent)
{
    m_form = new QFormLayout;
    m_form->setLabelAlignment(Qt::AlignLeft);
    m_form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    m_form->setHorizontalSpacing(16);
    m_form->setVerticalSpacing(8);
    m_form->setContentsMargins(0, 0, 0, 0);
    setLayout(m_form);
    m_method = new widgets::SegmentedControl({tr("By shares"), tr("By a column")});
    m_method->setObjectName(QStringLiteral("split-method"));
    m_method->setAccessibleName(tr("Divide"));
    m_form->addRow(tr("Divide"), m_method);
    m_shares = buildShares();
    m_form->addRow(tr("Shares"), m_shares);
    const auto combo = [this](const QString& name, const char* object) {
        auto* made = new QComboBox;
        made->setMinimumWidth(style::scaled(272));
        made->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
        made->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        made->setAccessibleName(name);
        made->setObjectName(QLatin1String(object));
        m_form->addRow(name, made);
        connect(made, &QComboBox::activated, this, &SplitForm::changed);
        return made;
    };
    m_column = combo(tr("Column"), "split-column");
    m_column->setToolTip(tr("Its values name the part: train, eval or validation, test"));
    m_stratify = combo(tr("Same shares of"), "split-stratify");
    m_stratify->setToolTip(tr("Every value of this column gets the same share of each part"));
    m_group = combo(tr("Keep together"), "split-group");
    m_group->setToolTip(tr("Rows with the same value in this column go to one part"));
    m_together = combo(tr("Duplicates"), "split-together");
    m_together->addItem(tr("nearly equal rows go to one part"), static_cast<int>(cleaner::DuplicateMethod::Near));
    m_together->addItem(tr("equal but for case and spaces"), static_cast<int>(cleaner::DuplicateMethod::Normalized));
    m_together->addItem(tr("equal rows go to one part"), static_cast<int>(cleaner::DuplicateMethod::Exact));
    m_together->addItem(tr("may lie in different parts"), -1);
    m_seed = new QSpinBox;
    m_seed->setRange(0, 1'000'000'000);
    m_seed->setValue(42);
    m_seed->setFixedWidth(style::kNumberField);
    m_seed->setToolTip(tr("The same seed gives the same parts"));
    m_form->addRow(tr("Seed"), m_seed);
    connect(m_method, &widgets::SegmentedControl::currentChanged, this, [this] {
        showMethod();
        emit changed();
    });
    connect(m_seed, &QSpinBox::valueChanged, this, &SplitForm::changed);
    showMethod();
}

QWidget* SplitForm::buildShares()
{
    auto* holder = new QWidget;
    auto* row = widgets::row(8);
    holder->setLayout(row);
    m_train = widgets::monoLabel(QStringLiteral("90 %"));
    m_eval = shareField(10, tr("Share of eval"));
    m_eval->setObjectName(QStringLiteral("split-eval"));
    m_test = shareField(0, tr("Share of test"));
    m_test->setObjectName(QStringLiteral("split-test"));
    row->addWidget(widgets::bodyLabel(tr("train"), widgets::Tone::Secondary));
    row->addWidget(m_train);
    row->addSpacing(8);
    row->addWidget(widgets::bodyLabel(tr("eval"), widgets::Tone::Secondary));
    row->addWidget(m_eval);
    row->addSpacing(8);
    row->addWidget(widgets::bodyLabel(tr("test"), widgets::Tone::Secondary));
    row->addWidget(m_test);
    const auto show = [this] {
        m_train->setText(tr("%1 %").arg(shares()[0]));
        emit changed();
    };
    connect(m_eval, &QSpinBox::valueChanged, this, [this, show] {
        m_test->setMaximum(99 - m_eval->value());
        show();
    });
    connect(m_test, &QSpinBox::valueChanged, this, [this, show] {
        m_eval->setMaximum(99 - m_test->value());
        show();
    });
    return holder;
}

void SplitForm::showMethod()
{
    // QFormLayout::setRowVisible came with Qt 6.4.
    m_form->setRowVisible(m_shares, !isByColumn());
    m_form->setRowVisible(m_column, isByColumn());
    for (QWidget* field : {static_cast<QWidget*>(m_stratify), static_cast<QWidget*>(m_group), static_cast<QWidget*>(m_together), static_cast<QWidget*>(m_seed)})
        m_form->setRowVisible(field, !isByColumn());
}

void SplitForm::fillColumns(QComboBox* combo, const OpenedPtr& opened, const QString& none)
{
    const QString before = combo->currentData().toString();
    combo->clear();
    if (!none.isEmpty())
        combo->addItem(none, QString());
    for (const auto& column : opened->data->columns())
        combo->addItem(toQString(column.name), toQString(column.name));
    combo->setCurrentIndex(std::max(0, combo->findData(before)));
}

void SplitForm::setDataset(const OpenedPtr& opened)
{
    fillColumns(m_column, opened, {});
    fillColumns(m_stratify, opened, tr("nothing in particular"));
    fillColumns(m_group, opened, tr("nothing in particular"));
    const Json split = opened->row.info.value("split", Json());
    if (!split.is_object())
        return;
    const QSignalBlocker blocker(this);
    const auto ratios = split.value("ratios", std::vector<double>());
    if (ratios.size() > 1)
        m_eval->setValue(qRound(ratios[1] * 100));
    m_test->setValue(ratios.size() > 2 ? qRound(ratios[2] * 100) : 0);
    m_seed->setValue(split.value("seed", 42));
    const auto choose = [&](QComboBox* combo, const char* key) { combo->setCurrentIndex(std::max(0, combo->findData(toQString(split.value(key, std::string()))))); };
    choose(m_column, "column");
    choose(m_stratify, "stratify");
    choose(m_group, "group");
    m_method->setCurrentIndex(split.value("column", std::string()).empty() ? 0 : 1);
}

bool SplitForm::isByColumn() const
{
    return m_method->currentIndex() == 1;
}

std::vector<int> SplitForm::shares() const
{
    return {100 - m_eval->value() - m_test->value(), m_eval->value(), m_test->value()};
}

pipeline::SplitOptions SplitForm::options() const
{
    pipeline::SplitOptions options;
    if (isByColumn()) {
        options.column = bridge::toStd(m_column->currentData().toString());
        return options;
    }
    const auto parts = shares();
    options.ratios = {parts[0] / 100.0, parts[1] / 100.0, parts[2] / 100.0};
    options.seed = static_cast<std::uint64_t>(m_seed->value());
    options.stratify = bridge::toStd(m_stratify->currentData().toString());
    options.group = bridge::toStd(m_group->currentData().toString());
    if (const int method = m_together->currentData().toInt(); method >= 0) {
        options.together.emplace();
        options.together->method = static_cast<cleaner::DuplicateMethod>(method);
        options.together->threshold = kTogetherThreshold;
    }
    return options;
}

}
