// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/tryout_page.h"

#include "pages/pages.h"
#include "pages/tryout/choices.h"
#include "pages/tryout/next_tokens.h"
#include "pages/tryout/prompt_set.h"
#include "pages/tryout/sampling_panel.h"
#include "style/metrics.h"
#include "widgets/page_header.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRandomGenerator>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {
constexpr qsizetype kMostColumns = 3;
}

TryOutPage::TryOutPage(shell::Context& context)
    : Page(context)
    , m_pool(std::make_shared<ChatPool>(context.workspace.stdPath()))
{
    auto* layout = widgets::column();
    setLayout(layout);
    buildHeader(layout);
    auto* body = widgets::row(0);
    m_stack = new QStackedWidget;
    auto* chat = new QWidget;
    auto* left = widgets::column();
    chat->setLayout(left);
    left->addWidget(buildColumns(), 1);
    left->addWidget(new widgets::Hairline);
    left->addWidget(buildInput());
    m_stack->addWidget(chat);
    m_prompts = new PromptSetView(context, m_pool);
    m_stack->addWidget(m_prompts);
    m_nothing = new widgets::EmptyState(QStringLiteral("tryout"), tr("Nothing to ask yet. A model answers here, and beside it what a run has made of it."));
    connect(m_nothing->setPrimary(tr("Go to Models")), &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Models); });
    connect(m_nothing->setLink(tr("New run")), &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
    m_stack->addWidget(m_nothing);
    body->addWidget(m_stack, 1);
    body->addWidget(new widgets::Hairline(Qt::Vertical));
    m_sampling = new SamplingPanel(context.settings);
    body->addWidget(m_sampling);
    layout->addLayout(body, 1);
    connect(m_prompts, &PromptSetView::closed, this, [this] { m_stack->setCurrentIndex(0); });
    m_timer.setInterval(60);
    connect(&m_timer, &QTimer::timeout, this, &TryOutPage::showStream);
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] {
        if (isVisible())
            loadChoices({});
    });
    addColumn();
    addColumn();
    showState();
}

void TryOutPage::buildHeader(QBoxLayout* layout)
{
    auto* header = new widgets::PageHeader(tr("Try out"));
    m_system = new QLineEdit;
    m_system->setObjectName(QStringLiteral("system-prompt"));
    m_system->setPlaceholderText(tr("System prompt: the template's own"));
    m_system->setFixedWidth(std::max(style::scaled(320), m_system->fontMetrics().horizontalAdvance(m_system->placeholderText()) + 2 * style::kSpace3));
    m_system->setAccessibleName(tr("System prompt"));
    m_system->setToolTip(m_system->placeholderText());
    header->addFact(m_system);
    m_blind = new QCheckBox(tr("Blind test"));
    m_blind->setToolTip(tr("Hides which model answers until a vote is given."));
    m_add = widgets::button(tr("Add column"), widgets::ButtonRole::Secondary, QStringLiteral("add"));
    m_set = widgets::button(tr("Run prompt set…"));
    m_more = widgets::iconButton(QStringLiteral("more"), tr("More actions"));
    for (QWidget* one : std::initializer_list<QWidget*> {m_blind, m_add, m_set, m_more})
        header->addAction(one);
    layout->addWidget(header);
    connect(m_blind, &QCheckBox::toggled, this, &TryOutPage::setBlind);
    connect(m_add, &QPushButton::clicked, this, [this] {
        auto* column = addColumn();
        // What is not shown yet comes first.
        for (const auto& choice : m_choices) {
            if (std::none_of(m_columns.begin(), m_columns.end(), [&](auto* other) { return other->choice().id == choice.id; })) {
                column->choose(choice.id);
                break;
            }
        }
        newConversation();
    });
    connect(m_set, &QPushButton::clicked, this, [this] {
        QList<ChatChoice> choices;
        QList<double> strengths;
        for (auto* column : m_columns) {
            choices.append(column->choice());
            strengths.append(column->strength());
        }
        m_prompts->open(choices, strengths, m_system->text(), m_sampling->request());
        m_stack->setCurrentWidget(m_prompts);
    });
    connect(m_more, &QToolButton::clicked, this, &TryOutPage::showMenu);
}

QWidget* TryOutPage::buildColumns()
{
    auto* area = new QWidget;
    m_columnRow = widgets::row(0);
    area->setLayout(m_columnRow);
    return area;
}

QWidget* TryOutPage::buildInput()
{
    auto* area = new QWidget;
    auto* column = widgets::column(6);
    column->setContentsMargins(14, 8, 14, 12);
    area->setLayout(column);
    auto* line = widgets::row(style::kSpace2);
    m_legend = new QWidget;
    auto* legend = widgets::row(style::kSpace2);
    m_legend->setLayout(legend);
    auto* mark = new widgets::DiffLabel;
    mark->setWordWrap(false);
    mark->setAlignment(Qt::AlignVCenter);
    mark->setTexts(QStringLiteral(" "), tr("different"), widgets::DiffStyle::Different);
    legend->addWidget(mark);
    legend->addWidget(widgets::captionLabel(tr("from the first column")));
    legend->addSpacing(style::kSpace2);
    legend->addWidget(widgets::captionLabel(tr("grey: the same word in both")));
    line->addWidget(m_legend);
    line->addStretch(1);
    m_tally = widgets::captionLabel({});
    m_tally->setObjectName(QStringLiteral("votes"));
    line->addWidget(m_tally);
    column->addLayout(line);
    auto* inner = widgets::row(style::kSpace2);
    m_input = new QPlainTextEdit;
    m_input->setObjectName(QStringLiteral("chat-input"));
    m_input->setPlaceholderText(tr("Your message. Return sends, Shift+Return starts a new line."));
    m_input->setAccessibleName(tr("Your message"));
    m_input->setProperty("field", true);
    m_input->setFixedHeight(style::scaled(52));
    m_input->setTabChangesFocus(true);
    m_input->installEventFilter(this);
    inner->addWidget(m_input, 1);
    m_send = widgets::button({}, widgets::ButtonRole::Primary, QStringLiteral("send"));
    m_send->setObjectName(QStringLiteral("chat-send"));
    m_send->setFixedHeight(style::scaled(52));
    inner->addWidget(m_send);
    column->addLayout(inner);
    connect(m_send, &QPushButton::clicked, this, [this] { m_job ? stop() : send(); });
    return area;
}

bool TryOutPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_input && (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && !(key->modifiers() & Qt::ShiftModifier)) {
            event->accept();  // with Ctrl it is a key of the menus elsewhere
            if (event->type() == QEvent::KeyPress)
                send();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

TryOutColumn* TryOutPage::addColumn()
{
    auto* column = new TryOutColumn(static_cast<int>(m_columns.size()));
    if (!m_columns.isEmpty())
        m_columnRow->addWidget(new widgets::Hairline(Qt::Vertical));
    m_columns.append(column);
    m_columnRow->addWidget(column, 1);
    column->setChoices(m_choices + m_extra);
    connect(column, &TryOutColumn::choiceChanged, this, &TryOutPage::columnsChanged);
    connect(column, &TryOutColumn::removeRequested, this, [this, column] { removeColumn(column); });
    connect(column, &TryOutColumn::adapterFileRequested, this, [this, column] { chooseAdapterFile(column); });
    columnsChanged();
    return column;
}

void TryOutPage::removeColumn(TryOutColumn* column)
{
    if (m_columns.size() < 2 || m_job)
        return;
    const auto at = m_columnRow->indexOf(column);
    // The line between two columns goes with the column behind it.
    if (auto* item = m_columnRow->takeAt(at > 0 ? at - 1 : at + 1)) {
        item->widget()->deleteLater();
        delete item;
    }
    m_columns.removeOne(column);
    m_columnRow->removeWidget(column);
    column->hide();
    column->deleteLater();
    columnsChanged();
    newConversation();
}

void TryOutPage::columnsChanged()
{
    for (auto* column : m_columns)
        column->setRemovable(m_columns.size() > 1 && !m_blind->isChecked());
    m_add->setEnabled(m_columns.size() < kMostColumns);
    m_add->setToolTip(m_add->isEnabled() ? QString() : tr("Three columns are the most that fit side by side."));
    QList<ChatChoice> wanted;
    for (auto* column : m_columns)
        wanted.append(column->choice());
    m_pool->setWanted(wanted);
    loadVotes();
    showState();
    showWhetherEmpty();
}

/// Without a model and a run there is nothing to ask: the page says where to get them.
void TryOutPage::showWhetherEmpty()
{
    const bool isEmpty = m_isLoaded && m_choices.isEmpty() && m_extra.isEmpty();
    if (isEmpty != (m_stack->currentWidget() == m_nothing))
        m_stack->setCurrentIndex(isEmpty ? m_stack->indexOf(m_nothing) : 0);
    for (QWidget* one : {static_cast<QWidget*>(m_system), static_cast<QWidget*>(m_blind), static_cast<QWidget*>(m_add), static_cast<QWidget*>(m_set)})
        one->setVisible(!isEmpty);
}

void TryOutPage::activate(const QString& object)
{
    loadChoices(object);
    if (m_stack->currentWidget() != m_nothing)
        m_stack->setCurrentIndex(0);
    m_input->setFocus();
}

void TryOutPage::loadChoices(const QString& object)
{
    m_context.workspace.query<QList<ChatChoice>>(this, [](store::Store& store) { return chatChoices(store); },
        [this, object](Result<QList<ChatChoice>> choices) {
            if (!choices)
                return;
            m_isLoaded = true;
            if (*choices != m_choices || choices->isEmpty()) {
                m_choices = std::move(*choices);
                setChoices();
            }
            chooseFor(object);
        });
}

void TryOutPage::setChoices()
{
    for (auto* column : m_columns) {
        const QSignalBlocker blocker(column);
        column->setChoices(m_choices + m_extra);
        column->setHint(tr("Ask something below. The answer appears here, beside those of the other columns."));
    }
    columnsChanged();
}

/// Base at left, the named (or newest) run at right, unless something else is asked for.
void TryOutPage::chooseFor(const QString& object)
{
    const auto takeExtra = [this](const ChatChoice& choice) {
        if (!m_extra.contains(choice)) {
            m_extra.append(choice);
            setChoices();
        }
    };
    QStringList wanted = object.split(QLatin1Char(','), Qt::SkipEmptyParts);
    if (object.startsWith(QLatin1String("file:"))) {
        const auto choice = modelFileChoice(object.mid(5));
        takeExtra(choice);
        wanted = {m_columns[0]->choice().id.isEmpty() && !m_choices.isEmpty() ? m_choices.last().id : m_columns[0]->choice().id, choice.id};
    } else if (object.startsWith(QLatin1String("adapter:"))) {
        const QString path = object.mid(8).section(QLatin1Char('|'), 0, 0), base = object.section(QLatin1Char('|'), 1);
        const auto choice = adapterFileChoice(path, base);
        takeExtra(choice);
        wanted = {base, choice.id};
    }
    const auto find = [this](const QString& id) -> const ChatChoice* {
        for (const auto* list : {&m_choices, &m_extra})
            for (const auto& choice : *list)
                if (choice.id == id || choice.id.section(QLatin1Char('#'), 0, 0) == id)
                    return &choice;
        return nullptr;
    };
    if (wanted.size() == 1)
        if (const auto* run = find(wanted[0]); run && run->hasAdapter())
            wanted = {run->base, run->id};
    if (wanted.isEmpty() && m_columns[0]->choice().id.isEmpty() && !m_choices.isEmpty()) {
        const auto& first = m_choices.first();
        wanted = first.hasAdapter() ? QStringList {first.base, first.id} : QStringList {first.id, first.id};
    }
    while (m_columns.size() < std::min<qsizetype>(kMostColumns, wanted.size()))
        addColumn();
    bool isOther = false;
    for (qsizetype i = 0; i < std::min(m_columns.size(), wanted.size()); ++i)
        if (const auto* choice = find(wanted[i]); choice && m_columns[i]->choice().id != choice->id)
            isOther = m_columns[i]->choose(choice->id) || isOther;
    if (isOther)
        newConversation();
}

void TryOutPage::chooseAdapterFile(TryOutColumn* column)
{
    QString base;
    for (auto* other : m_columns)
        if (other != column && base.isEmpty())
            base = other->choice().hasAdapter() ? other->choice().base : other->choice().id;
    const QString path = QFileDialog::getOpenFileName(this, tr("Adapter on %1").arg(base), {}, tr("Adapters (*.gguf adapter_config.json)"));
    const QString adapter = path.endsWith(QLatin1String("adapter_config.json")) ? QFileInfo(path).absolutePath() : path;
    if (path.isEmpty() || base.isEmpty()) {
        column->choose(m_choices.isEmpty() ? QString() : m_choices.first().id);
        return;
    }
    const auto choice = adapterFileChoice(adapter, base);
    if (!m_extra.contains(choice))
        m_extra.append(choice);
    setChoices();
    column->choose(choice.id);
}

shell::Page* makeTryOut(shell::Context& context)
{
    return new TryOutPage(context);
}

}
