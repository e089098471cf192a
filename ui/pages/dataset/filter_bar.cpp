// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/filter_bar.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace attune::pages {

using pipeline::RowTerm;

namespace {
constexpr int kLongestChip = 260, kPause = 120;
constexpr const char* kLiveField = "live";  // the term of what is being typed
}

FilterChip::FilterChip(const QString& text, QWidget* parent)
    : QWidget(parent)
    , m_text(text)
{
    setObjectName(QStringLiteral("filter-chip"));
    setAccessibleName(tr("Filter %1; Delete takes it away").arg(text));
    setToolTip(text);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setFixedHeight(style::smallControlHeight());
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

QSize FilterChip::sizeHint() const
{
    return {std::min(kLongestChip, QFontMetrics(style::body()).horizontalAdvance(m_text) + 38), height()};
}

QSize FilterChip::minimumSizeHint() const
{
    return {std::min(70, sizeHint().width()), height()};
}

QRect FilterChip::crossRect() const
{
    return QStyle::visualRect(layoutDirection(), rect(), {width() - 24, 0, 24, height()});
}

void FilterChip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.accentWeak, hasFocus() ? t.accent : QColor(), style::kRadius, hasFocus() ? 2.0 : 1.0);
    painter.setFont(style::body());
    painter.setPen(t.text);
    const QRect words(8, 0, width() - 34, height());
    style::Reading {rect(), layoutDirection()}.draw(painter, words, painter.fontMetrics().elidedText(m_text, Qt::ElideRight, words.width()));
    painter.drawPixmap(crossRect().x() + 5, height() / 2 - 7, style::iconPixmap(QStringLiteral("close"), 14, m_isCrossHot ? t.text : t.text2, devicePixelRatioF()));
}

void FilterChip::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && crossRect().contains(event->position().toPoint()))
        emit removed();
}

void FilterChip::mouseMoveEvent(QMouseEvent* event)
{
    m_isCrossHot = crossRect().contains(event->position().toPoint());
    update();
}

void FilterChip::leaveEvent(QEvent*)
{
    m_isCrossHot = false;
    update();
}

void FilterChip::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        emit removed();
    else
        QWidget::keyPressEvent(event);
}

FilterBar::FilterBar(RowFilter& filter, QWidget* parent)
    : QWidget(parent)
    , m_filter(filter)
{
    setFixedHeight(style::scaled(40));
    auto* layout = widgets::row(style::kSpace2);
    layout->setContentsMargins(12, 0, 16, 0);
    setLayout(layout);
    m_field = new QLineEdit;
    m_field->setObjectName(QStringLiteral("filter-field"));
    m_field->setProperty("find", true);
    m_field->setPlaceholderText(tr("Filter rows"));
    m_field->setAccessibleName(tr("Filter rows"));
    m_field->setToolTip(tr("Text anywhere in a row, or a condition such as: level >= 3. Return keeps it as a filter and starts the next one."));
    m_field->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    widgets::fitToPlaceholder(m_field, style::scaled(200));
    m_field->setClearButtonEnabled(true);
    m_field->installEventFilter(this);
    layout->addWidget(m_field);
    m_chips = widgets::row(style::kSpace2);
    layout->addLayout(m_chips);
    m_clear = widgets::button(tr("Clear"), widgets::ButtonRole::Ghost);
    m_clear->setObjectName(QStringLiteral("filter-clear"));
    m_clear->setToolTip(tr("Take all filters away"));
    layout->addWidget(m_clear);
    m_message = widgets::bodyLabel({}, widgets::Tone::Danger);
    m_message->hide();
    layout->addWidget(m_message);
    layout->addStretch(1);
    m_count = widgets::bodyLabel({}, widgets::Tone::Secondary);
    m_count->setTextFormat(Qt::RichText);
    m_count->setObjectName(QStringLiteral("filter-count"));
    layout->addWidget(m_count);
    m_columns = widgets::iconButton(QStringLiteral("columns"), tr("Columns and view"));
    m_columns->setObjectName(QStringLiteral("columns-menu"));
    layout->addWidget(m_columns);
    m_typing.setSingleShot(true);
    m_typing.setInterval(kPause);
    connect(&m_typing, &QTimer::timeout, this, [this] { search(false); });
    connect(m_field, &QLineEdit::textEdited, this, [this] { m_typing.start(); });
    connect(m_field, &QLineEdit::returnPressed, this, [this] { search(true); });
    connect(m_clear, &QPushButton::clicked, this, [this] {
        m_field->clear();
        m_filter.clear();
    });
    connect(&m_filter, &RowFilter::termsChanged, this, &FilterBar::showChips);
    connect(&m_filter, &RowFilter::rowsChanged, this, &FilterBar::showCount);
    connect(&m_filter, &RowFilter::failed, this, &FilterBar::setMessage);
    showChips();
}

void FilterBar::setDataset(const OpenedPtr& opened)
{
    if (!opened || !m_opened || opened->row.name != m_opened->row.name)
        m_field->clear();
    m_opened = opened;
    m_field->setEnabled(opened != nullptr);
}

void FilterBar::setMessage(const QString& text)
{
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

bool FilterBar::addCondition(const QString& text)
{
    const auto filter = pipeline::parseRowFilter(bridge::toStd(text));
    if (!filter || !m_opened)
        return false;
    for (const auto& column : m_opened->data->columns())
        if (column.name == filter->column) {
            ShownTerm shown;
            shown.term.kind = RowTerm::Kind::Column;
            shown.term.field = filter->column;
            shown.term.filter = *filter;
            shown.title = text;
            m_filter.addTerm(shown);
            return true;
        }
    return false;
}

void FilterBar::search(bool isFinal)
{
    m_typing.stop();
    const QString text = m_field->text().trimmed();
    ShownTerm live;
    live.term.kind = RowTerm::Kind::Text;
    live.term.field = kLiveField;
    if (!isFinal) {
        live.term.text = bridge::toStd(text);
        live.title = tr("text contains “%1”").arg(text);
        m_filter.setTerm(live);
        return;
    }
    m_filter.setTerm(live);  // what was typed is no longer being typed
    if (!text.isEmpty() && !addCondition(text)) {
        ShownTerm kept;
        kept.term.kind = RowTerm::Kind::Text;
        kept.term.text = bridge::toStd(text);
        kept.title = tr("text contains “%1”").arg(text);
        m_filter.addTerm(kept);
    }
    m_field->clear();
}

void FilterBar::showChips()
{
    while (auto* item = m_chips->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    int kept = 0;
    for (int i = 0; i < m_filter.terms().size(); ++i) {
        if (m_filter.terms()[i].term.field == kLiveField)
            continue;
        ++kept;
        auto* chip = new FilterChip(m_filter.terms()[i].title);
        m_chips->addWidget(chip);
        connect(chip, &FilterChip::removed, this, [this, i] { m_filter.removeTerm(i); });
    }
    m_clear->setVisible(kept > 0);
    setMessage({});
    showCount();
}

void FilterBar::showCount()
{
    const auto number = [](qint64 value) { return QStringLiteral("<span style=\"font-family:'Attune Mono'\">%1</span>").arg(bridge::grouped(value)); };
    if (m_filter.terms().isEmpty())
        m_count->setText(tr("%1 rows").arg(number(m_filter.total())));
    else if (m_filter.isComplete())
        m_count->setText(tr("%1 of %2 rows").arg(number(m_filter.count()), number(m_filter.total())));
    else
        m_count->setText(tr("counting… of %1 rows").arg(number(m_filter.total())));
}

bool FilterBar::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Down) {
            search(false);
            emit leftDownwards();
            return true;
        }
        if (key->key() == Qt::Key_Escape && !m_field->text().isEmpty()) {
            m_field->clear();
            search(false);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void FilterBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), style::tokens().border);
}

}
