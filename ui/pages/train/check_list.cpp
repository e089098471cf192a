// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/check_list.h"

#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>

namespace attune::pages {

namespace {

/// An icon that follows the theme.
class Mark final : public QLabel
{
public:
    explicit Mark(CheckList::Line::Kind kind)
    {
        using Kind = CheckList::Line::Kind;
        static const QHash<int, QPair<QString, style::IconColour>> looks {
            {static_cast<int>(Kind::Good), {QStringLiteral("success"), style::IconColour::Success}}, {static_cast<int>(Kind::Info), {QStringLiteral("info"), style::IconColour::Info}},
            {static_cast<int>(Kind::Warning), {QStringLiteral("warning"), style::IconColour::Warning}}, {static_cast<int>(Kind::Danger), {QStringLiteral("error"), style::IconColour::Danger}}};
        const auto& look = looks[static_cast<int>(kind)];
        m_icon = style::icon(look.first, look.second);
        setFixedSize(16, style::scaled(24));
        setPixmap(m_icon.pixmap(16, 16));
        setAlignment(Qt::AlignVCenter);
    }

protected:
    void changeEvent(QEvent* event) override
    {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::PaletteChange)
            setPixmap(m_icon.pixmap(16, 16));
    }

private:
    QIcon m_icon;
};

}

CheckList::CheckList(QWidget* parent)
    : QWidget(parent)
{
    m_layout = widgets::column(2);
    setLayout(m_layout);
}

void CheckList::setLines(const QList<Line>& lines)
{
    m_lines = lines;
    while (auto* item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const auto& line : lines) {
        auto* widget = new QWidget;
        auto* row = widgets::row(style::kSpace2);
        widget->setLayout(row);
        row->addWidget(new Mark(line.kind), 0, Qt::AlignTop);
        auto* text = widgets::wrappedLabel(line.text, widgets::Tone::Text);
        text->setMinimumHeight(style::scaled(24));
        row->addWidget(text, 1);
        if (!line.button.isEmpty()) {
            auto* button = widgets::smallButton(line.button);
            button->setObjectName(QStringLiteral("check-") + line.id);
            row->addWidget(button, 0, Qt::AlignTop);
            connect(button, &QPushButton::clicked, this, [this, id = line.id] { emit pressed(id); });
        }
        m_layout->addWidget(widget);
    }
}

QStringList CheckList::texts() const
{
    QStringList all;
    for (const auto& line : m_lines)
        all.append(line.text);
    return all;
}

}
