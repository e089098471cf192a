// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/facts_panel.h"
#include "pages/run/run_tab.h"
#include "pages/setting_words.h"
#include "pages/train/form_words.h"
#include "pipeline/packing.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "tokenizer/tokenize_dataset.h"

#include <QBoxLayout>
#include <QPainter>
#include <QScrollArea>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

namespace {

/// How long the rows are, in tokens: a bar for each power of two.
class LengthHistogram final : public QWidget
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::LengthHistogram)
public:
    LengthHistogram() { setFixedHeight(style::scaled(96)); }
    void setBuckets(const std::vector<tokenizer::TokenizeReport::Bucket>& buckets)
    {
        m_buckets = buckets;
        QStringList words;
        for (const auto& bucket : buckets)
            words.append(tr("from %1 tokens: %2 rows").arg(bucket.from).arg(bucket.rows));
        setAccessibleName(tr("Tokens per row"));
        setAccessibleDescription(words.join(QStringLiteral(", ")));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (m_buckets.empty())
            return;
        const auto& t = style::tokens();
        QPainter painter(this);
        painter.setLayoutDirection(Qt::LeftToRight);  // the axis, also where the page is mirrored
        std::int64_t most = 1;
        for (const auto& bucket : m_buckets)
            most = std::max(most, bucket.rows);
        const int unit = QFontMetrics(style::caption()).horizontalAdvance(tr("tokens")) + style::kSpace2;
        const int w = std::min(64, (width() - unit) / static_cast<int>(m_buckets.size())), floor = height() - 20;
        painter.setFont(style::monoCaption());
        for (std::size_t i = 0; i < m_buckets.size(); ++i) {
            const int x = static_cast<int>(i) * w;
            const int h = static_cast<int>(static_cast<double>(m_buckets[i].rows) / static_cast<double>(most) * (floor - 18));
            painter.fillRect(QRect(x, floor - h, w - 1, h), t.histogram);
            painter.setPen(t.text2);
            if (m_buckets[i].rows > 0)
                painter.drawText(QRect(x, floor - h - 17, w, 16), Qt::AlignHCenter | Qt::AlignBottom, grouped(m_buckets[i].rows));
            painter.drawText(QRect(x, floor + 3, w, 16), Qt::AlignLeft, grouped(m_buckets[i].from));
        }
        const int end = w * static_cast<int>(m_buckets.size());
        painter.fillRect(QRect(0, floor, end, 1), t.borderStrong);
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(QRect(end + style::kSpace1, floor + 3, width() - end, 16), Qt::AlignLeft, tr("tokens"));
    }

private:
    std::vector<tokenizer::TokenizeReport::Bucket> m_buckets;
};

}

/// What the run was trained on: the dataset's version, how its rows became tokens, what was left out.
class DataTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::DataTab)
public:
    explicit DataTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column();
        setLayout(outer);
        auto* page = new widgets::PlaneWidget(widgets::Plane::Surface);
        auto* body = widgets::column(style::kSpace2);
        body->setContentsMargins(16, 10, 16, 12);
        page->setLayout(body);
        auto* top = widgets::row(style::kSpace2);
        m_data = new FactsPanel(tr("Dataset"));
        auto* open = widgets::button(tr("Open dataset"), widgets::ButtonRole::Ghost, QStringLiteral("dataset"));
        m_data->addAction(open);
        m_tokens = new FactsPanel(tr("As tokens"));
        top->addWidget(m_data, 1);
        top->addWidget(m_tokens, 1);
        body->addLayout(top);
        m_lengths = new widgets::Panel(tr("Tokens per row"));
        m_lengths->setCaption(tr("number of rows, by their length in tokens"));
        auto* inner = widgets::column(0, style::kSpace3);
        m_histogram = new LengthHistogram;
        inner->addWidget(m_histogram);
        m_lengths->body()->addLayout(inner);
        body->addWidget(m_lengths);
        m_dropped = new FactsPanel(tr("Left out"));
        body->addWidget(m_dropped);
        body->addStretch(1);
        auto* scroll = new QScrollArea;
        scroll->setWidget(page);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        outer->addWidget(scroll);
        connect(open, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Datasets, m_name.section(QLatin1Char('@'), 0, 0).section(QLatin1Char(':'), 0, 0)); });
    }

    void show(const RunData& runData) override
    {
        const auto& row = runData.row;
        const Json& facts = row.summary;
        m_name = toQString(row.dataset);
        QList<QPair<QString, QString>> about {{tr("Dataset"), bridge::datasetName(row.dataset)}};
        if (facts.contains("train_rows"))
            about.append({tr("Rows trained on"), grouped(facts.value("train_rows", qint64(0)))});
        if (facts.contains("eval_rows"))
            about.append({tr("Rows held out"), facts.value("eval_rows", qint64(0)) > 0 ? grouped(facts.value("eval_rows", qint64(0))) : tr("none: this run is not evaluated")});
        if (runData.recipe) {
            about.append({tr("Context"), tr("%1 tokens").arg(grouped(runData.recipe->integer("data.max_length")))});
            about.append({tr("Template"), choiceLabel(*runData.recipe, "data.template")});
            about.append({tr("Trained on"), choiceLabel(*runData.recipe, "data.train_on")});
            about.append({tr("Packing"), pipeline::packsRows(*runData.recipe) ? tr("rows share a batch row, each with its own attention") : tr("off")});
        }
        if (facts.contains("hashes"))
            about.append({tr("Content hash"), shortHash(facts["hashes"].value("dataset", ""))});
        m_data->setFacts(about);
        const auto report = facts.contains("data") ? tokenizer::TokenizeReport::fromJson(facts["data"]) : Result<tokenizer::TokenizeReport>(Error {});
        m_tokens->setVisible(static_cast<bool>(report));
        m_lengths->setVisible(static_cast<bool>(report));
        m_dropped->setVisible(report && !report->dropped.empty());
        if (!report)
            return;
        m_tokens->setFacts({{tr("Rows"), tr("%1 of %2").arg(grouped(report->rows), grouped(report->rowsIn))}, {tr("Tokens"), grouped(report->tokens)},
            {tr("Trained tokens"), tr("%1 (%2 %)").arg(grouped(report->trainedTokens)).arg(qRound(100 * report->trainedShare()))},
            {tr("Rows that were cut"), grouped(report->truncatedRows)},
            {tr("Tokens per row"), tr("half have at most %1, 95 % at most %2, the longest %3").arg(grouped(report->p50), grouped(report->p95), grouped(report->longest))}});
        m_histogram->setBuckets(report->histogram);
        QList<QPair<QString, QString>> dropped;
        for (const auto& one : report->dropped)
            dropped.append({tr("%n row(s)", nullptr, static_cast<int>(one.count)), toQString(one.reason)});
        m_dropped->setFacts(dropped);
    }

private:
    FactsPanel *m_data = nullptr, *m_tokens = nullptr, *m_dropped = nullptr;
    widgets::Panel* m_lengths = nullptr;
    LengthHistogram* m_histogram = nullptr;
    QString m_name;
};

RunTab* makeDataTab(shell::Context& context)
{
    return new DataTab(context);
}

}
