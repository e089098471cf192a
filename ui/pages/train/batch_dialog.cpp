// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/batch_dialog.h"

#include "bridge/text.h"
#include "pages/train/form_words.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QDialogButtonBox>

namespace attune::pages {

using bridge::toQString;

namespace {
constexpr qsizetype kMostTokens = 200'000;
constexpr std::int64_t kMostCutRows = 500;

std::int64_t tokensOf(const pipeline::TokenRowText& row, bool trainedOnly)
{
    std::int64_t count = 0;
    for (const auto& part : row.parts)
        for (const auto& token : part.tokens)
            count += (trainedOnly ? token.isTrained : !token.isCut);
    return count;
}

std::int64_t cutOf(const pipeline::TokenRowText& row)
{
    std::int64_t count = 0;
    for (const auto& part : row.parts)
        for (const auto& token : part.tokens)
            count += token.isCut;
    return count;
}
}

BatchDialog::BatchDialog(shell::Context& context, const pipeline::Recipe& recipe, Show show, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_recipe(recipe)
    , m_show(show)
{
    setObjectName(QStringLiteral("batch-dialog"));
    setWindowTitle(show == Show::Steps ? tr("What the run reads") : tr("Rows that are cut"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(style::scaled(1000), style::scaled(620));
    build();
    load(0);
}

void BatchDialog::build()
{
    auto* layout = widgets::column(style::kSpace2, style::kSpace3);
    setLayout(layout);
    auto* head = widgets::row();
    m_back = widgets::iconButton(QStringLiteral("left"), tr("The step before"));
    m_on = widgets::iconButton(QStringLiteral("right"), tr("The next step"));
    m_title = widgets::headingLabel(tr("Reading the rows …"));
    m_facts = widgets::captionLabel({});
    m_legend = new TokenLegend;
    head->addWidget(m_back);
    head->addWidget(m_title);
    head->addWidget(m_on);
    head->addWidget(m_facts);
    head->addStretch(1);
    head->addWidget(m_legend);
    layout->addLayout(head);
    m_back->setVisible(m_show == Show::Steps);
    m_on->setVisible(m_show == Show::Steps);
    auto* body = widgets::row(style::kSpace3);
    m_rows = new widgets::Table({{tr("Row"), 74, true}, {tr("Tokens"), 74, true}, {m_show == Show::Steps ? tr("Trained") : tr("Cut off"), 74, true}});
    m_rows->setAccessibleName(tr("Rows"));
    m_rows->setFixedWidth(style::scaled(252));
    body->addWidget(m_rows);
    auto* panel = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* views = widgets::column();
    panel->setLayout(views);
    for (auto& view : m_views) {
        view = new widgets::TokenView;
        view->setAccessibleName(tr("Tokens of the row"));
        views->addWidget(view, 1);
    }
    body->addWidget(panel, 1);
    layout->addLayout(body, 1);
    auto* buttons = new QDialogButtonBox;
    auto* close = buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole);
    close->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(m_rows, &widgets::Table::selectionMoved, this, &BatchDialog::showRow);
    connect(m_back, &QToolButton::clicked, this, [this] { load(m_step - 1); });
    connect(m_on, &QToolButton::clicked, this, [this] { load(m_step + 1); });
}

void BatchDialog::load(std::int64_t step)
{
    m_step = step;
    m_back->setEnabled(false);
    m_on->setEnabled(false);
    const auto recipe = m_recipe;
    const bool isSteps = m_show == Show::Steps;
    m_job.start<pipeline::TokenBatch>(this, m_context.workspace.stdPath(),
        [recipe, step, isSteps](store::Store& store, const JobContext& job) { return isSteps ? pipeline::batchOf(store, recipe, step, job) : pipeline::cutRows(store, recipe, kMostCutRows, job); },
        [this](Result<pipeline::TokenBatch> batch) {
            if (batch)
                return setBatch(*batch);
            m_title->setText(tr("The rows cannot be shown"));
            m_views[0]->setMessage(inFormWords(batch.error()));
        });
}

void BatchDialog::setBatch(const pipeline::TokenBatch& batch)
{
    m_batch = batch;
    const double all = static_cast<double>(std::max<std::int64_t>(1, batch.tokens));
    m_legend->setShares(static_cast<double>(batch.trained) / all);
    const QString counts = tr("%1 rows, %2 tokens").arg(batch.rows.size()).arg(bridge::grouped(batch.tokens));
    if (m_show == Show::Steps) {
        m_title->setText(tr("Step %1 of %2").arg(bridge::grouped(batch.step + 1), bridge::grouped(batch.steps)));
        const QString room = batch.budget > 0
            ? tr("%1 % of the %2 tokens that have room, no padding").arg(bridge::decimal(100.0 * static_cast<double>(batch.tokens) / static_cast<double>(batch.budget), 1), bridge::grouped(batch.budget))
            : tr("no padding");
        m_facts->setText(counts + QStringLiteral(" · ") + room);
    } else {
        m_title->setText(tr("Cut at %1 tokens").arg(bridge::grouped(m_recipe.integer("data.max_length"))));
        m_facts->setText(counts + QStringLiteral(" · ") + tr("what is cut off is marked red"));
    }
    m_back->setEnabled(batch.step > 0);
    m_on->setEnabled(batch.step + 1 < batch.steps);
    QList<widgets::TableRow> lines {{QStringLiteral("all"), {{tr("All"), -1}, {bridge::grouped(batch.tokens), QVariant::fromValue<qint64>(batch.tokens)}, {m_show == Show::Steps ? bridge::grouped(batch.trained) : QString(), -1}}}};
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        const auto& row = batch.rows[i];
        const auto third = m_show == Show::Steps ? tokensOf(row, true) : cutOf(row);
        lines.append({QString::number(i), {{bridge::grouped(row.row + 1), QVariant::fromValue<qint64>(row.row)}, {bridge::grouped(tokensOf(row, false)), QVariant::fromValue<qint64>(tokensOf(row, false))},
                                              {bridge::grouped(third), QVariant::fromValue<qint64>(third)}}});
    }
    m_rows->setRows(lines);
    m_rows->selectId(m_show == Show::Steps ? QStringLiteral("all") : QStringLiteral("0"));
    showRow();
    m_rows->setFocus();
}

void BatchDialog::showRow()
{
    const QString id = m_rows->currentId();
    std::vector<pipeline::TokenRowText> rows;
    const auto index = static_cast<std::size_t>(id.toInt());
    if (id == QLatin1String("all") || id.isEmpty())
        rows = m_batch.rows;
    else if (index < m_batch.rows.size())
        rows.push_back(m_batch.rows[index]);
    const std::size_t parts = partsOf(m_batch);
    for (std::size_t i = 0; i < 2; ++i) {
        m_views[i]->setVisible(i < parts);
        m_views[i]->setTokens(shownTokens(rows, i, kMostTokens));
    }
    if (rows.empty())
        m_views[0]->setMessage(m_show == Show::Steps ? tr("This step has no row.") : tr("No row is longer than the context."));
}

}
