// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/first_batch_panel.h"

#include "bridge/text.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QEvent>

namespace attune::pages {

namespace {
constexpr qsizetype kMostTokens = 6000;
constexpr int kLines = 4;
}

FirstBatchPanel::FirstBatchPanel(QWidget* parent)
    : Panel(tr("First batch"), parent)
{
    m_legend = new TokenLegend;
    m_closer = widgets::smallButton(tr("Look closer"), widgets::ButtonRole::Ghost);
    m_closer->setToolTip(tr("Every row of the batch, with ids"));
    addAction(m_legend);
    addAction(m_closer);
    connect(m_closer, &QPushButton::clicked, this, &FirstBatchPanel::lookCloser);
    auto* both = widgets::row(0);
    for (int i = 0; i < 2; ++i) {
        auto* side = new QWidget;
        auto* column = widgets::column();
        side->setLayout(column);
        m_names[i] = widgets::captionLabel({});
        m_names[i]->setContentsMargins(12, 6, 0, 0);
        m_names[i]->hide();
        column->addWidget(m_names[i]);
        m_views[i] = new widgets::TokenView;
        m_views[i]->setBreaksLines(false);
        m_views[i]->viewport()->installEventFilter(this);
        m_views[i]->setFixedHeight(widgets::TokenView::heightFor(kLines) - 8);
        column->addWidget(m_views[i]);
        if (i == 1) {
            m_between = new widgets::Hairline(Qt::Vertical);
            m_between->hide();
            both->addWidget(m_between);
            m_second = side;
            side->hide();
        }
        both->addWidget(side, 1);
    }
    body()->addLayout(both);
    setMessage(tr("Choose a model and a dataset, and the first rows appear here as the model will read them."));
}

/// The wheel scrolls the form; the panel has its scroll bar and the closer look.
bool FirstBatchPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Wheel) {
        event->ignore();
        return true;
    }
    return Panel::eventFilter(watched, event);
}

void FirstBatchPanel::setBatch(const pipeline::TokenBatch& batch)
{
    setTitle(batch.isOrderKnown ? tr("First batch") : tr("First rows"));
    setCaption(batch.rows.size() == 1 ? tr("1 row, %1 tokens").arg(bridge::grouped(batch.tokens))
                                      : tr("%1 rows, %2 tokens").arg(batch.rows.size()).arg(bridge::grouped(batch.tokens)));
    m_legend->setShares(static_cast<double>(batch.trained) / static_cast<double>(std::max<std::int64_t>(1, batch.tokens)));
    const std::size_t parts = partsOf(batch);
    m_second->setVisible(parts > 1);
    m_between->setVisible(parts > 1);
    for (std::size_t i = 0; i < 2; ++i) {
        m_names[i]->setVisible(parts > 1);
        if (parts > 1 && !batch.rows.empty() && i < batch.rows.front().parts.size()) {
            const std::string& name = batch.rows.front().parts[i].name;
            m_names[i]->setText(name == "chosen" ? tr("Chosen answers") : name == "rejected" ? tr("Rejected answers") : name == "source" ? tr("What is read") : tr("What is written"));
        }
        m_views[i]->setTokens(shownTokens(batch.rows, i, kMostTokens));
    }
    m_legend->show();
    m_closer->setEnabled(true);
}

void FirstBatchPanel::setMessage(const QString& text)
{
    setCaption({});
    m_views[0]->setMessage(text);
    m_second->hide();
    m_between->hide();
    for (auto* name : m_names)
        name->hide();
    m_legend->hide();
    m_closer->setEnabled(false);
}

}
