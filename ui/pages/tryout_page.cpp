// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "pages/tryout_column.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "widgets/page_header.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// Chat with a base model and a trained one side by side: the same words to both, the adapter's
/// strength on a slider.
class TryOutPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::TryOutPage)
public:
    explicit TryOutPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        auto* header = new widgets::PageHeader(tr("Try out"));
        header->addFact(widgets::captionLabel(tr("System prompt")));
        m_system = new QLineEdit;
        m_system->setFixedWidth(340);
        m_system->setPlaceholderText(tr("none: the template's own applies"));
        m_system->setAccessibleName(tr("System prompt"));
        header->addFact(m_system);
        m_clear = widgets::button(tr("New conversation"));
        header->addAction(m_clear);
        layout->addWidget(header);
        auto* body = widgets::row(0);
        auto* left = widgets::column();
        auto* columns = widgets::row(0);
        for (int i = 0; i < 2; ++i) {
            m_columns[i] = new TryOutColumn(context, i == 0);
            if (i == 1)
                columns->addWidget(new widgets::Hairline(Qt::Vertical));
            columns->addWidget(m_columns[i], 1);
            connect(m_columns[i], &TryOutColumn::idleChanged, this, [this] { showState(); });
        }
        left->addLayout(columns, 1);
        left->addWidget(new widgets::Hairline);
        left->addWidget(buildInput());
        body->addLayout(left, 1);
        body->addWidget(new widgets::Hairline(Qt::Vertical));
        body->addWidget(buildSampling());
        layout->addLayout(body, 1);
        connect(m_clear, &QPushButton::clicked, this, [this] {
            for (auto* column : m_columns)
                column->clear();
            m_input->setFocus();
        });
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { loadChoices({}); });
    }

    void activate(const QString& object) override
    {
        loadChoices(object);
        m_input->setFocus();
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == m_input && event->type() == QEvent::KeyPress) {
            const auto* key = static_cast<QKeyEvent*>(event);
            if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && !(key->modifiers() & Qt::ShiftModifier)) {
                send();
                return true;
            }
        }
        return Page::eventFilter(watched, event);
    }

private:
    QWidget* buildInput()
    {
        auto* area = new QWidget;
        auto* inner = widgets::row(style::kSpace2);
        inner->setContentsMargins(14, 10, 14, 12);
        area->setLayout(inner);
        m_input = new QPlainTextEdit;
        m_input->setObjectName(QStringLiteral("chat-input"));
        m_input->setPlaceholderText(tr("Ask both. Return sends, Shift+Return starts a new line."));
        m_input->setAccessibleName(tr("Your message"));
        m_input->setProperty("field", true);
        m_input->setFixedHeight(style::scaled(52));
        m_input->setTabChangesFocus(true);
        m_input->installEventFilter(this);
        inner->addWidget(m_input, 1);
        m_send = widgets::button(tr("Send to both"), widgets::ButtonRole::Primary, QStringLiteral("send"));
        m_send->setFixedHeight(style::scaled(52));
        inner->addWidget(m_send);
        connect(m_send, &QPushButton::clicked, this, [this] {
            if (isIdle()) {
                send();
                return;
            }
            for (auto* column : m_columns)
                column->stop();
        });
        return area;
    }

    QWidget* buildSampling()
    {
        auto* side = new widgets::PlaneWidget(widgets::Plane::Surface);
        side->setFixedWidth(style::scaled(236));
        auto* layout = widgets::column(style::kSpace1, style::kSpace4);
        side->setLayout(layout);
        layout->addWidget(widgets::headingLabel(tr("Sampling")));
        const auto field = [&](const QString& name, const QString& value, const QString& help) {
            auto* line = widgets::row();
            auto* label = widgets::bodyLabel(name);
            auto* edit = new QLineEdit(value);
            edit->setFixedWidth(84);
            edit->setFont(style::mono());
            edit->setAccessibleName(name);
            edit->setToolTip(help);
            label->setToolTip(help);
            line->addWidget(label);
            line->addStretch(1);
            line->addWidget(edit);
            layout->addLayout(line);
            return edit;
        };
        m_temperature = field(tr("Temperature"), QStringLiteral("0.70"), tr("0 always takes the likeliest token; higher is more varied."));
        m_topP = field(tr("Top-p"), QStringLiteral("0.95"), tr("Only the likeliest tokens that together reach this probability are drawn from."));
        m_minP = field(tr("Min-p"), QStringLiteral("0.05"), tr("Tokens below this share of the likeliest one are left out."));
        m_penalty = field(tr("Repeat penalty"), QStringLiteral("1.00"), tr("Above 1, tokens that were used already get less likely."));
        m_length = field(tr("Max length"), QStringLiteral("256"), tr("Tokens of an answer, at most."));
        m_seed = field(tr("Seed"), QStringLiteral("42"), tr("The same seed gives the same answer."));
        layout->addSpacing(style::kSpace3);
        layout->addWidget(new widgets::Hairline);
        layout->addSpacing(style::kSpace2);
        layout->addWidget(widgets::wrappedLabel(tr("The engine is opened with the first message; a model then stays in memory until another is chosen. The slider scales the adapter: 0 is the base model, 1 as trained.")));
        layout->addStretch(1);
        return side;
    }

    pipeline::GenerateRequest request() const
    {
        pipeline::GenerateRequest request;
        request.temperature = m_temperature->text().toDouble();
        request.topP = m_topP->text().toDouble();
        request.minP = m_minP->text().toDouble();
        request.repetitionPenalty = std::max(1e-3, m_penalty->text().toDouble());
        request.maxTokens = std::clamp(m_length->text().toInt(), 1, 100000);
        request.seed = m_seed->text().toULongLong();
        return request;
    }

    bool isIdle() const { return m_columns[0]->isIdle() && m_columns[1]->isIdle(); }

    void send()
    {
        const QString text = m_input->toPlainText().trimmed();
        if (text.isEmpty() || !isIdle())
            return;
        m_input->clear();
        for (auto* column : m_columns)
            column->send(text, m_system->text(), request());
        showState();
    }

    void showState()
    {
        m_send->setText(isIdle() ? tr("Send to both") : tr("Stop"));
    }

    void loadChoices(const QString& object)
    {
        struct Choices { std::vector<store::ModelRow> models; std::vector<store::RunRow> runs; };
        m_context.workspace.query<Choices>(this,
            [](store::Store& store) -> Result<Choices> {
                Choices choices;
                ATTUNE_TRY(choices.models, store.models());
                ATTUNE_TRY(choices.runs, store.runs());
                return choices;
            },
            [this, object](Result<Choices> choices) {
                if (!choices)
                    return;
                QList<TryOutChoice> list;
                for (const auto& run : choices->runs)
                    if (run.stepsDone > 0)
                        list.append({toQString(run.id), tr("step %1").arg(run.stepsDone), run.colour, toQString(run.model)});
                for (const auto& model : choices->models)
                    list.append({toQString(model.name), tr("base"), -1, {}});
                m_columns[0]->setChoices(list);
                m_columns[1]->setChoices(list);
                const QStringList wanted = object.split(QLatin1Char(','), Qt::SkipEmptyParts);
                if (wanted.size() >= 2) {
                    m_columns[0]->choose(wanted[0]);
                    m_columns[1]->choose(wanted[1]);
                    return;
                }
                // Base at left, the newest (or the named) run at right.
                const auto run = std::find_if(choices->runs.begin(), choices->runs.end(), [&](const auto& r) { return r.stepsDone > 0 && (wanted.isEmpty() || toQString(r.id) == wanted[0]); });
                if (run != choices->runs.end() && (m_columns[1]->choice().isEmpty() || !wanted.isEmpty())) {
                    m_columns[0]->choose(toQString(run->model));
                    m_columns[1]->choose(toQString(run->id));
                } else if (m_columns[0]->choice().isEmpty() && !choices->models.empty()) {
                    m_columns[0]->choose(wanted.isEmpty() ? toQString(choices->models.front().name) : wanted[0]);
                    m_columns[1]->choose(m_columns[0]->choice());
                }
            });
    }

    QLineEdit *m_system = nullptr, *m_temperature = nullptr, *m_topP = nullptr, *m_minP = nullptr, *m_penalty = nullptr, *m_length = nullptr, *m_seed = nullptr;
    QPushButton *m_clear = nullptr, *m_send = nullptr;
    QPlainTextEdit* m_input = nullptr;
    TryOutColumn* m_columns[2] {};
};

shell::Page* makeTryOut(shell::Context& context)
{
    return new TryOutPage(context);
}

}
