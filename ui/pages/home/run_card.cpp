// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/home/run_card.h"

#include "bridge/text.h"
#include "pages/run/run_data.h"
#include "pages/run_actions.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::pages {

using bridge::toQString;

RunCard::RunCard(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("continue"));
    setMinimumHeight(style::scaled(160));
    auto* column = widgets::column(style::kSpace2, style::kSpace4);
    setLayout(column);
    auto* head = widgets::row();
    m_heading = widgets::headingLabel({});
    head->addWidget(m_heading);
    head->addStretch(1);
    m_chip = new widgets::StatusChip;
    head->addWidget(m_chip);
    column->addLayout(head);
    column->addStretch(1);
    auto* buttons = widgets::row();
    m_first = widgets::button(tr("Open"), widgets::ButtonRole::Primary);
    m_first->setObjectName(QStringLiteral("continue-open"));
    m_second = widgets::button({});
    buttons->addWidget(m_first);
    buttons->addWidget(m_second);
    buttons->addStretch(1);
    column->addLayout(buttons);
    connect(m_first, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Runs, toQString(m_run.id)); });
    connect(m_second, &QPushButton::clicked, this, [this] {
        if (m_run.status == store::RunStatus::Interrupted)
            resumeRunHere(m_context, toQString(m_run.id), this);
        else if (m_run.status == store::RunStatus::Failed)
            m_context.navigator.open(shell::PageId::Train, QStringLiteral("recipe:") + toQString(m_run.recipe));
        else if (RunData::isLive(m_run) || m_run.stepsDone == 0)
            m_context.navigator.open(shell::PageId::Activity);
        else
            m_context.navigator.open(shell::PageId::TryOut, toQString(m_run.id));
    });
}

void RunCard::setRun(const store::RunRow& run, bool needsAttention)
{
    m_run = run;
    m_heading->setText(needsAttention ? tr("Needs attention") : tr("Continue"));
    setToolTip(toQString(run.error));
    m_chip->setStatus(toQString(store::statusName(run.status)));
    const bool isLive = RunData::isLive(run);
    m_first->setText(isLive ? tr("Watch the run") : run.status == store::RunStatus::Interrupted || run.status == store::RunStatus::Failed ? tr("Look at the run") : tr("Open the run"));
    m_second->setText(run.status == store::RunStatus::Interrupted ? tr("Resume") : run.status == store::RunStatus::Failed ? tr("New run from this…") : isLive || run.stepsDone == 0 ? tr("Show activity") : tr("Compare with the base model"));
    setAccessibleName(tr("Continue with %1").arg(toQString(run.id)));
    update();
}

void RunCard::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.surface, t.border, style::kPanelRadius);
    const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
    const auto start = [this](const QString& text) { return style::textFlags(text, layoutDirection()); };
    const QRect dot = visual(QRect(16, 52, 10, 10));
    style::drawRunMark(&painter, QRectF(dot).center(), m_run.colour);
    painter.setFont(style::body(style::Weight::Medium));
    painter.setPen(t.text);
    painter.drawText(visual(QRect(34, 46, width() - 50, 22)), start(toQString(m_run.id)), toQString(m_run.id));
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    const QString from = tr("%1 on %2, %3").arg(bridge::modelName(m_run.model), bridge::datasetName(m_run.dataset), bridge::when(toQString(m_run.started)));
    painter.drawText(visual(QRect(34, 67, width() - 50, 18)), start(from), painter.fontMetrics().elidedText(from, Qt::ElideRight, width() - 50));
    const double share = m_run.stepsTotal > 0 ? static_cast<double>(m_run.stepsDone) / static_cast<double>(m_run.stepsTotal) : 0;
    const QRect groove(34, 92, width() - 50, 6);
    style::drawBox(&painter, visual(groove), t.hover, QColor(), 3);
    if (share > 0)
        style::drawBox(&painter, visual(QRect(34, 92, std::max(4, static_cast<int>(groove.width() * std::min(1.0, share))), 6)), t.accent, QColor(), 3);
    painter.setFont(style::caption());
    if (!m_run.error.empty()) {
        painter.setPen(t.danger);
        return painter.drawText(visual(QRect(34, 101, width() - 50, 18)), start(toQString(m_run.error)), painter.fontMetrics().elidedText(toQString(m_run.error), Qt::ElideRight, width() - 50));
    }
    QStringList facts {tr("step %1 of %2").arg(bridge::grouped(m_run.stepsDone), bridge::grouped(m_run.stepsTotal))};
    if (m_run.trainLoss)
        facts.append(tr("loss %1").arg(bridge::decimal(*m_run.trainLoss, 3)));
    if (m_run.evalLoss)
        facts.append(tr("eval %1").arg(bridge::decimal(*m_run.evalLoss, 3)));
    painter.setFont(style::monoCaption());
    painter.setPen(t.text);
    const QString values = facts.join(QStringLiteral("   "));
    painter.drawText(visual(QRect(34, 101, width() - 50, 18)), start(values), values);
}

}
