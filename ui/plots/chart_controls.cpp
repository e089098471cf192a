// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_controls.h"

#include "bridge/text.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QSlider>

namespace attune::plots {

ChartControls::ChartControls(QSettings& settings, const QString& name, XAxis axis, QWidget* parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_name(name)
{
    build();
    load(name, axis);
    connectAll();
}

void ChartControls::build()
{
    auto* line = widgets::row(style::kSpace2);
    setLayout(line);
    m_axisLabel = widgets::bodyLabel(tr("X"), widgets::Tone::Secondary);
    line->addWidget(m_axisLabel);
    m_axis = new QComboBox;
    m_axis->setObjectName(QStringLiteral("chart-axis"));
    m_axis->setAccessibleName(tr("X axis"));
    for (const auto axis : {XAxis::Step, XAxis::Tokens, XAxis::Time, XAxis::Epoch})
        m_axis->addItem(axisName(axis), static_cast<int>(axis));
    line->addWidget(m_axis);
    line->addSpacing(style::kSpace1);
    m_smoothingLabel = widgets::bodyLabel(tr("Smoothing"), widgets::Tone::Secondary);
    line->addWidget(m_smoothingLabel);
    m_smoothing = new QSlider(Qt::Horizontal);
    m_smoothing->setObjectName(QStringLiteral("chart-smoothing"));
    m_smoothing->setRange(0, 99);
    m_smoothing->setFixedWidth(64);
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setToolTip(tr("Debiased moving average: how much of the value before stays."));
    line->addWidget(m_smoothing);
    m_value = widgets::monoLabel({});
    m_value->setFixedWidth(m_value->fontMetrics().horizontalAdvance(QStringLiteral("0.000")));
    line->addWidget(m_value);
    m_raw = new QCheckBox(tr("Raw"));
    m_log = new QCheckBox(tr("Log"));
    m_log->setToolTip(tr("Logarithmic y axis for losses"));
    line->addWidget(m_raw);
    line->addWidget(m_log);
    m_outliers = new QComboBox;
    m_outliers->setObjectName(QStringLiteral("chart-outliers"));
    m_outliers->setAccessibleName(tr("Outliers"));
    m_outliers->setToolTip(tr("Which values the y axis has room for; those over the edge get a mark there."));
    m_outliers->addItem(tr("all values"), static_cast<int>(Outliers::Shown));
    m_outliers->addItem(tr("p1–p99"), static_cast<int>(Outliers::P99));
    m_outliers->addItem(tr("p5–p95"), static_cast<int>(Outliers::P95));
    line->addWidget(m_outliers);
}

void ChartControls::setCompact(bool isCompact)
{
    for (QWidget* one : {static_cast<QWidget*>(m_axisLabel), static_cast<QWidget*>(m_smoothingLabel), static_cast<QWidget*>(m_outliers)})
        one->setVisible(!isCompact);
}

void ChartControls::load(const QString& name, XAxis axis)
{
    m_axis->setCurrentIndex(m_settings.value(QStringLiteral("charts/axis-") + name, static_cast<int>(axis)).toInt());
    m_smoothing->setValue(m_settings.value(QStringLiteral("charts/smoothing"), 60).toInt());
    m_raw->setChecked(m_settings.value(QStringLiteral("charts/raw"), true).toBool());
    m_log->setChecked(m_settings.value(QStringLiteral("charts/log"), false).toBool());
    m_outliers->setCurrentIndex(m_settings.value(QStringLiteral("charts/outliers"), static_cast<int>(Outliers::P99)).toInt());
    take();
}

void ChartControls::connectAll()
{
    const auto said = [this] {
        take();
        m_settings.setValue(QStringLiteral("charts/axis-") + m_name, m_axis->currentIndex());
        m_settings.setValue(QStringLiteral("charts/smoothing"), m_smoothing->value());
        m_settings.setValue(QStringLiteral("charts/raw"), m_raw->isChecked());
        m_settings.setValue(QStringLiteral("charts/log"), m_log->isChecked());
        m_settings.setValue(QStringLiteral("charts/outliers"), m_outliers->currentIndex());
        emit changed(m_view);
    };
    connect(m_axis, &QComboBox::currentIndexChanged, this, said);
    connect(m_smoothing, &QSlider::valueChanged, this, said);
    connect(m_raw, &QCheckBox::toggled, this, said);
    connect(m_log, &QCheckBox::toggled, this, said);
    connect(m_outliers, &QComboBox::currentIndexChanged, this, said);
}

void ChartControls::take()
{
    m_view = {static_cast<XAxis>(m_axis->currentIndex()), m_smoothing->value() / 100.0, m_raw->isChecked(), m_log->isChecked(), static_cast<Outliers>(m_outliers->currentIndex())};
    m_value->setText(bridge::decimal(m_view.smoothing, 2));
}

}
