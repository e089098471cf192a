// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/dataset/bar_list.h"
#include "pages/dataset/distribution_plot.h"
#include "pages/dataset/grid_columns.h"
#include "pages/dataset/kept_bar.h"
#include "pages/dataset/row_flags.h"
#include "pages/dataset/tabs.h"
#include "pages/dataset/things_panel.h"
#include "style/metrics.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QScrollArea>

#include <algorithm>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using pipeline::RowTerm;

namespace {

constexpr int kBars = 24;

/// "12 to 340, median 88": lengths of texts, or values of numbers.
QString spread(const pipeline::ColumnStats& column)
{
    if (!column.minimum || !column.maximum)
        return QStringLiteral("–");
    const auto number = [](double value) { return value == std::floor(value) ? grouped(static_cast<qint64>(value)) : bridge::significant(value, 4); };
    return QStringLiteral("%1 / %2 / %3").arg(number(*column.minimum), number(column.median.value_or(*column.minimum)), number(*column.maximum));
}

QString exampleOf(const Json& values, const std::string& name)
{
    if (!values.is_object() || !values.contains(name))
        return QStringLiteral("–");
    const Json& value = values[name];
    return (value.is_string() ? toQString(value.get_ref<const std::string&>()) : toQString(toLine(value))).left(200).simplified();
}

}

/// A dataset at a glance: what is kept, how long rows are, what they are made of, what to look at.
class OverviewTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::OverviewTab)
public:
    explicit OverviewTab(shell::Context& context)
        : DatasetTab(context)
    {
        auto* outer = widgets::column();
        setLayout(outer);
        auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
        m_column = widgets::column(style::kSpace2);
        m_column->setContentsMargins(16, 12, 16, 16);
        content->setLayout(m_column);
        auto* scroll = new QScrollArea;
        scroll->setWidget(content);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        outer->addWidget(scroll);
        m_kept = new KeptBar;
        m_column->addWidget(m_kept);
        buildPlots();
        m_things = new ThingsPanel;
        m_column->addWidget(m_things);
        buildColumns();
        connect(m_things, &ThingsPanel::filterWanted, this, &DatasetTab::filterWanted);
        connect(m_things, &ThingsPanel::tabWanted, this, &DatasetTab::tabWanted);
    }

    void setFacts(DatasetFacts& facts) override
    {
        m_facts = &facts;
        for (const auto signal : {&DatasetFacts::statsChanged, &DatasetFacts::factsChanged, &DatasetFacts::modelChanged, &DatasetFacts::limitChanged, &DatasetFacts::problemChanged})
            connect(&facts, signal, this, [this] { show_(); });
    }
    void setDataset(OpenedPtr opened) override
    {
        m_opened = std::move(opened);
        m_example = Json();
        if (m_opened && m_opened->data->rows() > 0)
            bridge::compute<Json>(this, [opened = m_opened] { return opened->data->values(0).value_or(Json()); },
                [this, opened = m_opened](Json values) {
                    if (opened != m_opened)
                        return;
                    m_example = std::move(values);
                    showColumns();
                });
        show_();
    }

private:
    void buildPlots()
    {
        m_plots = new QGridLayout;
        m_plots->setSpacing(style::kSpace2);
        m_tokens = plotPanel(tr("Tokens per row"), tr("tokens"), m_tokensPlot, "tokens");
        m_turns = plotPanel(tr("Turns"), tr("turns"), m_turnsPlot, "turns");
        m_answers = plotPanel(tr("Answer length"), tr("characters"), m_answersPlot, "answer");
        m_languages = new widgets::Panel(tr("Language"), this);
        m_languageBars = new BarList(tr("Languages"));
        m_languages->body()->addWidget(m_languageBars);
        m_classes = new widgets::Panel(tr("Classes"), this);
        m_classBars = new BarList(tr("Classes"));
        m_classBars->setMinimumHeight(style::scaled(170));
        m_classes->body()->addWidget(m_classBars);
        m_over = widgets::smallButton(tr("Show them"));
        m_tokens->addAction(m_over);
        m_column->addLayout(m_plots);
        connect(m_over, &QPushButton::clicked, this, [this] { wantFacet("flag", "over", flagLabel(QStringLiteral("over"), m_facts->tokenLimit())); });
        connect(m_languageBars, &BarList::valueClicked, this, [this](const QString& value, const QString& label) { wantFacet("language", bridge::toStd(value), tr("language: %1").arg(label)); });
        connect(m_classBars, &BarList::valueClicked, this, [this](const QString& value, const QString& label) { wantFacet(m_classField, bridge::toStd(value), label); });
    }

    widgets::Panel* plotPanel(const QString& title, const QString& unit, DistributionPlot*& plot, const char* field)
    {
        auto* panel = new widgets::Panel(title, this);  // shown and hidden before it has its place
        plot = new DistributionPlot(unit);
        panel->body()->addWidget(plot);
        connect(plot, &DistributionPlot::barClicked, this, [this, field, title](double low, double high) {
            ShownTerm shown;
            shown.term.kind = RowTerm::Kind::Range;
            shown.term.field = field;
            shown.term.low = low;
            shown.term.high = high;
            shown.title = rangeWords(QLatin1String(field), low, high);
            emit filterWanted(shown);
        });
        return panel;
    }

    void buildColumns()
    {
        auto* panel = new widgets::Panel(tr("Columns"));
        panel->setCaption(tr("lengths in characters for texts, values for numbers"));
        m_columns = new widgets::Table({{tr("Name"), 130}, {tr("Role"), 96}, {tr("Type"), 70}, {tr("Empty"), 70, true}, {tr("Distinct"), 84, true}, {tr("Min / median / max"), 170, true}, {tr("Example"), 0}});
        m_columns->setAccessibleName(tr("Columns of the dataset"));
        panel->body()->addWidget(m_columns);
        m_column->addWidget(panel);
        m_column->addStretch(1);
    }

    void wantFacet(const std::string& field, const std::string& value, const QString& title)
    {
        ShownTerm shown;
        shown.term.field = field;
        shown.term.values = {value};
        shown.title = title;
        emit filterWanted(shown);
    }

    void show_()
    {
        setEnabled(m_opened != nullptr);
        if (!m_opened || !m_facts)
            return;
        m_kept->setDataset(*m_opened, *m_facts);
        m_things->setDataset(*m_opened, *m_facts);
        showPlots();
        showColumns();
    }

    void showPlots()
    {
        if (m_facts->problem())
            return placePlots({});  // plots that nothing will fill would look as if one had to wait
        const auto facts = m_facts->facts();
        const bool hasClasses = facts && showClasses(*facts);
        QList<widgets::Panel*> shown {m_tokens};
        if (!facts || facts->isConversation)
            shown.append(m_turns);
        shown.append(m_languages);
        if (!facts || facts->hasAnswers)
            shown.append(m_answers);
        if (hasClasses)
            shown.append(m_classes);
        if (shown != m_shown)
            placePlots(shown);
        m_over->setVisible(false);
        m_tokens->setCaption(m_facts->modelProblem().isEmpty() ? QString() : tr("no tokenizer"));
        if (!facts)
            return;
        const auto fill = [](DistributionPlot* plot, const auto& numbers) {
            if (!numbers.empty())
                plot->setBars(barsOf(numbers, kBars), static_cast<double>(*std::max_element(numbers.begin(), numbers.end())));
        };
        fill(m_tokensPlot, facts->tokens);
        fill(m_turnsPlot, facts->turns);
        fill(m_answersPlot, facts->answerCharacters);
        m_tokensPlot->setLimit(static_cast<double>(m_facts->tokenLimit()));
        showOver(*facts);
        showLanguages(*facts);
        if (!facts->answerCharacters.empty())
            m_answers->setCaption(tr("median %1 characters").arg(grouped(medianOf(facts->answerCharacters))));
        if (!facts->turns.empty())
            m_turns->setCaption(tr("median %1").arg(grouped(medianOf(facts->turns))));
    }

    template<typename Number>
    static qint64 medianOf(std::vector<Number> numbers)
    {
        const auto middle = numbers.begin() + pipeline::quantileRank(0.5, static_cast<std::int64_t>(numbers.size()));
        std::nth_element(numbers.begin(), middle, numbers.end());
        return static_cast<qint64>(*middle);
    }

    void showOver(const pipeline::RowFacts& facts)
    {
        if (facts.tokens.empty())
            return;
        const auto limit = m_facts->tokenLimit();
        const auto over = std::count_if(facts.tokens.begin(), facts.tokens.end(), [limit](auto n) { return n > limit; });
        const double share = 100.0 * static_cast<double>(over) / static_cast<double>(facts.rows);
        m_tokens->setCaption(over ? tr("%1 % (%2 rows) exceed %3").arg(bridge::decimal(share, share < 10 ? 1 : 0)).arg(grouped(over), grouped(limit)) : tr("none exceeds %1").arg(grouped(limit)));
        m_over->setVisible(over > 0);
    }

    void showLanguages(const pipeline::RowFacts& facts)
    {
        std::vector<std::int64_t> counts(facts.languages.size());
        for (const auto code : facts.language)
            ++counts[code];
        QList<FacetItem> items;
        for (std::size_t code = 1; code < counts.size(); ++code)
            items.append({toQString(facts.languages[code]), toQString(facts.languages[code]), counts[code]});
        if (counts[0] > 0)
            items.append({QString(), tr("not clear"), counts[0]});
        m_languageBars->setItems(items);
    }

    /// The label column, or the column of few values that comes nearest to one.
    bool showClasses(const pipeline::RowFacts& facts)
    {
        const pipeline::RowCategory* chosen = nullptr;
        for (const auto& category : facts.categories)
            if (!chosen || m_opened->data->columns()[category.column].role == importer::ColumnRole::Label)
                chosen = &category;
        if (!chosen)
            return false;
        std::vector<std::int64_t> counts(chosen->values.size());
        for (const auto code : chosen->codes)
            ++counts[code];
        QList<FacetItem> items;
        for (std::size_t code = 1; code < counts.size(); ++code)
            items.append({toQString(chosen->values[code]), toQString(chosen->values[code]), counts[code]});
        m_classField = "column:" + chosen->name;
        m_classes->setTitle(tr("Balance of %1").arg(toQString(chosen->name)));
        const auto [least, most] = std::minmax_element(counts.begin() + 1, counts.end());
        m_classes->setCaption(tr("%1 values, most to fewest rows %2 : 1").arg(items.size()).arg(bridge::decimal(*least ? static_cast<double>(*most) / static_cast<double>(*least) : 0, 1)));
        m_classBars->setItems(items);
        return true;
    }

    void placePlots(const QList<widgets::Panel*>& shown)
    {
        m_shown = shown;
        for (auto* panel : {m_tokens, m_turns, m_languages, m_answers, m_classes}) {
            m_plots->removeWidget(panel);
            panel->setVisible(shown.contains(panel));
        }
        const int across = std::min<int>(3, static_cast<int>(shown.size()));
        for (int i = 0; i < shown.size(); ++i) {
            shown[i]->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // equal widths, however long a caption is
            m_plots->addWidget(shown[i], i / across, i % across);
        }
        for (int c = 0; c < 3; ++c)
            m_plots->setColumnStretch(c, c < across ? 1 : 0);
    }

    void showColumns()
    {
        if (!m_opened || !m_facts)
            return;
        QList<widgets::TableRow> lines;
        const auto stats = m_facts->stats();
        for (std::size_t c = 0; c < m_opened->data->columns().size(); ++c) {
            const auto& column = m_opened->data->columns()[c];
            const auto* s = stats && c < stats->columns.size() ? &stats->columns[c] : nullptr;
            widgets::TableRow line;
            line.id = toQString(column.name);
            line.cells = {{line.id}, {column.role == importer::ColumnRole::Ignore ? QStringLiteral("–") : bridge::translated(importer::roleName(column.role)), {}, widgets::Tone::Secondary}, {bridge::translated(column.type), {}, widgets::Tone::Secondary}};
            line.cells.first().isStrong = true;
            if (s)
                line.cells.append({{grouped(s->missing + s->empty), static_cast<qlonglong>(s->missing + s->empty)}, {(s->isDistinctEstimated ? tr("about ") : QString()) + grouped(s->distinct), static_cast<qlonglong>(s->distinct)}, {spread(*s)}});
            else
                line.cells.append(QList<widgets::Cell>(3, {m_facts->problem() ? QStringLiteral("–") : QStringLiteral("…")}));
            line.cells.append({exampleOf(m_example, column.name), {}, widgets::Tone::Secondary});
            lines.append(line);
        }
        m_columns->setRows(lines);
        m_columns->setFixedHeight(style::rowHeight() * static_cast<int>(lines.size() + 1) + 4);
    }

    OpenedPtr m_opened;
    DatasetFacts* m_facts = nullptr;
    Json m_example;
    std::string m_classField;
    QVBoxLayout* m_column = nullptr;
    QGridLayout* m_plots = nullptr;
    QList<widgets::Panel*> m_shown;
    KeptBar* m_kept = nullptr;
    ThingsPanel* m_things = nullptr;
    widgets::Panel *m_tokens = nullptr, *m_turns = nullptr, *m_languages = nullptr, *m_answers = nullptr, *m_classes = nullptr;
    DistributionPlot *m_tokensPlot = nullptr, *m_turnsPlot = nullptr, *m_answersPlot = nullptr;
    BarList *m_languageBars = nullptr, *m_classBars = nullptr;
    QPushButton* m_over = nullptr;
    widgets::Table* m_columns = nullptr;
};

DatasetTab* makeOverviewTab(shell::Context& context)
{
    return new OverviewTab(context);
}

}
