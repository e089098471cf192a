// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/rows_tab.h"

#include "base/file.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/duplicates.h"
#include "cleaner/row_key.h"
#include "pages/dataset/step_dialog.h"
#include "pages/dataset/step_names.h"
#include "pages/dataset/tabs.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QInputDialog>
#include <QKeyEvent>
#include <QMenu>
#include <QShortcut>

namespace attune::pages {

using bridge::toQString;
using pipeline::RowTerm;

namespace {

constexpr double kSimilar = 0.5;
constexpr auto kTwoLines = "dataset/two_lines", kHiddenPane = "dataset/pane_hidden", kHiddenFacets = "dataset/facets_hidden";

/// One row of a version as something to search with.
class OneRow final : public cleaner::RowSource
{
public:
    OneRow(const importer::Dataset& data, std::int64_t row)
        : m_data(data)
        , m_row(row)
    {
    }
    std::int64_t rows() const override { return 1; }
    const std::vector<importer::Column>& columns() const override { return m_data.columns(); }
    Status read(std::int64_t, importer::Row& out) const override { return m_data.read(m_row, out); }

private:
    const importer::Dataset& m_data;
    std::int64_t m_row;
};

Result<std::vector<std::int64_t>> similarRows(const importer::Dataset& data, std::int64_t row, const JobContext& job)
{
    ATTUNE_TRY(auto report, cleaner::findLeaks(cleaner::DatasetRows(data), OneRow(data, row), kSimilar, job));
    std::stable_sort(report.pairs.begin(), report.pairs.end(), [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
    std::vector<std::int64_t> rows {row};
    for (const auto& pair : report.pairs)
        if (pair.train != row)
            rows.push_back(pair.train);
    return rows;
}

/// The row with this number of the import, or the one that took its place.
std::int64_t nearestRow(const OpenedVersion& opened, std::int64_t number)
{
    // Rows keep their order but for shuffles; then any row of about that place will do.
    std::int64_t low = 0, high = opened.data->rows();
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (cleaner::sourceRow(*opened.data, middle) < number)
            low = middle + 1;
        else
            high = middle;
    }
    return std::min(low, opened.data->rows() - 1);
}

}

RowsTab::RowsTab(shell::Context& context)
    : DatasetTab(context)
    , m_filter(new RowFilter(context, this))
{
    build();
    connectParts();
    addShortcuts();
}

void RowsTab::build()
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_bar = new FilterBar(*m_filter);
    layout->addWidget(m_bar);
    auto* middle = widgets::row(0);
    m_facets = new FacetColumn(*m_filter);
    middle->addWidget(m_facets);
    auto* left = new widgets::Hairline(Qt::Vertical);
    middle->addWidget(left);
    m_grid = new RowGrid(*m_filter);
    m_grid->setTwoLines(m_context.settings.value(QLatin1String(kTwoLines)).toBool());
    middle->addWidget(m_grid, 1);
    m_paneSide = new QWidget;
    auto* side = widgets::row(0);
    m_paneSide->setLayout(side);
    side->addWidget(new widgets::Hairline(Qt::Vertical));
    m_pane = new RowPane(m_context);
    side->addWidget(m_pane);
    middle->addWidget(m_paneSide);
    layout->addLayout(middle, 1);
    // Only now that they have a parent: shown before, each would be a window of its own for a moment, and take the focus along.
    m_facets->setHidden(m_context.settings.value(QLatin1String(kHiddenFacets)).toBool());
    m_paneSide->setHidden(m_context.settings.value(QLatin1String(kHiddenPane)).toBool());
    m_strip = new StepsStrip;
    layout->addWidget(m_strip);
    setTabOrder(m_bar->field(), m_grid);
    m_grid->installEventFilter(this);
}

void RowsTab::connectParts()
{
    connect(m_grid, &RowGrid::currentRowChanged, this, [this](qint64 row) { m_pane->showRow(row, m_filter->searchedTexts()); });
    connect(m_grid, &RowGrid::rangeWanted, this, &RowsTab::filterByBar);
    connect(m_grid, &RowGrid::columnsMenuWanted, this, &RowsTab::showColumnsMenu);
    connect(m_grid, &RowGrid::rowActivated, this, [this] { m_pane->edit(); });
    connect(m_bar, &FilterBar::leftDownwards, this, [this] { m_grid->setFocus(Qt::OtherFocusReason); });
    connect(m_bar->columnsButton(), &QToolButton::clicked, this, [this] {
        auto* button = m_bar->columnsButton();
        showColumnsMenu(button->mapToGlobal(QPoint(0, button->height())));
    });
    connect(m_facets, &FacetColumn::limitWanted, this, &RowsTab::askLimit);
    connect(m_filter, &RowFilter::termsChanged, this, [this] {
        if (m_pane->row() >= 0)
            m_pane->showRow(m_pane->row(), m_filter->searchedTexts());
    });
    connect(m_pane, &RowPane::moved, this, [this](int by) { m_grid->move(by); });
    connect(m_pane, &RowPane::edited, this, &RowsTab::changeRow);
    connect(m_pane, &RowPane::dropWanted, this, &RowsTab::dropRow);
    connect(m_pane, &RowPane::similarWanted, this, &RowsTab::findSimilar);
    connect(m_pane, &RowPane::editingFinished, this, [this] { m_grid->setFocus(Qt::OtherFocusReason); });
    connect(m_strip, &StepsStrip::stepsReplaced, this, &DatasetTab::stepsReplaced);
    connect(m_strip, &StepsStrip::undoWanted, this, &DatasetTab::undoWanted);
    connect(m_strip, &StepsStrip::addWanted, this, [this] { openStepDialog(-1); });
    connect(m_strip, &StepsStrip::editWanted, this, &RowsTab::openStepDialog);
    connect(m_strip, &StepsStrip::saveWanted, this, &RowsTab::saveSteps);
    connect(m_strip, &StepsStrip::applyWanted, this, &RowsTab::applySteps);
    connect(m_strip, &StepsStrip::commandWanted, this, &RowsTab::copyCommand);
}

void RowsTab::addShortcuts()
{
    const auto add = [this](const QKeySequence& keys, const std::function<void()>& run) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, run);
    };
    add(Qt::Key_F2, [this] { m_pane->edit(); });
}

void RowsTab::setFacts(DatasetFacts& facts)
{
    m_facts = &facts;
    for (const auto signal : {&DatasetFacts::statsChanged, &DatasetFacts::factsChanged, &DatasetFacts::modelChanged, &DatasetFacts::limitChanged})
        connect(&facts, signal, this, &RowsTab::takeFacts);
    connect(&facts, &DatasetFacts::problemChanged, this, [this] {
        if (!m_facts->isReadable())
            m_filter->setUnreadable();
    });
    connect(&facts, &DatasetFacts::progressChanged, this, [this] { m_facets->setProgress(m_facts->isCounting(), m_facts->percent()); });
}

void RowsTab::setDataset(OpenedPtr opened)
{
    const std::int64_t number = m_opened && m_grid->currentRow() >= 0 ? cleaner::sourceRow(*m_opened->data, m_grid->currentRow()) : -1;
    const bool isSame = m_opened && opened && m_opened->row.name == opened->row.name;
    m_opened = opened;
    m_grid->setDataset(opened);
    m_filter->setDataset(opened);
    m_bar->setDataset(opened);
    m_pane->setDataset(opened);
    m_strip->setDataset(opened);
    if (isSame && number >= 0)
        m_grid->setCurrentRow(nearestRow(*opened, number));
    takeFacts();
}

void RowsTab::takeFacts()
{
    if (!m_facts || !m_opened)
        return;
    m_filter->setFacts(m_facts->facts(), m_facts->tokenLimit());
    m_facets->setFacts(*m_facts);
    m_grid->setFacts(*m_facts);
    m_pane->setFacts(*m_facts);
}

void RowsTab::activate()
{
    m_grid->setFocus(Qt::OtherFocusReason);
}

bool RowsTab::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_grid && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->key() == Qt::Key_D && key->modifiers() == Qt::NoModifier) || key->key() == Qt::Key_Delete) {
            dropRow(m_grid->currentRow());
            return true;
        }
        if (key->key() == Qt::Key_S && key->modifiers() == Qt::NoModifier) {
            findSimilar(m_grid->currentRow());
            return true;
        }
    }
    return DatasetTab::eventFilter(watched, event);
}

void RowsTab::showRows(const RowsWanted& wanted)
{
    m_filter->clear();
    ShownTerm shown;
    shown.term.kind = RowTerm::Kind::Rows;
    shown.term.rows = wanted.rows;
    shown.title = wanted.title;
    m_filter->addTerm(shown);
}

void RowsTab::showTerm(const ShownTerm& term)
{
    m_filter->clear();
    m_filter->addTerm(term);
}

void RowsTab::showRow(std::int64_t row)
{
    if (m_filter->placeOf(row) < 0)
        m_filter->clear();
    m_grid->setCurrentRow(row);
}

void RowsTab::changeRow(qint64 row, const QString& column, const QString& valueAsJson)
{
    const auto value = parseJson(bridge::toStd(valueAsJson), 1024);
    const auto& columns = m_opened->data->columns();
    const auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == bridge::toStd(column); });
    if (!value || it == columns.end())
        return;
    // The step keeps what its option takes, a text; a list or number goes as it is spelled and becomes one again.
    const Json kept = value->is_string() ? *value : Json(toLine(*value));
    auto step = pipeline::editStep(*m_opened->data, row, it->name, kept);
    if (!step)
        m_context.navigator.toast(toQString(step.error().message));
    else
        emit stepsAdded({*step}, tr("Edited row %1").arg(bridge::grouped(cleaner::sourceRow(*m_opened->data, row))));
}

void RowsTab::dropRow(qint64 row)
{
    if (row < 0 || !m_opened || m_pane->isEditing())
        return;
    importer::Row cells;
    if (const auto status = m_opened->data->read(row, cells); !status) {
        m_context.navigator.toast(toQString(status.error().message));
        return;
    }
    const cleaner::Step step {"drop_rows", {{"row_hashes", {cleaner::rowHash(cells).hex()}}}};
    emit stepsAdded({step}, tr("Dropped row %1").arg(bridge::grouped(cleaner::sourceRow(*m_opened->data, row))));
}

void RowsTab::findSimilar(qint64 row)
{
    if (row < 0 || !m_opened)
        return;
    const QString number = bridge::grouped(cleaner::sourceRow(*m_opened->data, row));
    auto found = std::make_shared<std::vector<std::int64_t>>();
    m_context.jobs.start(tr("Rows similar to row %1 of %2").arg(number, toQString(m_opened->row.name)),
        [found, data = m_opened->data, row](const JobContext& job) -> Status {
            ATTUNE_TRY(*found, similarRows(*data, row, job));
            return {};
        },
        this,
        [this, found, number, opened = m_opened](const Status& status) {
            if (!status)
                m_context.navigator.toast(toQString(status.error().message));
            else if (found->size() < 2)
                m_context.navigator.toast(tr("No other row shares half of its five-word runs with row %1.").arg(number));
            else if (opened == m_opened)
                showRows({tr("similar to row %1").arg(number), *found});
        });
}

void RowsTab::filterByBar(const QString& field, double low, double high, const QString& column)
{
    ShownTerm shown;
    shown.term.low = low;
    shown.term.high = high;
    const bool isSize = field.startsWith(QStringLiteral("size:"));
    shown.term.kind = isSize ? RowTerm::Kind::Size : RowTerm::Kind::Range;
    shown.term.field = bridge::toStd(isSize ? field.mid(5) : field);
    const auto& columns = m_opened->data->columns();
    const bool isText = field == QStringLiteral("prompt") || field == QStringLiteral("answer")
        || (isSize && std::any_of(columns.begin(), columns.end(), [&](const auto& c) { return c.name == shown.term.field && c.type == "text"; }));
    shown.title = rangeWords(column, low, high) + (isText ? tr(" characters") : QString());
    m_filter->setTerm(shown);
}

void RowsTab::showColumnsMenu(const QPoint& global)
{
    QMenu menu;
    auto& columns = m_grid->columns();
    QHash<QAction*, int> places;
    for (int i = 1; i < static_cast<int>(columns.size()); ++i) {
        auto* action = menu.addAction(columns[static_cast<std::size_t>(i)].name);
        action->setCheckable(true);
        action->setChecked(columns[static_cast<std::size_t>(i)].isVisible);
        places.insert(action, i);
    }
    menu.addSeparator();
    const auto option = [&](const QString& text, bool isOn) {
        auto* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(isOn);
        return action;
    };
    auto* twoLines = option(tr("Two lines"), m_grid->hasTwoLines());
    auto* facets = option(tr("Facets"), !m_facets->isHidden());
    auto* pane = option(tr("Row pane"), !m_paneSide->isHidden());
    auto* chosen = menu.exec(global);
    if (places.contains(chosen)) {
        m_grid->setColumnVisible(places.value(chosen), chosen->isChecked());
    } else if (chosen == twoLines) {
        m_grid->setTwoLines(chosen->isChecked());
        m_context.settings.setValue(QLatin1String(kTwoLines), chosen->isChecked());
    } else if (chosen == facets) {
        m_facets->setVisible(chosen->isChecked());
        m_context.settings.setValue(QLatin1String(kHiddenFacets), !chosen->isChecked());
    } else if (chosen == pane) {
        m_paneSide->setVisible(chosen->isChecked());
        m_context.settings.setValue(QLatin1String(kHiddenPane), !chosen->isChecked());
    }
}

void RowsTab::askLimit()
{
    bool isChosen = false;
    const int limit = QInputDialog::getInt(this, tr("Context limit"), tr("Rows above so many tokens are flagged; a run has its own limit in Train."), static_cast<int>(m_facts->tokenLimit()), 1, 10'000'000, 256, &isChosen);
    if (isChosen)
        m_facts->setTokenLimit(limit);
}

void RowsTab::openStepDialog(int step)
{
    if (!m_opened || !m_facts)
        return;
    auto* dialog = new StepDialog(m_context, m_opened, *m_facts, step, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, step, opened = m_opened] {
        if (opened != m_opened)
            return;
        const auto made = dialog->step();
        if (step < 0)
            return emit stepsAdded({made}, tr("Added step: %1").arg(stepName(made)));
        auto steps = m_opened->plainSteps();
        steps[static_cast<std::size_t>(step)] = made;
        emit stepsReplaced(steps, tr("Changed step: %1").arg(stepName(made)));
    });
    dialog->open();
}

void RowsTab::saveSteps()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save steps"), toQString(m_opened->row.name) + QStringLiteral(".steps.yaml"), tr("Steps (*.yaml)"));
    if (path.isEmpty())
        return;
    const auto status = writeFileAtomically(bridge::toStd(path), cleaner::toYaml(m_opened->plainSteps()));
    m_context.navigator.toast(status ? tr("The steps were saved to %1.").arg(path) : toQString(status.error().message));
}

void RowsTab::applySteps()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Apply steps from a file"), {}, tr("Steps (*.yaml *.yml)"));
    if (!path.isEmpty())
        applyStepsFile(path);
}

void RowsTab::applyStepsFile(const QString& path)
{
    const auto yaml = readFile(bridge::toStd(path));
    const auto steps = yaml ? cleaner::parseSteps(*yaml) : Result<std::vector<cleaner::Step>>(yaml.error());
    if (!steps)
        m_context.navigator.toast(toQString(steps.error().message + " " + steps.error().hint));
    else if (steps->empty())
        m_context.navigator.toast(tr("The file holds no steps."));
    else
        emit stepsAdded(*steps, tr("Applied %1 steps").arg(steps->size()));
}

void RowsTab::copyCommand()
{
    const QString name = toQString(m_opened->row.name), file = toQString(m_opened->row.folder) + QStringLiteral("/steps.yaml");
    QGuiApplication::clipboard()->setText(QStringLiteral("attune data clean %1@1 --steps %2").arg(name, file));
    m_context.navigator.toast(tr("Copied: attune data clean %1@1 --steps …").arg(name));
}

DatasetTab* makeRowsTab(shell::Context& context)
{
    return new RowsTab(context);
}

}
