// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/job_row.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::pages {

class JobRow::Bar final : public QWidget
{
public:
    Bar() { setFixedSize(120, 16); }
    double share = -1;

protected:
    void paintEvent(QPaintEvent*) override
    {
        if (share < 0)
            return;
        QPainter painter(this);
        const auto& t = style::tokens();
        style::drawBox(&painter, QRect(0, 5, width(), 6), t.hover, QColor(), 3);
        style::drawBox(&painter, QRect(0, 5, std::max(4, static_cast<int>(width() * std::min(1.0, share))), 6), t.accent, QColor(), 3);
    }
};

JobRow::JobRow(QWidget* parent)
    : QWidget(parent)
{
    auto* column = widgets::column(0);
    column->setContentsMargins(12, 4, 8, 5);
    setLayout(column);
    auto* line = widgets::row(style::kSpace2);
    column->addLayout(line);
    m_icon = new QLabel;
    m_icon->setFixedWidth(18);
    line->addWidget(m_icon);
    m_name = new widgets::ElidedLabel;
    m_name->setFont(style::body(style::Weight::Medium));
    m_name->setFixedWidth(style::scaled(210));
    m_name->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);  // an ignored hint of 0 would be laid over
    line->addWidget(m_name);
    m_word = new widgets::ElidedLabel;
    line->addWidget(m_word, 1);
    m_bar = new Bar;
    line->addWidget(m_bar);
    m_time = widgets::monoLabel({}, widgets::Tone::Secondary);
    m_time->setMinimumWidth(style::scaled(60));
    m_time->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    line->addWidget(m_time);
    m_buttons = widgets::row(6);
    line->addLayout(m_buttons);
    m_details = widgets::wrappedLabel({});
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setContentsMargins(26, 0, 0, 2);
    m_details->hide();
    column->addWidget(m_details);
}

void JobRow::setLine(const JobLine& line)
{
    const bool isOther = m_line.key != line.key || m_line.icon != line.icon || m_line.tone != line.tone;
    m_line = line;
    if (isOther) {
        const auto colour = line.tone == widgets::Tone::Danger ? style::IconColour::Danger
            : line.tone == widgets::Tone::Success              ? style::IconColour::Success
            : line.tone == widgets::Tone::Warning              ? style::IconColour::Warning
                                                               : style::IconColour::Text2;
        m_icon->setPixmap(style::icon(line.icon, colour).pixmap(16, 16));
        m_word->setTone(line.tone == widgets::Tone::Danger ? widgets::Tone::Danger : widgets::Tone::Secondary);
    }
    m_name->setText(line.name);
    m_word->setText(line.word);
    m_time->setText(line.time);
    m_bar->share = line.share;
    m_bar->setVisible(line.share >= 0);
    m_bar->update();
    m_details->setText(line.details);
    m_details->setVisible(!line.details.isEmpty());
    setAccessibleName(QStringLiteral("%1, %2").arg(line.name, line.word));
    makeButtons();
}

void JobRow::makeButtons()
{
    QString key = m_line.key + QLatin1Char(m_line.isPrimary ? '!' : ' ');
    for (const auto& [text, run] : m_line.actions)
        key += QLatin1Char('|') + text;
    if (key == m_shownButtons)
        return;
    m_shownButtons = key;
    while (auto* item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (qsizetype i = 0; i < m_line.actions.size(); ++i) {
        auto* button = widgets::smallButton(m_line.actions[i].first, m_line.isPrimary && i == 0 ? widgets::ButtonRole::Primary : widgets::ButtonRole::Secondary);
        m_buttons->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, i] {
            if (i >= m_line.actions.size())
                return;
            const auto run = m_line.actions[i].second;  // a copy: the line may be set anew by what it does
            run();
        });
    }
}

void JobRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    widgets::drawLineAbove(&painter, *this);
}

}
