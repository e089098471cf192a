// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_tab.h"
#include "style/metrics.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTimer>

namespace attune::pages {

using bridge::toQString;

/// Words about the run and its tags, kept as one types.
class NotesTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::NotesTab)
public:
    explicit NotesTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column(style::kSpace2);
        outer->setContentsMargins(16, 10, 16, 12);
        setLayout(outer);
        auto* line = widgets::row(style::kSpace2);
        auto* label = widgets::bodyLabel(tr("&Tags"), widgets::Tone::Secondary);
        m_tags = new QLineEdit;
        m_tags->setObjectName(QStringLiteral("run-tags"));
        m_tags->setFixedWidth(360);
        m_tags->setPlaceholderText(tr("parted by commas"));
        m_tags->setAccessibleName(tr("Tags"));
        label->setBuddy(m_tags);
        line->addWidget(label);
        line->addWidget(m_tags);
        m_saved = widgets::captionLabel({});
        line->addWidget(m_saved);
        line->addStretch(1);
        outer->addLayout(line);
        m_notes = new QPlainTextEdit;
        m_notes->setObjectName(QStringLiteral("run-notes"));
        m_notes->setProperty("field", true);
        m_notes->setPlaceholderText(tr("What was tried, what came out, what to try next."));
        m_notes->setAccessibleName(tr("Notes"));
        m_notes->setTabChangesFocus(true);
        outer->addWidget(m_notes, 1);
        m_timer.setSingleShot(true);
        m_timer.setInterval(600);
        connect(&m_timer, &QTimer::timeout, this, &NotesTab::save);
        connect(m_notes, &QPlainTextEdit::textChanged, this, &NotesTab::edited);
        connect(m_tags, &QLineEdit::textEdited, this, &NotesTab::edited);
    }

    void clear() override
    {
        if (m_timer.isActive())
            save();
        m_timer.stop();
        m_row = {};
        m_saved->setText({});
    }

    void show(const RunData& runData) override
    {
        const bool isOther = m_row.id != runData.row.id;
        m_row.isArchived = runData.row.isArchived;
        if (!isOther && (m_timer.isActive() || m_notes->hasFocus() || m_tags->hasFocus()))
            return;  // what one types wins over what the database says
        m_row = runData.row;
        m_isSetting = true;
        QStringList tags;
        for (const auto& tag : m_row.tags)
            tags.append(toQString(tag));
        m_tags->setText(tags.join(QStringLiteral(", ")));
        if (m_notes->toPlainText() != toQString(m_row.notes))
            m_notes->setPlainText(toQString(m_row.notes));
        m_isSetting = false;
    }

protected:
    void hideEvent(QHideEvent*) override
    {
        if (m_timer.isActive())
            save();
    }

private:
    void edited()
    {
        if (m_isSetting || m_row.id.empty())
            return;
        m_saved->setText({});
        m_timer.start();
    }

    void save()
    {
        m_timer.stop();
        if (m_row.id.empty())
            return;
        std::vector<std::string> tags;
        for (const auto& tag : m_tags->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
            if (const QString word = tag.trimmed(); !word.isEmpty())
                tags.push_back(bridge::toStd(word));
        m_context.workspace.write([id = m_row.id, notes = bridge::toStd(m_notes->toPlainText()), tags, isArchived = m_row.isArchived](store::Store& store) {
            return store.annotateRun(id, notes, tags, isArchived);
        });
        m_saved->setText(tr("Saved"));
    }

    QLineEdit* m_tags = nullptr;
    QPlainTextEdit* m_notes = nullptr;
    widgets::Label* m_saved = nullptr;
    QTimer m_timer;
    store::RunRow m_row;
    bool m_isSetting = false;
};

RunTab* makeNotesTab(shell::Context& context)
{
    return new NotesTab(context);
}

}
