// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/collapsible_group.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/option_field.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QStyle>

namespace attune::widgets {

class CollapsibleGroup::Head final : public QWidget
{
public:
    explicit Head(const QString& title)
        : name(title)
    {
        setFixedHeight(style::scaled(31));
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setAccessibleName(title);
    }
    QString name, summary, badge;
    bool isOpen = false;

    void describe()
    {
        setAccessibleName(name);
        setAccessibleDescription(QStringList {isOpen ? CollapsibleGroup::tr("open") : CollapsibleGroup::tr("folded"), summary, badge}.join(QStringLiteral(", ")));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        if (underMouse())
            painter.fillRect(rect(), t.hover);
        style::drawHairline(&painter, {0, 0}, {width(), 0}, t.border);
        if (hasFocus())
            style::drawBox(&painter, rect().adjusted(0, 2, 0, -1), QColor(), t.accent, style::kRadius, 2.0);
        const auto at = [this](const QRect& place) { return QStyle::visualRect(layoutDirection(), rect(), place); };
        painter.drawPixmap(at(QRect(2, height() / 2 - 7, 16, 16)).topLeft(), style::iconPixmap(isOpen ? QStringLiteral("down") : QStringLiteral("right"), 16, t.text2, devicePixelRatioF()));
        painter.setFont(style::body());
        painter.setPen(t.text);
        painter.drawText(at(QRect(26, 0, width() - 26, height())), style::textFlags(name, layoutDirection()), name);
        const int x = 26 + painter.fontMetrics().horizontalAdvance(name) + 8;
        int right = width();
        painter.setFont(style::caption());
        if (!badge.isEmpty()) {
            const int w = painter.fontMetrics().horizontalAdvance(badge) + 18;
            const QRect box = at(QRect(width() - w - 8, height() / 2 - 10, w, 20));
            style::drawBox(&painter, box, t.accentWeak, QColor(), 10);
            painter.setPen(t.accent);
            painter.drawText(box, style::textFlags(badge, layoutDirection(), Qt::AlignHCenter), badge);
            right -= w + 16;
        }
        painter.setPen(t.text2);
        style::drawCaption(&painter, at(QRect(x, 1, std::max(0, right - x), height() - 1)), summary, layoutDirection());
    }
};

CollapsibleGroup::CollapsibleGroup(const QString& name, QWidget* parent)
    : QWidget(parent)
    , m_head(new Head(name))
    , m_body(new QWidget)
{
    auto* layout = column();
    setLayout(layout);
    layout->addWidget(m_head);
    m_rows = column();
    m_rows->setContentsMargins(0, 4, 0, 8);
    m_body->setLayout(m_rows);
    layout->addWidget(m_body);
    m_body->hide();
    m_head->installEventFilter(this);
}

void CollapsibleGroup::addField(OptionField* field)
{
    m_fields.append(field);
    m_rows->addWidget(field);
}

void CollapsibleGroup::setName(const QString& name)
{
    m_head->name = name;
    m_head->describe();
}

QString CollapsibleGroup::name() const
{
    return m_head->name;
}

void CollapsibleGroup::setSummary(const QString& summary)
{
    m_head->summary = summary;
    m_head->describe();
}

QString CollapsibleGroup::summary() const
{
    return m_head->summary;
}

void CollapsibleGroup::setOpen(bool isOpen)
{
    m_head->isOpen = isOpen;
    m_body->setVisible(isOpen);
    m_head->describe();
}

bool CollapsibleGroup::isOpen() const
{
    return m_head->isOpen;
}

void CollapsibleGroup::updateBadge()
{
    int changed = 0;
    for (const auto* field : m_fields)
        changed += field->isChanged() && !field->isHidden();
    m_head->badge = changed ? tr("%1 changed").arg(changed) : QString();
    m_head->describe();
}

QString CollapsibleGroup::badge() const
{
    return m_head->badge;
}

bool CollapsibleGroup::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::MouseButtonRelease)
        setOpen(!m_head->isOpen);
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Space || key == Qt::Key_Return || key == Qt::Key_Enter) {
            if (static_cast<QKeyEvent*>(event)->modifiers() & Qt::ControlModifier)
                return false;
            setOpen(!m_head->isOpen);
        } else if (key == Qt::Key_Right || key == Qt::Key_Left) {
            setOpen(key == Qt::Key_Right);
        } else {
            return QWidget::eventFilter(watched, event);
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}
