// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_tab.h"
#include "style/metrics.h"
#include "widgets/panel.h"
#include "widgets/table.h"
#include "widgets/diff_label.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QScrollArea>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

/// Every prompt of the run at left; at right its answers, the newest first, each against the one before it.
class SamplesTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::SamplesTab)
public:
    explicit SamplesTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column();
        setLayout(outer);
        m_stack = new QStackedWidget;
        outer->addWidget(m_stack);
        auto* page = new QWidget;
        auto* body = widgets::row(style::kSpace2);
        body->setContentsMargins(16, 10, 16, 12);
        page->setLayout(body);
        auto* prompts = new widgets::Panel(tr("Prompts"));
        m_prompts = new widgets::Table({{tr("Prompt"), 0}, {tr("Answers"), 76, true}});
        m_prompts->setAccessibleName(tr("Prompts"));
        m_prompts->setSortingEnabled(false);
        prompts->body()->addWidget(m_prompts);
        body->addWidget(prompts, 2);
        m_answers = new widgets::Panel(tr("Answers"));
        m_answers->setCaption(tr("temperature 0, newest first"));
        m_marks = new QCheckBox(tr("Mark what changed since the step before"));
        m_marks->setChecked(true);
        m_answers->addAction(m_marks);
        auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
        m_column = widgets::column(style::kSpace2, style::kSpace3);
        content->setLayout(m_column);
        auto* scroll = new QScrollArea;
        scroll->setWidget(content);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_answers->body()->addWidget(scroll);
        body->addWidget(m_answers, 3);
        m_stack->addWidget(page);
        m_stack->addWidget(new widgets::EmptyState(QStringLiteral("sample"), tr("This run has no sample prompts. Add some under Train, Evaluation and samples; the run then answers them at each evaluation.")));
        connect(m_prompts, &widgets::Table::selectionMoved, this, &SamplesTab::showAnswers);
        connect(m_marks, &QCheckBox::toggled, this, &SamplesTab::showAnswers);
    }

    void clear() override { m_events.clear(); }

    void show(const RunData& runData) override
    {
        const auto samples = runData.eventsOf("sample");
        m_best = runData.row.bestStep;
        m_stack->setCurrentIndex(samples.empty() ? 1 : 0);
        if (samples.size() == m_events.size() && !m_events.empty())
            return;
        m_events.clear();
        QStringList prompts;
        QList<int> counts;
        for (const auto* event : samples) {
            m_events.push_back(*event);
            const QString prompt = toQString(event->data.value("prompt", ""));
            const auto at = prompts.indexOf(prompt);
            at < 0 ? (prompts.append(prompt), counts.append(1)) : void(++counts[at]);
        }
        QList<widgets::TableRow> rows;
        for (qsizetype i = 0; i < prompts.size(); ++i)
            rows.append({prompts[i], {{prompts[i]}, {QString::number(counts[i]), counts[i]}}});
        m_prompts->setRows(rows);
        if (m_prompts->currentId().isEmpty() && !prompts.isEmpty())
            m_prompts->selectId(prompts.first());
        else
            showAnswers();
    }

private:
    void showAnswers()
    {
        while (auto* item = m_column->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        const QString prompt = m_prompts->currentId();
        QString before;
        QList<QWidget*> boxes;
        for (const auto& event : m_events) {
            if (toQString(event.data.value("prompt", "")) != prompt)
                continue;
            const QString text = toQString(event.data.value("text", ""));
            auto* box = new QWidget;
            auto* inner = widgets::column(4);
            box->setLayout(inner);
            QString head = event.step == 0 ? tr("step 0, base") : tr("step %1").arg(bridge::grouped(event.step));
            if (m_best > 0 && event.step == m_best)
                head += tr(", best");
            inner->addWidget(widgets::captionLabel(head));
            auto* answer = new widgets::DiffLabel;
            if (m_marks->isChecked() && !before.isEmpty())
                answer->setTexts(before, text);
            else
                answer->setPlain(text);
            inner->addWidget(answer);
            inner->addWidget(new widgets::Hairline);
            before = text;
            boxes.prepend(box);
        }
        for (auto* box : boxes.mid(0, 100))
            m_column->addWidget(box);
        for (auto* box : boxes.mid(100))
            delete box;
        m_column->addStretch(1);
    }

    QStackedWidget* m_stack = nullptr;
    widgets::Table* m_prompts = nullptr;
    widgets::Panel* m_answers = nullptr;
    QCheckBox* m_marks = nullptr;
    QVBoxLayout* m_column = nullptr;
    std::vector<store::RunEvent> m_events;
    std::int64_t m_best = 0;
};

RunTab* makeSamplesTab(shell::Context& context)
{
    return new SamplesTab(context);
}

}
