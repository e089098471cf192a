// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/steps_strip.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QMenu>
#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace attune::pages {

namespace {
constexpr int kMargin = 12, kChevron = 27;

/// The import, number 0: its rows cannot be switched off.
class SourceChip final : public widgets::Label
{
public:
    SourceChip()
    {
        setTextFormat(Qt::RichText);
        setContentsMargins(9, 0, 9, 0);
        setFixedHeight(style::controlHeight());
    }

protected:
    void paintEvent(QPaintEvent* event) override
    {
        QPainter painter(this);
        style::drawBox(&painter, rect(), style::tokens().surface, style::tokens().border, style::kRadius);
        painter.end();
        widgets::Label::paintEvent(event);
    }
};
}

StepsStrip::StepsStrip(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("steps-strip"));
    setAccessibleName(tr("Steps"));
    setFixedHeight(style::scaled(44));
    m_title = widgets::headingLabel(tr("Steps"));
    m_title->setParent(this);
    m_source = new SourceChip;
    m_source->setParent(this);
    m_source->setToolTip(tr("The rows as they were imported; the file itself is never changed."));
    m_earlier = widgets::button({}, widgets::ButtonRole::Ghost);
    m_earlier->setParent(this);
    m_add = widgets::button(tr("Add step"), widgets::ButtonRole::Secondary, QStringLiteral("add"));
    m_add->setObjectName(QStringLiteral("add-step"));
    m_add->setParent(this);
    m_undo = widgets::button(tr("Undo"), widgets::ButtonRole::Ghost, QStringLiteral("undo"));
    m_undo->setObjectName(QStringLiteral("undo-step"));
    m_undo->setParent(this);
    m_more = widgets::iconButton(QStringLiteral("more"), tr("More about steps"));
    m_more->setObjectName(QStringLiteral("steps-menu"));
    m_more->setParent(this);
    connect(m_add, &QPushButton::clicked, this, &StepsStrip::addWanted);
    connect(m_undo, &QPushButton::clicked, this, &StepsStrip::undoWanted);
    connect(m_more, &QToolButton::clicked, this, &StepsStrip::showMenu);
    connect(m_earlier, &QPushButton::clicked, this, &StepsStrip::showEarlier);
    setDataset(nullptr);
}

void StepsStrip::setDataset(const OpenedPtr& opened)
{
    m_opened = opened;
    m_groups = opened ? groupSteps(opened->steps) : std::vector<StepGroup>();
    build();
}

void StepsStrip::build()
{
    for (auto* chip : m_chips) {
        chip->hide();
        chip->deleteLater();
    }
    m_chips.clear();
    m_source->setText(tr("0 Source <span style=\"font-family:'Attune Mono'\">%1</span>").arg(bridge::grouped(m_opened ? m_opened->source->rows() : 0)));
    for (int i = 0; i < static_cast<int>(m_groups.size()); ++i) {
        auto* chip = new StepChip(m_groups[static_cast<std::size_t>(i)], this);
        m_chips.append(chip);
        connectChip(chip, i);
    }
    const bool hasParent = m_opened && QString::fromStdString(m_opened->versions.back().info.value("parent", std::string())).startsWith(QString::fromStdString(m_opened->row.name) + QLatin1Char('@'));
    m_add->setEnabled(m_opened != nullptr);
    m_undo->setEnabled(hasParent);
    m_undo->setToolTip(hasParent ? tr("Take the last change back (Ctrl+Z)") : tr("No step has been added yet."));
    m_more->setEnabled(m_opened != nullptr);
    place();
}

void StepsStrip::connectChip(StepChip* chip, int index)
{
    // Queued: what a chip asks for deletes it.
    connect(chip, &StepChip::toggled, this, [this, chip] { toggle(chip->group()); }, Qt::QueuedConnection);
    connect(chip, &StepChip::removeWanted, this, [this, chip] { remove(chip->group()); }, Qt::QueuedConnection);
    connect(chip, &StepChip::editWanted, this, [this, chip] { emit editWanted(static_cast<int>(chip->group().first)); }, Qt::QueuedConnection);
    connect(chip, &StepChip::moveWanted, this, [this, index](int by) { moveGroup(index, index + by); }, Qt::QueuedConnection);
    connect(chip, &StepChip::dragged, this, [this, chip, index](int dx) {
        const int along = layoutDirection() == Qt::RightToLeft ? -1 : 1;
        const int middle = along * (chip->geometry().center().x() + dx);
        int to = index;
        for (int i = 0; i < m_chips.size(); ++i) {
            const int other = along * m_chips[i]->geometry().center().x();
            if ((i > index && middle > other) || (i < index && middle < other && to == index))
                to = i;
        }
        moveGroup(index, to);
    }, Qt::QueuedConnection);
}

void StepsStrip::toggle(const StepGroup& group)
{
    auto steps = m_opened->plainSteps();
    for (std::size_t i = group.first; i < group.first + group.count; ++i)
        steps[i].isEnabled = !group.isEnabled;
    emit stepsReplaced(steps, group.isEnabled ? tr("Switched off: %1").arg(group.name) : tr("Switched on: %1").arg(group.name));
}

void StepsStrip::remove(const StepGroup& group)
{
    auto steps = m_opened->plainSteps();
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(group.first), steps.begin() + static_cast<std::ptrdiff_t>(group.first + group.count));
    emit stepsReplaced(steps, tr("Removed: %1").arg(group.name));
}

void StepsStrip::moveGroup(int from, int to)
{
    to = std::clamp(to, 0, static_cast<int>(m_groups.size()) - 1);
    if (to == from)
        return;
    const auto steps = m_opened->plainSteps();
    auto groups = m_groups;
    const StepGroup moved = groups[static_cast<std::size_t>(from)];
    groups.erase(groups.begin() + from);
    groups.insert(groups.begin() + to, moved);
    std::vector<cleaner::Step> ordered;
    for (const auto& group : groups)
        for (std::size_t i = group.first; i < group.first + group.count; ++i)
            ordered.push_back(steps[i]);
    emit stepsReplaced(ordered, tr("Moved: %1").arg(moved.name));
}

void StepsStrip::place()
{
    m_chevrons.clear();
    const int h = style::controlHeight(), y = (height() - h) / 2;
    const auto put = [&](QWidget* widget, int x) {
        const QSize size = widget->sizeHint();
        widget->setGeometry(QStyle::visualRect(layoutDirection(), rect(), {x, y, size.width(), h}));
        widget->show();
        return x + size.width();
    };
    int right = width() - kMargin;
    for (QWidget* widget : {static_cast<QWidget*>(m_more), static_cast<QWidget*>(m_undo)}) {
        right -= widget->sizeHint().width();
        put(widget, right);
        right -= 4;
    }
    int x = put(m_title, kMargin + 4) + 12;
    const int room = right - x - m_add->sizeHint().width() - 20;
    int needed = m_source->sizeHint().width();
    for (auto* chip : m_chips)
        needed += kChevron + chip->sizeHint().width();
    m_hidden = 0;
    while (needed > room && m_hidden < m_chips.size()) {
        if (m_hidden == 0)
            needed += QFontMetrics(style::body()).horizontalAdvance(tr("%1 earlier steps").arg(99)) + 20 - m_source->sizeHint().width();
        needed -= kChevron + m_chips[m_hidden++]->sizeHint().width();
    }
    m_source->setVisible(m_hidden == 0);
    m_earlier->setVisible(m_hidden > 0);
    if (m_hidden > 0) {
        m_earlier->setText(m_hidden == 1 ? tr("1 earlier step") : tr("%1 earlier steps").arg(m_hidden));
        x = put(m_earlier, x);
    } else {
        x = put(m_source, x);
    }
    for (int i = 0; i < m_chips.size(); ++i) {
        m_chips[i]->setVisible(i >= m_hidden);
        if (i < m_hidden)
            continue;
        m_chevrons.append(QStyle::visualRect(layoutDirection(), rect(), {x + kChevron / 2 - 8, height() / 2 - 8, 16, 16}).topLeft());
        x = put(m_chips[i], x + kChevron);
    }
    put(m_add, x + 10);
    update();
}

void StepsStrip::resizeEvent(QResizeEvent*)
{
    place();
}

void StepsStrip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.window);
    style::drawHairline(&painter, rect().topLeft(), rect().topRight(), t.border);
    for (const auto& at : m_chevrons)
        painter.drawPixmap(at, style::iconPixmap(QStringLiteral("right"), 16, t.text2, devicePixelRatioF()));
}

void StepsStrip::showMenu()
{
    QMenu menu;
    auto* save = menu.addAction(tr("Save steps…"));
    save->setEnabled(m_opened && !m_opened->steps.empty());
    auto* apply = menu.addAction(tr("Apply steps from a file…"));
    auto* command = menu.addAction(tr("Copy as a command"));
    command->setEnabled(save->isEnabled());
    menu.addSeparator();
    auto* all = menu.addAction(tr("Remove all steps"));
    all->setEnabled(save->isEnabled());
    const auto* chosen = menu.exec(m_more->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
    if (chosen == save)
        emit saveWanted();
    else if (chosen == apply)
        emit applyWanted();
    else if (chosen == command)
        emit commandWanted();
    else if (chosen == all)
        emit stepsReplaced({}, tr("Removed all steps"));
}

void StepsStrip::showEarlier()
{
    QMenu menu;
    for (int i = 0; i < m_hidden; ++i) {
        const StepGroup group = m_groups[static_cast<std::size_t>(i)];
        auto* action = menu.addAction(QStringLiteral("%1 %2  %3").arg(group.first + 1).arg(group.name, group.report ? stepEffect(*group.report) : QString()));
        action->setCheckable(true);
        action->setChecked(group.isEnabled);
        connect(action, &QAction::triggered, this, [this, group] { toggle(group); });
    }
    menu.exec(m_earlier->mapToGlobal(QPoint(0, -menu.sizeHint().height())));
}

}
