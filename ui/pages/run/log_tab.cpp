// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_tab.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/basics.h"
#include "widgets/text_view.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCheckBox>
#include <QClipboard>
#include <QFile>
#include <QLineEdit>
#include <QScrollBar>

namespace attune::pages {

using bridge::toQString;

namespace {
constexpr qint64 kTail = 256 * 1024;  // the end is what one looks at; the file has all of it
}

/// The end of the run's log, with a search; it follows new lines while one looks at its end.
class LogTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::LogTab)
public:
    explicit LogTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column(style::kSpace2);
        outer->setContentsMargins(16, 10, 16, 12);
        setLayout(outer);
        auto* line = widgets::row(style::kSpace2);
        m_filter = new QLineEdit;
        m_filter->setProperty("find", true);
        m_filter->setPlaceholderText(tr("Filter lines"));
        m_filter->setClearButtonEnabled(true);
        m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
        widgets::fitToPlaceholder(m_filter, 220);
        m_filter->setAccessibleName(tr("Filter lines"));
        line->addWidget(m_filter);
        m_follow = new QCheckBox(tr("Follow"));
        m_follow->setChecked(true);
        line->addWidget(m_follow);
        m_note = widgets::captionLabel({});
        line->addWidget(m_note);
        line->addStretch(1);
        auto* copy = widgets::button(tr("Copy"), widgets::ButtonRole::Secondary, QStringLiteral("copy"));
        line->addWidget(copy);
        outer->addLayout(line);
        m_text = widgets::textView();
        m_text->setAccessibleName(tr("Log of the run"));
        outer->addWidget(m_text, 1);
        connect(m_filter, &QLineEdit::textChanged, this, [this] { fill(); });
        connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_text->toPlainText()); });
    }

    void clear() override
    {
        m_lines.clear();
        m_text->clear();
    }

    void show(const RunData& runData) override
    {
        const QString path = toQString(runData.row.folder) + QStringLiteral("/log.txt");
        struct Tail { QStringList lines; qint64 size = 0; };
        bridge::compute<Tail>(this, [path] {
            Tail tail;
            QFile file(path);
            if (!file.open(QIODevice::ReadOnly))
                return tail;
            tail.size = file.size();
            file.seek(std::max<qint64>(0, tail.size - kTail));
            tail.lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
            if (tail.size > kTail && !tail.lines.isEmpty())
                tail.lines.removeFirst();  // cut in the middle
            for (auto& line : tail.lines)
                line = bridge::localLogLine(line);
            return tail;
        },
            [this](Tail tail) {
                m_note->setText(tail.size > kTail ? tr("the last %1 of %2").arg(bridge::size(kTail), bridge::size(static_cast<double>(tail.size))) : tr("%n line(s)", nullptr, static_cast<int>(tail.lines.size())));
                if (tail.lines == m_lines)
                    return;
                m_lines = std::move(tail.lines);
                fill();
            });
    }

private:
    void fill()
    {
        const QStringList shown = m_filter->text().isEmpty() ? m_lines : m_lines.filter(m_filter->text(), Qt::CaseInsensitive);
        const int before = m_text->verticalScrollBar()->value();
        m_text->setPlainText(shown.isEmpty() ? (m_lines.isEmpty() ? tr("The log is empty so far.") : tr("No line has this text.")) : shown.join(QLatin1Char('\n')));
        m_text->verticalScrollBar()->setValue(m_follow->isChecked() ? m_text->verticalScrollBar()->maximum() : before);
    }

    QLineEdit* m_filter = nullptr;
    QCheckBox* m_follow = nullptr;
    widgets::Label* m_note = nullptr;
    QPlainTextEdit* m_text = nullptr;
    QStringList m_lines;
};

RunTab* makeLogTab(shell::Context& context)
{
    return new LogTab(context);
}

}
