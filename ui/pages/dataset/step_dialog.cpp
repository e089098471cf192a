// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/step_dialog.h"

#include "cleaner/cleaned_dataset.h"
#include "widgets/word_diff.h"
#include "pages/dataset/step_names.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QKeyEvent>
#include <QScrollArea>
#include <QThreadPool>

#include <algorithm>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

namespace {

constexpr std::size_t kSamples = 40;
constexpr int kContext = 60;  ///< equal characters kept on both sides of a difference

/// Steps that come of what one does to rows and columns, not of a form.
bool isMadeElsewhere(const cleaner::Rule& rule)
{
    return rule.type == "edit" || rule.type == "drop_rows" || rule.type == "set_roles";
}

QString shortened(const QString& text, bool isFirst, bool isLast)
{
    if (text.size() <= 2 * kContext)
        return text;
    const QString head = text.left(isFirst ? 0 : kContext), tail = text.right(isLast ? 0 : kContext);
    return head + QStringLiteral(" … ") + tail;
}

QString shownValue(const Json& value)
{
    return value.is_string() ? toQString(value.get_ref<const std::string&>()) : value.is_null() ? QString() : toQString(toLine(value));
}

QString diffHtml(const QString& before, const QString& after)
{
    const auto& t = style::tokens();
    using Kind = widgets::DiffPart::Kind;
    const auto parts = widgets::wordDiff(before, after);
    QString html;
    for (int i = 0; i < parts.size(); ++i) {
        const auto& part = parts[i];
        if (part.kind == Kind::Same) {
            html += shortened(part.text, i == 0, i + 1 == parts.size()).toHtmlEscaped();
            continue;
        }
        const bool isGone = part.kind == Kind::Removed, isNew = part.kind == Kind::Added;
        const QColor ground = isGone ? t.delBg : isNew ? t.addBg : t.chgBg, ink = isGone ? t.delText : isNew ? t.addText : t.chgText;
        QString text = part.text;
        text.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
        html += QStringLiteral("<span style=\"background-color:%1;color:%2%3\">%4</span>").arg(ground.name(), ink.name(), isGone ? QStringLiteral(";text-decoration:line-through") : QString(), text.toHtmlEscaped().replace(QLatin1Char(' '), QChar(0x00A0)));
    }
    return html;
}

}

StepDialog::StepDialog(shell::Context& context, const OpenedPtr& opened, const DatasetFacts& facts, int step, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_opened(opened)
    , m_step(step)
    , m_model(facts.model())
    , m_facts(step < 0 ? facts.facts() : nullptr)
{
    setObjectName(QStringLiteral("step-dialog"));
    setWindowTitle(step < 0 ? tr("Add a step") : tr("Edit step %1").arg(step + 1));
    resize(style::scaled(940), style::scaled(640));
    auto* outer = widgets::column();
    setLayout(outer);
    auto* body = widgets::row(0);
    body->addWidget(buildRules());
    body->addWidget(new widgets::Hairline(Qt::Vertical));
    body->addWidget(buildStep(), 1);
    outer->addLayout(body, 1);
    outer->addWidget(new widgets::Hairline);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_accept = widgets::button(step < 0 ? tr("Add step") : tr("Change step"), widgets::ButtonRole::Primary);
    m_accept->setObjectName(QStringLiteral("step-accept"));
    buttons->addButton(m_accept, QDialogButtonBox::AcceptRole);
    buttons->setContentsMargins(16, 10, 16, 10);
    outer->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_pause.setSingleShot(true);
    m_pause.setInterval(250);
    connect(&m_pause, &QTimer::timeout, this, &StepDialog::preview);
    filterRules({});
    if (step < 0)
        m_search->setFocus();
}

StepDialog::~StepDialog()
{
    m_stop.request_stop();
}

QWidget* StepDialog::buildRules()
{
    auto* side = new widgets::PlaneWidget(widgets::Plane::Window);
    int width = style::scaled(236);
    for (const auto* rule : cleaner::all())
        width = std::max(width, QFontMetrics(style::body()).horizontalAdvance(bridge::translated(rule->label)) + 64);  // margins and a scroll bar
    side->setFixedWidth(width);
    auto* column = widgets::column(style::kSpace2, style::kSpace3);
    side->setLayout(column);
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("step-search"));
    m_search->setPlaceholderText(tr("Find a step"));
    m_search->setAccessibleName(tr("Find a step"));
    m_search->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->installEventFilter(this);
    column->addWidget(m_search);
    m_rules = new QListWidget;
    m_rules->setObjectName(QStringLiteral("step-rules"));
    m_rules->setAccessibleName(tr("Kinds of steps"));
    m_rules->setFrameShape(QFrame::NoFrame);
    m_rules->viewport()->setAutoFillBackground(false);
    m_rules->setUniformItemSizes(true);
    column->addWidget(m_rules, 1);
    connect(m_search, &QLineEdit::textChanged, this, &StepDialog::filterRules);
    connect(m_rules, &QListWidget::currentItemChanged, this, &StepDialog::chooseRule);
    return side;
}

QWidget* StepDialog::buildStep()
{
    auto* page = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* column = widgets::column(style::kSpace2);
    column->setContentsMargins(16, 14, 16, 12);
    page->setLayout(column);
    m_title = widgets::titleLabel({});
    column->addWidget(m_title);
    m_help = widgets::wrappedLabel({});
    column->addWidget(m_help);
    m_form = new StepForm;
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->viewport()->setAutoFillBackground(false);
    m_form->setAutoFillBackground(false);
    column->addWidget(scroll, 2);
    column->addWidget(new widgets::Hairline);
    m_counts = widgets::wrappedLabel({}, widgets::Tone::Text);
    m_counts->setTextFormat(Qt::RichText);
    m_counts->setObjectName(QStringLiteral("step-counts"));
    m_counts->setMinimumHeight(style::scaled(24));
    column->addWidget(m_counts);
    m_samples = new QTextBrowser;
    m_samples->setObjectName(QStringLiteral("step-samples"));
    m_samples->setAccessibleName(tr("Rows that the step changes"));
    m_samples->setFrameShape(QFrame::NoFrame);
    m_samples->setFont(style::body());
    column->addWidget(m_samples, 3);
    connect(m_form, &StepForm::changed, this, &StepDialog::askPreview);
    return page;
}

void StepDialog::filterRules(const QString& text)
{
    const QString wanted = m_rules->currentItem() ? m_rules->currentItem()->data(Qt::UserRole).toString()
        : m_step >= 0                             ? toQString(m_opened->steps[static_cast<std::size_t>(m_step)].step.type)
                                                  : QString();
    std::vector<const cleaner::Rule*> rules;
    for (const auto* rule : cleaner::all()) {
        const bool isFound = bridge::translated(rule->label).contains(text, Qt::CaseInsensitive) || bridge::translated(rule->help).contains(text, Qt::CaseInsensitive) || toQString(rule->type).contains(text, Qt::CaseInsensitive);
        if (isFound && (!isMadeElsewhere(*rule) || toQString(rule->type) == wanted) && (m_step < 0 || toQString(rule->type) == wanted))
            rules.push_back(rule);
    }
    std::sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) { return a->label < b->label; });
    const QSignalBlocker blocker(m_rules);
    m_rules->clear();
    int current = 0;
    for (const auto* rule : rules) {
        auto* item = new QListWidgetItem(bridge::translated(rule->label), m_rules);
        item->setData(Qt::UserRole, toQString(rule->type));
        item->setToolTip(bridge::translated(rule->help));
        item->setSizeHint({10, style::rowHeight()});
        if (toQString(rule->type) == wanted)
            current = m_rules->count() - 1;
    }
    m_rules->setCurrentRow(m_rules->count() ? current : -1);
    chooseRule();
}

void StepDialog::chooseRule()
{
    const auto* item = m_rules->currentItem();
    const auto* rule = item ? cleaner::findRule(bridge::toStd(item->data(Qt::UserRole).toString())) : nullptr;
    m_accept->setEnabled(false);
    if (rule == m_rule && rule)
        return askPreview();
    m_rule = rule;
    if (!rule)
        return;
    m_title->setText(bridge::translated(rule->label));
    m_help->setText(bridge::translated(rule->help));
    m_columns = m_opened->data->columns();
    Json options = Json::object();
    if (m_step >= 0) {
        options = m_opened->steps[static_cast<std::size_t>(m_step)].step.options;
        const auto steps = m_opened->plainSteps();
        const cleaner::PrepareContext prepare {[](std::string_view) { return std::int64_t(0); }};
        if (const auto chain = cleaner::StepChain::prepare({steps.begin(), steps.begin() + m_step}, m_opened->source->columns(), prepare))
            m_columns = chain->columns();
    }
    m_form->setRule(*rule, m_columns, options);
    askPreview();
}

void StepDialog::askPreview()
{
    m_stop.request_stop();
    ++m_request;
    m_isWaiting = true;
    m_pause.start();
}

cleaner::Step StepDialog::step() const
{
    cleaner::Step made {m_rule ? std::string(m_rule->type) : std::string(), m_rule ? m_form->options() : Json::object()};
    if (m_step >= 0)
        made.isEnabled = m_opened->steps[static_cast<std::size_t>(m_step)].step.isEnabled;
    return made;
}

void StepDialog::preview()
{
    if (!m_rule)
        return;
    if (!m_form->problem().isEmpty()) {
        showPreview(fail(ErrorCode::Usage, bridge::toStd(m_form->problem())));
        return;
    }
    m_counts->setText(tr("Trying it on %1 rows…").arg(grouped(m_opened->data->rows())));
    m_stop = {};
    JobContext job;
    job.stop = m_stop.get_token();
    struct Answer {
        Result<pipeline::StepPreview> preview;
        importer::DatasetPtr before;
    };
    auto wanted = step();
    wanted.isEnabled = true;
    bridge::compute<std::shared_ptr<Answer>>(this,
        [opened = m_opened, before = m_before, wanted, facts = m_facts, model = m_model, number = m_step, job]() mutable {
            const auto* tokenizer = model ? model->tokenizer.get() : nullptr;
            if (!before && number < 0)
                before = opened->data;
            if (!before) {
                const auto steps = opened->plainSteps();
                auto made = pipeline::behindSteps(opened->source, {steps.begin(), steps.begin() + number}, tokenizer, job);
                if (!made)
                    return std::make_shared<Answer>(Answer {made.error(), nullptr});
                before = *made;
            }
            return std::make_shared<Answer>(Answer {pipeline::previewStep(*before, wanted, facts.get(), tokenizer, kSamples, job), before});
        },
        [this, request = m_request](std::shared_ptr<Answer> answer) {
            if (answer->before)
                m_before = answer->before;
            if (request == m_request)
                showPreview(answer->preview);
        });
}

QString StepDialog::counts(const pipeline::StepPreview& p) const
{
    const auto mono = [](const QString& text) { return QStringLiteral("<span style=\"font-family:'Attune Mono'\">%1</span>").arg(text); };
    QString text = tr("%1 → %2 rows").arg(mono(grouped(p.rowsIn)), mono(grouped(p.rowsOut)));
    if (p.rowsOut != p.rowsIn)
        text += QStringLiteral(" (%1%2)").arg(p.rowsOut > p.rowsIn ? QStringLiteral("+") : QString(), grouped(p.rowsOut - p.rowsIn));
    text += tr(", %1 changed").arg(mono(grouped(p.changed)));
    if (p.tokensIn && p.tokensOut)
        text += tr(", %1 → %2 tokens").arg(mono(grouped(*p.tokensIn)), mono(grouped(*p.tokensOut)));
    return text;
}

QString StepDialog::samples(const pipeline::StepPreview& p) const
{
    const auto& t = style::tokens();
    QString html;
    for (const auto& change : p.sample) {
        const auto& source = m_before ? m_before : m_opened->data;
        const QString head = change.isDropped ? QStringLiteral("<span style=\"color:%1\">−</span>").arg(t.danger.name()) : QStringLiteral("<span style=\"color:%1\">~</span>").arg(t.warning.name());
        QString body;
        for (const auto& column : m_columns) {
            const QString before = change.before.contains(column.name) ? shownValue(change.before[column.name]) : QString();
            const QString after = !change.isDropped && change.after.contains(column.name) ? shownValue(change.after[column.name]) : QString();
            if (change.isDropped && (column.role != importer::ColumnRole::Ignore || m_columns.size() == 1))
                body += QStringLiteral("<span style=\"color:%1;text-decoration:line-through\">%2</span> ").arg(t.delText.name(), before.left(140).simplified().toHtmlEscaped());
            else if (!change.isDropped && before != after)
                body += QStringLiteral("<span style=\"color:%1\">%2</span> %3 ").arg(t.text2.name(), toQString(column.name).toHtmlEscaped(), diffHtml(before, after));
        }
        html += QStringLiteral("<p style=\"margin:0 0 6px 0\">%1 <span style=\"font-family:'Attune Mono';color:%2\">%3</span>&nbsp; %4</p>").arg(head, t.text2.name(), grouped(cleaner::sourceRow(*source, change.row)), body);
    }
    const auto all = p.changed + std::max<std::int64_t>(0, p.rowsIn - p.rowsOut);
    if (static_cast<std::int64_t>(p.sample.size()) < all)
        html += QStringLiteral("<p style=\"color:%1\">%2</p>").arg(t.text2.name(), tr("and %1 more rows").arg(grouped(all - static_cast<std::int64_t>(p.sample.size()))));
    return html;
}

void StepDialog::showPreview(const Result<pipeline::StepPreview>& answer)
{
    if (!answer && answer.error().kind() == ErrorKind::Cancelled)
        return;
    m_isWaiting = false;
    m_counts->setTone(answer ? widgets::Tone::Text : widgets::Tone::Danger);
    if (!answer) {
        m_counts->setText(toQString(answer.error().message + " " + answer.error().hint).toHtmlEscaped());
        m_samples->clear();
        m_accept->setEnabled(false);
        return;
    }
    m_counts->setText(counts(*answer));
    const bool changesColumns = answer->columns.size() != m_columns.size() || !std::equal(m_columns.begin(), m_columns.end(), answer->columns.begin(), [](const auto& a, const auto& b) { return a.name == b.name; });
    if (answer->sample.empty())
        m_samples->setHtml(QStringLiteral("<p style=\"color:%1\">%2</p>").arg(style::tokens().text2.name(),
            changesColumns ? tr("The columns change; no row is dropped.") : answer->rowsOut > answer->rowsIn ? tr("Rows are added; none is changed or dropped.") : tr("No row would change.")));
    else
        m_samples->setHtml(samples(*answer));
    m_accept->setEnabled(answer->rowsOut > 0);
    if (answer->rowsOut == 0) {
        m_counts->setTone(widgets::Tone::Danger);
        m_counts->setText(tr("No rows would be left (0 of %1). Loosen the step.").arg(grouped(answer->rowsIn)));
    }
}

bool StepDialog::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            m_rules->setCurrentRow(std::clamp(m_rules->currentRow() + (key == Qt::Key_Down ? 1 : -1), 0, std::max(0, m_rules->count() - 1)));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}
