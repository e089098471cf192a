// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/kept_bar.h"

#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

namespace {
QString mono(const QString& text)
{
    return QStringLiteral("<span style=\"font-family:'Attune Mono'\">%1</span>").arg(text);
}
}

class KeptBar::Bar final : public QWidget
{
public:
    Bar() { setFixedSize(style::scaled(160), 8); }
    double share = 1;

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        style::drawBox(&painter, rect(), t.hover, QColor(), style::kSmallRadius);
        QRect kept = rect();
        kept.setWidth(std::max(2, static_cast<int>(width() * share)));
        style::drawBox(&painter, kept, t.accent, QColor(), style::kSmallRadius);
    }
};

KeptBar::KeptBar(QWidget* parent)
    : QWidget(parent)
{
    auto* line = widgets::row(style::kSpace3);
    setLayout(line);
    const auto add = [&](widgets::Tone tone) {
        auto* label = widgets::bodyLabel({}, tone);
        label->setTextFormat(Qt::RichText);
        return label;
    };
    m_kept = add(widgets::Tone::Text);
    m_kept->setObjectName(QStringLiteral("overview-kept"));
    m_bar = new Bar;
    m_tokens = add(widgets::Tone::Secondary);
    m_split = add(widgets::Tone::Secondary);
    line->addWidget(m_kept);
    line->addWidget(m_bar);
    line->addSpacing(style::kSpace2);
    line->addWidget(m_tokens);
    line->addStretch(1);
    line->addWidget(m_split);
}

void KeptBar::setDataset(const OpenedVersion& opened, const DatasetFacts& facts)
{
    const auto kept = opened.data->rows(), all = opened.source->rows();
    m_kept->setText(kept == all ? tr("all %1 rows kept").arg(mono(grouped(all))) : tr("%1 kept of %2").arg(mono(grouped(kept)), mono(grouped(all))));
    m_bar->share = all ? std::min(1.0, static_cast<double>(kept) / static_cast<double>(all)) : 1;
    m_bar->update();
    const auto counted = facts.facts();
    if (counted && counted->hasTokens && facts.model())
        m_tokens->setText(tr("%1 tokens (tokenizer of %2)").arg(mono(bridge::parameters(static_cast<double>(counted->tokensTotal))), toQString(facts.model()->name).toHtmlEscaped()));
    else
        m_tokens->setText(facts.problem() ? QString() : facts.modelProblem().isEmpty() ? tr("counting tokens…") : facts.modelProblem().toHtmlEscaped());
    QStringList parts;
    const Json splits = opened.row.info.value("splits", Json::object());
    for (const auto& [name, count] : splits.items())
        if (const auto rows = count.is_number() ? count.get<qint64>() : 0; rows > 0)
            parts.append(QStringLiteral("%1 %2").arg(toQString(name), mono(grouped(rows))));
    m_split->setText(parts.isEmpty() ? tr("not split") : parts.join(QStringLiteral(" · ")));
}

}
