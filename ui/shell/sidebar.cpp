// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/sidebar.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/basics.h"

#include <QAbstractButton>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QStyle>

namespace attune::shell {

using style::tokens;

class Sidebar::Item final : public QAbstractButton
{
public:
    explicit Item(const PageInfo& info)
        : m_icon(QLatin1String(info.icon))
    {
        setText(Sidebar::tr(info.name));
        setAccessibleName(text());
        setObjectName(QStringLiteral("nav-") + QLatin1String(info.icon));
        setCheckable(true);
        setFixedHeight(style::sidebarItemHeight());
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        m_tip = info.key[0] ? QStringLiteral("%1 (%2)").arg(text(), QLatin1String(info.key)) : text();
        setToolTip(m_tip);
    }
    void setBadge(const QString& badge, bool isWarning)
    {
        m_badge = badge;
        m_isWarning = isWarning;
        setAccessibleDescription(badge);
        update();
    }
    bool isFolded = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = tokens();
        QPainter painter(this);
        const bool current = isChecked();
        if (current || underMouse())
            style::drawBox(&painter, rect(), current ? t.accentWeak : t.hover, QColor(), style::kRadius);
        if (hasFocus())
            style::drawBox(&painter, rect(), QColor(), t.accent, style::kRadius, 2.0);
        const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
        painter.drawPixmap(visual(QRect(10, height() / 2 - 8, 16, 16)).topLeft(), style::iconPixmap(m_icon, 16, current ? t.accent : t.text2, devicePixelRatioF()));
        if (!isFolded) {
            painter.setFont(style::body(current ? style::Weight::SemiBold : style::Weight::Regular));
            painter.setPen(t.text);
            const int room = width() - 44 - (m_badge.isEmpty() ? 0 : 28);
            painter.drawText(visual(QRect(36, 0, room, height())), style::textFlags(text(), layoutDirection()), painter.fontMetrics().elidedText(text(), Qt::ElideRight, room));
        }
        paintBadge(painter);
    }

private:
    void paintBadge(QPainter& painter)
    {
        if (m_badge.isEmpty())
            return;
        const auto& t = tokens();
        const QColor ink = m_isWarning ? t.warning : t.accent;
        if (isFolded) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(ink);
            painter.drawEllipse(QRectF(QStyle::visualRect(layoutDirection(), rect(), QRect(23, 5, 8, 8))).center(), 3.5, 3.5);
            return;
        }
        painter.setFont(style::monoCaption());
        const int w = std::max(20, painter.fontMetrics().horizontalAdvance(m_badge) + 12);
        const QRect box = QStyle::visualRect(layoutDirection(), rect(), QRect(width() - w - 8, height() / 2 - 9, w, 18));
        if (m_isWarning)
            style::drawBox(&painter, box, t.warningWeak, QColor(), 9);
        painter.setPen(ink);
        painter.drawText(box, Qt::AlignCenter, m_badge);
    }

    QString m_icon, m_badge, m_tip;
    bool m_isWarning = false;
};

Sidebar::Sidebar(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("sidebar"));
    auto* layout = widgets::column(2, style::kSpace2);
    setLayout(layout);
    for (int i = 0; i < kPageCount; ++i) {
        const auto& info = pageTable()[i];
        auto* item = new Item(info);
        m_items.append(item);
        if (info.id == PageId::Activity)
            layout->addStretch(1);
        layout->addWidget(item);
        connect(item, &QAbstractButton::clicked, this, [this, id = info.id] { emit opened(id); });
    }
    setFixedWidth(style::scaled(style::kSidebarWidth));
}

void Sidebar::setCurrent(PageId page)
{
    for (int i = 0; i < kPageCount; ++i)
        m_items[i]->setChecked(pageTable()[i].id == page);
}

void Sidebar::setFolded(bool isFolded)
{
    m_isFolded = isFolded;
    for (auto* item : m_items) {
        item->isFolded = isFolded;
        item->update();
    }
    setFixedWidth(isFolded ? style::kSidebarFolded + 4 : style::scaled(style::kSidebarWidth));
}

void Sidebar::setBadge(PageId page, const QString& text, bool isWarning)
{
    for (int i = 0; i < kPageCount; ++i)
        if (pageTable()[i].id == page)
            m_items[i]->setBadge(text, isWarning);
}

void Sidebar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().window);
    const bool isMirrored = layoutDirection() == Qt::RightToLeft;
    style::drawHairline(&painter, isMirrored ? rect().topLeft() : rect().topRight(), isMirrored ? rect().bottomLeft() : rect().bottomRight(), tokens().border);
}

}
