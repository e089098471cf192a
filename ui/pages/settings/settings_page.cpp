// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/settings/settings_page.h"

#include "pages/pages.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/theme.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QAction>
#include <QBoxLayout>
#include <QGridLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>

namespace attune::pages {

using widgets::Tone;

SettingsPage::SettingsPage(shell::Context& context)
    : Page(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* header = new widgets::PageHeader(tr("Settings"));
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("settings-search"));
    m_search->setProperty("find", true);
    m_search->setPlaceholderText(tr("Search settings"));
    m_search->setAccessibleName(tr("Search settings"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    widgets::fitToPlaceholder(m_search, 220);
    header->addAction(m_search);
    layout->addWidget(header);
    auto* body = widgets::row(0);
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("settings-sections"));
    m_list->setAccessibleName(tr("Sections"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->viewport()->setAutoFillBackground(false);
    body->addWidget(m_list);
    body->addWidget(new widgets::Hairline(Qt::Vertical));
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_column = widgets::column();
    content->setLayout(m_column);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    body->addWidget(m_scroll, 1);
    layout->addLayout(body, 1);
    addGeneral();
    addFolders();
    addHardware();
    addCharts();
    addNotifications();
    addPrivacy();
    addShortcuts();
    addAbout();
    m_column->addStretch(1);
    int width = style::scaled(178);
    for (const auto& section : m_sections) {
        width = std::max(width, m_list->fontMetrics().horizontalAdvance(section.name) + 3 * style::kSpace2);
        auto* item = new QListWidgetItem(section.name, m_list);
        item->setSizeHint(QSize(0, style::scaled(30)));
    }
    connect(m_list, &QListWidget::currentRowChanged, this, &SettingsPage::scrollTo);
    connect(m_scroll->verticalScrollBar(), &QScrollBar::valueChanged, this, &SettingsPage::followScrolling);
    connect(m_search, &QLineEdit::textChanged, this, &SettingsPage::filter);
    m_list->setCurrentRow(0);
    m_list->setFixedWidth(width);
}

void SettingsPage::activate(const QString& object)
{
    for (qsizetype i = 0; i < m_sections.size(); ++i)
        if (m_sections[i].key == object)
            m_list->setCurrentRow(static_cast<int>(i));
    measureFolders();
    fillShortcuts();
    if (!std::exchange(m_hasLooked, true))
        lookAtHardware();
}

/// Once the layout knows where the section is.
void SettingsPage::scrollTo(int section)
{
    if (section < 0 || m_isScrolling)
        return;
    QTimer::singleShot(0, this, [this, section] {
        m_isScrolling = true;
        m_scroll->widget()->layout()->activate();
        m_scroll->verticalScrollBar()->setValue(section == 0 ? 0 : m_sections[section].page->y());
        m_isScrolling = false;
    });
}

/// The list names the section at the top.
void SettingsPage::followScrolling()
{
    if (m_isScrolling)
        return;
    const int top = m_scroll->verticalScrollBar()->value() + style::scaled(40);
    int at = -1;
    for (int i = 0; i < m_sections.size(); ++i)
        if (!m_sections[i].page->isHidden() && (at < 0 || m_sections[i].page->y() <= top))
            at = i;
    m_isScrolling = true;
    m_list->setCurrentRow(at);
    m_isScrolling = false;
}

QString SettingsPage::place() const
{
    return m_list->currentRow() >= 0 ? m_sections[m_list->currentRow()].key : QString();
}

SettingsPage::Section& SettingsPage::addSection(const QString& key, const QString& name, const QString& sentence)
{
    auto* content = new QWidget;
    auto* column = widgets::column(style::kSpace2);
    column->setContentsMargins(20, 14, 20, 16);
    content->setLayout(column);
    if (!m_sections.isEmpty())
        column->addWidget(new widgets::Hairline);
    column->addWidget(widgets::headingLabel(name));
    if (!sentence.isEmpty())
        column->addWidget(widgets::wrappedLabel(sentence));
    auto* grid = new QGridLayout;
    grid->setContentsMargins(0, 8, 0, 0);
    grid->setColumnMinimumWidth(0, style::scaled(150));
    grid->setColumnStretch(2, 1);
    grid->setHorizontalSpacing(style::kSpace3);
    grid->setVerticalSpacing(style::kSpace2);
    column->addLayout(grid);
    m_column->addWidget(content);
    m_sections.append({key, name, {name, sentence}, content, grid});
    return m_sections.last();
}

void SettingsPage::addRow(const QString& name, QWidget* field, const QString& hint)
{
    auto& section = m_sections.last();
    const int line = section.grid->rowCount();
    auto* label = widgets::bodyLabel(name, Tone::Secondary);
    label->setBuddy(field);
    label->setMinimumHeight(std::min(style::controlHeight(), field->sizeHint().height()));
    section.grid->addWidget(label, line, 0, Qt::AlignTop | Qt::AlignLeft);
    section.grid->addWidget(field, line, 1, Qt::AlignLeft | Qt::AlignTop);
    if (!hint.isEmpty()) {
        auto* words = widgets::wrappedLabel(hint);
        words->setFont(style::caption());
        section.grid->addWidget(words, line, 2, Qt::AlignVCenter);
    }
    section.words << name << hint;
    if (auto* button = qobject_cast<QAbstractButton*>(field))
        section.words << button->text();
}

/// Sections that hold the words stay.
void SettingsPage::filter(const QString& text)
{
    int first = -1;
    for (qsizetype i = 0; i < m_sections.size(); ++i) {
        const bool fits = text.trimmed().isEmpty() || std::any_of(m_sections[i].words.begin(), m_sections[i].words.end(), [&](const QString& word) { return word.contains(text.trimmed(), Qt::CaseInsensitive); });
        m_list->item(static_cast<int>(i))->setHidden(!fits);
        m_sections[i].page->setVisible(fits);
        if (fits && first < 0)
            first = static_cast<int>(i);
    }
    if (first >= 0 && m_list->currentRow() >= 0 && m_list->item(m_list->currentRow())->isHidden())
        m_list->setCurrentRow(first);
}

shell::Page* makeSettings(shell::Context& context)
{
    return new SettingsPage(context);
}

}
