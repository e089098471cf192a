// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/duplicates_controls.h"

#include "bridge/text.h"
#include "pages/dataset/keeper_dialog.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/rule_chip.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSlider>
#include <QStackedWidget>

namespace attune::pages {

using Method = DuplicatesWanted::Method;

namespace {

constexpr int kLowest = 50, kHighest = 100, kBars = 30;  // the slider is in hundredths
const QString kKeepersKey = QStringLiteral("duplicates/keepers"), kThresholdKey = QStringLiteral("duplicates/threshold"), kMethodKey = QStringLiteral("duplicates/method");

QLayout* controlRow(const QString& name, QWidget* buddy, widgets::Label** made = nullptr)
{
    auto* row = widgets::row(8);
    auto* label = widgets::bodyLabel(name);
    label->setFixedWidth(std::max(style::scaled(84), label->fontMetrics().horizontalAdvance(DuplicatesControls::tr("Similarity")) + style::kSpace1));  // the longest of the three
    label->setBuddy(buddy);
    row->addWidget(label);
    if (made)
        *made = label;
    return row;
}

}

DuplicatesControls::DuplicatesControls(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    m_method = new widgets::SegmentedControl({tr("Exact"), tr("Ignore case and spaces"), tr("Near"), tr("Train and eval")});
    m_method->setObjectName(QStringLiteral("duplicates-method"));
    m_method->setAccessibleName(tr("Method"));
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setRange(kLowest, kHighest);
    m_slider->setFixedWidth(180);
    m_slider->setAccessibleName(tr("Similarity"));
    m_threshold = new QDoubleSpinBox;
    m_threshold->setRange(kLowest / 100.0, kHighest / 100.0);
    m_threshold->setSingleStep(0.01);
    m_threshold->setDecimals(2);
    m_threshold->setPrefix(QStringLiteral("≥ "));
    m_threshold->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_threshold->setFixedWidth(style::kShortField);
    m_threshold->setAccessibleName(tr("Least similarity"));
    m_find = widgets::button(tr("Find"), widgets::ButtonRole::Secondary, QStringLiteral("search"));
    m_find->setObjectName(QStringLiteral("find-duplicates"));
    m_fact = new widgets::ElidedLabel;
    m_fact->setTone(widgets::Tone::Secondary);

    auto* left = widgets::column(6);
    auto* method = static_cast<QHBoxLayout*>(controlRow(tr("Method"), m_method));
    method->addWidget(m_method);
    method->addStretch(1);
    left->addLayout(method);
    auto* similarity = static_cast<QHBoxLayout*>(controlRow(tr("Similarity"), m_threshold));
    similarity->addWidget(m_slider);
    similarity->addWidget(m_threshold);
    similarity->addWidget(m_find);
    similarity->addWidget(m_fact, 1);
    left->addLayout(similarity);
    auto* keep = static_cast<QHBoxLayout*>(controlRow(tr("Keep"), nullptr, &m_keepLabel));
    m_keep = new QStackedWidget;
    m_keep->addWidget(buildKeepers());
    m_keep->addWidget(buildLeaks());
    keep->addWidget(m_keep, 1);
    left->addLayout(keep);

    auto* right = widgets::column(4);
    auto* head = widgets::row(0);
    m_pairsTitle = widgets::captionLabel(tr("Pairs by similarity"));
    m_pairs = widgets::captionLabel({});
    m_pairs->setTone(widgets::Tone::Text);
    head->addWidget(m_pairsTitle);
    head->addStretch(1);
    head->addWidget(m_pairs);
    right->addLayout(head);
    m_histogram = new widgets::SimilarityHistogram;
    right->addWidget(m_histogram);
    right->addStretch(1);
    auto* layout = widgets::row(16);
    layout->setContentsMargins(16, 10, 16, 8);
    layout->addLayout(left, 1);
    layout->addLayout(right);
    setLayout(layout);

    m_method->setCurrentIndex(std::clamp(context.settings.value(kMethodKey, int(Method::Near)).toInt(), 0, 3));
    m_threshold->setValue(context.settings.value(kThresholdKey, 0.85).toDouble());
    m_slider->setValue(qRound(m_threshold->value() * 100));
    const auto names = context.settings.value(kKeepersKey).toStringList();
    for (const auto& name : names)
        for (const auto rule : cleaner::allKeeperRules())
            if (name == QLatin1String(cleaner::keeperRuleName(rule)))
                m_keepers.push_back(rule);
    if (m_keepers.empty())
        m_keepers = cleaner::ClusterOptions().keepers;
    fillKeepers();
    connect(m_method, &widgets::SegmentedControl::currentChanged, this, &DuplicatesControls::methodChanged);
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) { m_threshold->setValue(value / 100.0); });
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, &DuplicatesControls::thresholdChanged);
    connect(m_find, &QPushButton::clicked, this, [this] { m_isBusy ? emit stopWanted() : emit findWanted(); });
    methodChanged();
    setFound(nullptr);
}

QWidget* DuplicatesControls::buildKeepers()
{
    auto* holder = new QWidget;
    auto* row = widgets::row(8);
    holder->setLayout(row);
    m_rules = widgets::row(8);
    row->addLayout(m_rules);
    auto* change = widgets::button(tr("Change…"), widgets::ButtonRole::Ghost);
    row->addWidget(change);
    row->addStretch(1);
    connect(change, &QPushButton::clicked, this, &DuplicatesControls::changeKeepers);
    return holder;
}

QWidget* DuplicatesControls::buildLeaks()
{
    auto* holder = new QWidget;
    auto* row = widgets::row(8);
    holder->setLayout(row);
    m_side = new widgets::SegmentedControl({tr("Train"), tr("Eval")});
    m_side->setObjectName(QStringLiteral("leak-side"));
    m_side->setAccessibleName(tr("Drop from"));
    row->addWidget(m_side);
    row->addWidget(widgets::bodyLabel(tr("Eval rows are")));
    m_other = new QComboBox;
    m_other->setObjectName(QStringLiteral("leak-other"));
    m_other->setAccessibleName(tr("Eval rows"));
    m_other->setMinimumWidth(180);
    row->addWidget(m_other);
    row->addStretch(1);
    connect(m_side, &widgets::SegmentedControl::currentChanged, this, &DuplicatesControls::wantedChanged);
    return holder;
}

void DuplicatesControls::fillKeepers()
{
    while (auto* item = m_rules->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < m_keepers.size(); ++i)
        m_rules->addWidget(new widgets::RuleChip(static_cast<int>(i) + 1, keeperRuleWord(m_keepers[i])));
}

void DuplicatesControls::changeKeepers()
{
    KeeperDialog dialog(m_keepers, this);
    if (dialog.exec() != QDialog::Accepted || dialog.rules() == m_keepers)
        return;
    m_keepers = dialog.rules();
    QStringList names;
    for (const auto rule : m_keepers)
        names.append(QLatin1String(cleaner::keeperRuleName(rule)));
    m_context.settings.setValue(kKeepersKey, names);
    fillKeepers();
    emit wantedChanged();
}

DuplicatesWanted DuplicatesControls::wanted() const
{
    DuplicatesWanted wanted;
    wanted.method = static_cast<Method>(m_method->currentIndex());
    wanted.threshold = m_threshold->value();
    wanted.keepers = m_keepers;
    wanted.other = bridge::toStd(m_other->currentData().toString());
    wanted.dropsTrain = m_side->currentIndex() == 0;
    return wanted;
}

void DuplicatesControls::setMethod(Method method)
{
    m_method->setCurrentIndex(static_cast<int>(method));
}

void DuplicatesControls::setOthers(const QStringList& names, bool hasSplits)
{
    const QVariant before = m_other->currentData();
    m_other->clear();
    if (hasSplits)
        m_other->addItem(tr("this version's eval part"), QString());
    for (const auto& name : names)
        m_other->addItem(name, name);
    m_other->setCurrentIndex(std::max(0, m_other->findData(before)));
}

void DuplicatesControls::methodChanged()
{
    const auto method = static_cast<Method>(m_method->currentIndex());
    const bool hasThreshold = method == Method::Near || method == Method::TrainAndEval;
    m_slider->setEnabled(hasThreshold);
    m_threshold->setEnabled(hasThreshold);
    for (QWidget* one : {static_cast<QWidget*>(m_slider), static_cast<QWidget*>(m_threshold)})
        one->setToolTip(hasThreshold ? QString() : tr("This method finds equal rows only: there is nothing to set."));
    m_keep->setCurrentIndex(method == Method::TrainAndEval ? 1 : 0);
    m_keepLabel->setText(method == Method::TrainAndEval ? tr("Drop from") : tr("Keep"));
    m_context.settings.setValue(kMethodKey, m_method->currentIndex());
    if (m_found)
        setFact(m_found->wanted.method == method ? QString() : tr("What is shown was found by another method"));
}

void DuplicatesControls::thresholdChanged(double value)
{
    m_slider->setValue(qRound(value * 100));
    m_histogram->setThreshold(value);
    m_context.settings.setValue(kThresholdKey, value);
    showPairs();
    if (m_found && value < m_found->similar.floor - 1e-9)
        setFact(tr("Find again to look below %1").arg(bridge::decimal(m_found->similar.floor, 2)), widgets::Tone::Warning);
    emit wantedChanged();
}

void DuplicatesControls::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    // What comes next: to look, then to apply what was found.
    const bool isNext = !isBusy && !m_found;
    m_find->setProperty("role", isNext ? QStringLiteral("primary") : QString());
    m_find->update();
    m_find->setText(isBusy ? tr("Stop") : m_found ? tr("Find again") : tr("Find"));
    m_find->setIcon(isNext ? style::icon(QStringLiteral("search"), style::IconColour::OnAccent) : style::icon(isBusy ? QStringLiteral("stop") : QStringLiteral("search")));
}

void DuplicatesControls::setFact(const QString& text, widgets::Tone tone)
{
    m_fact->setTone(tone);
    m_fact->setText(text);
}

void DuplicatesControls::setFound(const FoundPtr& found)
{
    m_found = found;
    setBusy(false);
    const bool hasPairs = found && found->similar.method == cleaner::DuplicateMethod::Near;
    for (QWidget* part : {static_cast<QWidget*>(m_histogram), static_cast<QWidget*>(m_pairs), static_cast<QWidget*>(m_pairsTitle)})
        part->setVisible(hasPairs);
    if (!hasPairs)
        return;
    m_histogram->setPairs(found->similar.floor, cleaner::pairsBySimilarity(found->similar, found->similar.floor, kBars));
    m_histogram->setThreshold(m_threshold->value());
    showPairs();
}

void DuplicatesControls::showPairs()
{
    if (m_found)
        m_pairs->setText(tr("%1 pairs found").arg(bridge::grouped(cleaner::pairsFrom(m_found->similar, m_threshold->value()))));
}

}
