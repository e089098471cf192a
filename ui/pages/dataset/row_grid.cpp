// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_grid.h"

#include "pages/dataset/row_flags.h"
#include "pages/dataset/row_header.h"
#include "style/control_paint.h"
#include "style/focus_repaint.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QGlyphRun>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyle>
#include <QTextLayout>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace attune::pages {

using Kind = GridColumn::Kind;

namespace {
// A scroll bar counts pixels up to here; beyond, it counts rows.
constexpr std::int64_t kMostPixels = 1'000'000'000;

/// Hundreds of cells a frame: kerning and ligatures are left out where a script can be read without them.
QFont unshaped(QFont font)
{
    font.setStyleStrategy(QFont::PreferNoShaping);
    return font;
}
constexpr int kAhead = 24;  ///< rows read beyond what is in sight
}

RowGrid::RowGrid(RowFilter& filter, QWidget* parent)
    : QAbstractScrollArea(parent)
    , m_filter(filter)
    , m_header(new RowHeader(this))
{
    setObjectName(QStringLiteral("row-grid"));
    setAccessibleName(tr("Rows of the dataset"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    style::repaintWithFocus(this);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    setViewportMargins(0, m_header->height(), 0, 0);
    m_header->setColumns(&m_columns);
    connect(&m_filter, &RowFilter::rowsChanged, this, &RowGrid::takeRows);
    connect(&m_reader, &RowReader::linesRead, viewport(), [this] {
        for (const std::int64_t place : std::exchange(m_gaps, {}))
            viewport()->update(rowRect(place));
    });
    connect(m_header, &RowHeader::widthChanged, this, [this] {
        m_hasOwnWidths = true;
        updateBars();
        viewport()->update();
    });
    connect(m_header, &RowHeader::sortWanted, this, [this](int column) {
        const auto& field = m_columns[static_cast<std::size_t>(column)].sortBy;
        const bool isSame = m_filter.sortField() == field;
        // Up, down, and back to the order of the dataset.
        m_filter.sortBy(isSame && m_filter.isDescending() ? std::string() : field, isSame && !m_filter.isDescending());
        m_header->setSort(m_filter.sortField(), m_filter.isDescending());
    });
    connect(m_header, &RowHeader::rangeWanted, this, [this](int column, double low, double high) {
        const auto& info = m_columns[static_cast<std::size_t>(column)];
        emit rangeWanted(QString::fromStdString(info.rangeField), low, high, info.name);
    });
    connect(m_header, &RowHeader::menuWanted, this, &RowGrid::columnsMenuWanted);
}

int RowGrid::rowHeight() const
{
    return m_isTwoLines ? style::tallRowHeight() : style::rowHeight();
}

void RowGrid::setDataset(const OpenedPtr& opened)
{
    const bool isOther = !opened || !m_opened || opened->row.name != m_opened->row.name;
    m_opened = opened;
    m_stats.reset();
    m_facts.reset();
    if (isOther) {
        m_columns.clear();
        m_row = m_place = -1;
        m_hasOwnWidths = false;
    }
    if (opened && isOther)
        m_columns = gridColumns(*opened->data, nullptr, nullptr);
    readAgain();
    fitColumns();
}

void RowGrid::setFacts(const DatasetFacts& facts)
{
    m_stats = facts.stats();
    m_facts = facts.facts();
    m_tokenLimit = facts.tokenLimit();
    if (!m_opened)
        return;
    auto columns = gridColumns(*m_opened->data, m_stats.get(), m_facts.get());
    const bool areSame = columns.size() == m_columns.size() && std::equal(columns.begin(), columns.end(), m_columns.begin(), [](const auto& a, const auto& b) { return a.id == b.id; });
    for (std::size_t i = 0; areSame && m_hasOwnWidths && i < columns.size(); ++i) {
        columns[i].width = m_columns[i].width;
        columns[i].isVisible = m_columns[i].isVisible;
    }
    m_columns = std::move(columns);
    if (!areSame)
        readAgain();
    fitColumns();
    viewport()->update();
}

void RowGrid::readAgain()
{
    m_searched = m_filter.searchedTexts();
    m_reader.setSource(m_opened ? m_opened->data : nullptr, m_columns, m_searched);
    want();
    viewport()->update();
}

void RowGrid::takeRows(bool isNew)
{
    if (m_filter.searchedTexts() != m_searched)
        readAgain();
    m_place = m_row >= 0 ? m_filter.placeOf(m_row) : -1;
    updateBars();
    if (m_pending >= 0 && m_filter.isComplete()) {
        setCurrentRow(std::exchange(m_pending, -1));
    } else if (isNew && m_place < 0 && m_filter.count() > 0) {
        verticalScrollBar()->setValue(0);
        setCurrentRow(m_filter.rowAt(0));
    } else if (m_filter.count() == 0) {
        m_row = m_place = -1;
        emit currentRowChanged(-1);
    } else {
        keepInSight();
    }
    want();
    viewport()->update();
}

void RowGrid::setTwoLines(bool isTwo)
{
    m_isTwoLines = isTwo;
    updateBars();
    keepInSight();
    viewport()->update();
}

void RowGrid::setColumnVisible(int column, bool isVisible)
{
    m_columns[static_cast<std::size_t>(column)].isVisible = isVisible;
    fitColumns();
    m_hasOwnWidths = true;
}

int RowGrid::columnsWidth() const
{
    int width = 0;
    for (const auto& column : m_columns)
        width += column.isVisible ? column.width : 0;
    return width;
}

void RowGrid::fitColumns()
{
    if (m_columns.empty())
        return;
    const QFontMetrics mono(style::monoCaption());
    m_columns.front().width = std::max(48, mono.horizontalAdvance(bridge::grouped(m_opened ? m_opened->source->rows() : 0)) + 22);
    if (!m_hasOwnWidths) {
        int fixed = 0, texts = 0;
        for (const auto& column : m_columns)
            if (column.isVisible)
                (column.isText() ? texts : fixed) += column.isText() ? 1 : column.width;
        const int each = texts ? std::max(150, (viewport()->width() - fixed) / texts) : 0;
        for (auto& column : m_columns)
            if (column.isText())
                column.width = each;
    }
    updateBars();
    m_header->update();
}

void RowGrid::updateBars()
{
    const std::int64_t height = m_filter.count() * rowHeight();
    auto* vertical = verticalScrollBar();
    if (height > kMostPixels) {
        vertical->setRange(0, static_cast<int>(std::min<std::int64_t>(m_filter.count() - viewport()->height() / rowHeight(), INT_MAX)));
        vertical->setPageStep(viewport()->height() / rowHeight());
        vertical->setSingleStep(3);
    } else {
        vertical->setRange(0, static_cast<int>(std::max<std::int64_t>(0, height - viewport()->height())));
        vertical->setPageStep(viewport()->height());
        vertical->setSingleStep(rowHeight());
    }
    horizontalScrollBar()->setRange(0, std::max(0, columnsWidth() - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(40);
}

/// Whether there are more pixels of rows than a scroll bar counts: then it counts rows.
bool RowGrid::countsRows() const
{
    return m_filter.count() * rowHeight() > kMostPixels;
}

std::int64_t RowGrid::firstVisible() const
{
    return countsRows() ? verticalScrollBar()->value() : verticalScrollBar()->value() / rowHeight();
}

QRect RowGrid::rowRect(std::int64_t place) const
{
    const std::int64_t top = countsRows() ? (place - verticalScrollBar()->value()) * rowHeight() : place * rowHeight() - verticalScrollBar()->value();
    return {0, static_cast<int>(std::clamp<std::int64_t>(top, -100'000, 100'000)), viewport()->width(), rowHeight()};
}

std::int64_t RowGrid::placeAt(int y) const
{
    const std::int64_t first = firstVisible(), place = first + (y - rowRect(first).y()) / rowHeight();
    return y >= 0 && place < m_filter.count() ? place : -1;
}

void RowGrid::want()
{
    if (!m_opened)
        return;
    std::vector<std::int64_t> rows;
    const std::int64_t first = firstVisible(), shown = viewport()->height() / rowHeight() + 2;
    for (std::int64_t place = first; place < std::min(m_filter.count(), first + shown); ++place)
        rows.push_back(m_filter.rowAt(place));
    for (std::int64_t i = 0; i < kAhead; ++i) {
        if (first + shown + i < m_filter.count())
            rows.push_back(m_filter.rowAt(first + shown + i));
        if (first - 1 - i >= 0)
            rows.push_back(m_filter.rowAt(first - 1 - i));
    }
    m_reader.want(rows);
}

void RowGrid::setCurrentRow(std::int64_t row)
{
    std::int64_t place = row >= 0 ? m_filter.placeOf(row) : -1;
    if (row >= 0 && place < 0) {
        if (!m_filter.isComplete() || m_filter.count() == 0) {
            m_pending = row;
            return;
        }
        place = m_filter.placeAfter(row);
        row = m_filter.rowAt(place);
    }
    const bool isNew = row != m_row;
    m_row = row;
    m_place = place;
    keepInSight();
    viewport()->update();
    if (isNew)
        emit currentRowChanged(row);
}

void RowGrid::move(std::int64_t by)
{
    if (m_filter.count() == 0)
        return;
    setCurrentRow(m_filter.rowAt(std::clamp<std::int64_t>(m_place + by, 0, m_filter.count() - 1)));
}

void RowGrid::keepInSight()
{
    if (m_place < 0 || viewport()->height() < rowHeight())
        return;
    const QRect rect = rowRect(m_place);
    auto* bar = verticalScrollBar();
    if (rect.y() < 0)
        bar->setValue(static_cast<int>(countsRows() ? m_place : m_place * rowHeight()));
    else if (rect.bottom() >= viewport()->height())
        bar->setValue(static_cast<int>(countsRows() ? m_place - viewport()->height() / rowHeight() + 1 : (m_place + 1) * rowHeight() - viewport()->height()));
}

QString RowGrid::cellText(std::int64_t place, const QString& columnId) const
{
    if (place < 0 || place >= m_filter.count())
        return {};
    const std::int64_t row = m_filter.rowAt(place);
    const auto* line = m_reader.line(row);
    for (std::size_t c = 0; line && c < m_columns.size(); ++c) {
        if (m_columns[c].id != columnId)
            continue;
        switch (m_columns[c].kind) {
        case Kind::Number: return bridge::grouped(line->number);
        case Kind::Tokens: return m_facts && m_facts->hasTokens ? bridge::grouped(m_facts->tokens[static_cast<std::size_t>(row)]) : QString();
        case Kind::Turns: return m_facts && m_facts->isConversation ? bridge::grouped(m_facts->turns[static_cast<std::size_t>(row)]) : QString();
        case Kind::Flags: return flagWords(rowFlags(m_facts.get(), row, m_tokenLimit)).join(QStringLiteral(", "));
        default: return line->cells.value(static_cast<int>(c));
        }
    }
    return {};
}

QString RowGrid::rowText(std::int64_t place) const
{
    QStringList parts;
    for (const auto& column : m_columns)
        if (const QString text = column.isVisible ? cellText(place, column.id) : QString(); !text.isEmpty())
            parts.append(column.name + QStringLiteral(": ") + text);
    return parts.join(QStringLiteral("; "));
}

void RowGrid::paintEvent(QPaintEvent* event)
{
    const auto& t = style::tokens();
    QPainter painter(viewport());
    painter.setLayoutDirection(Qt::LeftToRight);  // columns are mirrored, the texts in them are data
    painter.fillRect(event->rect(), t.surface);
    const std::int64_t first = firstVisible();
    for (std::int64_t place = first; place < m_filter.count(); ++place) {
        const QRect rect = rowRect(place);
        if (rect.y() > event->rect().bottom())
            break;
        if (rect.intersects(event->rect()))
            paintRow(painter, place, rect);
    }
    if (m_opened && m_filter.count() == 0 && m_filter.isComplete()) {
        painter.setFont(style::body());
        painter.setPen(t.text2);
        painter.drawText(viewport()->rect().adjusted(24, 40, -24, 0), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap,
            m_filter.isUnreadable() ? tr("The rows appear here once their file can be read.") : m_filter.terms().isEmpty() ? tr("This version has no rows.") : tr("No row satisfies all filters."));
    }
}

void RowGrid::paintRow(QPainter& painter, std::int64_t place, const QRect& rect) const
{
    const auto& t = style::tokens();
    if (place == m_place)
        painter.fillRect(rect, hasFocus() ? t.selection : t.accentWeak);
    else if (place == m_hover)
        painter.fillRect(rect, t.hover);
    style::drawHairline(&painter, rect.bottomLeft(), rect.bottomRight(), t.border);
    if (place == m_place && hasFocus() && style::isKeyboardFocus(this))
        style::drawFocusRing(&painter, rect.adjusted(1, 1, -1, -2), style::kSmallRadius);
    const std::int64_t row = m_filter.rowAt(place);
    const auto* line = m_reader.line(row);
    if (!line) {
        m_gaps.insert(place);
        return;
    }
    int x = -horizontalScrollBar()->value();
    if (!line->problem.isEmpty()) {
        painter.setFont(style::body());
        painter.setPen(t.danger);
        painter.drawText(rect.adjusted(8, 0, -8, 0), Qt::AlignVCenter, painter.fontMetrics().elidedText(line->problem, Qt::ElideRight, rect.width() - 16));
        return;
    }
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        const auto& column = m_columns[c];
        if (!column.isVisible)
            continue;
        const QRect cell = QStyle::visualRect(layoutDirection(), viewport()->rect(), {x, rect.y(), column.width, rect.height() - 1});
        x += column.width;
        if (cell.right() >= 0 && cell.x() < viewport()->width())
            paintCell(painter, column, static_cast<int>(c), row, *line, cell.adjusted(8, 0, -8, 0));
    }
}

void RowGrid::paintCell(QPainter& painter, const GridColumn& column, int index, std::int64_t row, const RowReader::Line& line, const QRect& rect) const
{
    const auto& t = style::tokens();
    const auto i = static_cast<std::size_t>(row);
    const auto number = [&](const QString& text, const QFont& font, const QColor& colour) {
        painter.setFont(unshaped(font));
        painter.setPen(colour);
        painter.drawText(rect, Qt::AlignVCenter | Qt::AlignRight, text);
    };
    switch (column.kind) {
    case Kind::Number: number(bridge::grouped(line.number), style::monoCaption(), t.text2); break;
    case Kind::Tokens:
        if (m_facts && m_facts->hasTokens)
            number(bridge::grouped(m_facts->tokens[i]), style::mono(), m_tokenLimit > 0 && m_facts->tokens[i] > m_tokenLimit ? t.warning : t.text);
        break;
    case Kind::Turns:
        if (m_facts && m_facts->isConversation)
            number(bridge::grouped(m_facts->turns[i]), style::mono(), t.text);
        break;
    case Kind::Flags: paintFlags(painter, row, rect); break;
    default:
        if (column.isNumeric)
            number(line.cells.value(index), style::mono(), t.text);
        else
            paintText(painter, line.cells.value(index), rect, false);
    }
}

/// One line, shaped once: measured and painted from the same glyphs.
void RowGrid::paintShaped(QPainter& painter, const QString& text, const QRect& rect) const
{
    const QFont font = unshaped(painter.font());
    painter.setFont(font);
    // Letters are wider than this on the average; where they are not, a second try has room for the narrowest.
    m_dots.prepare({}, font);
    const qreal dotsWidth = m_dots.size().width();
    for (const int narrowest : {6, 3}) {
        const QString part = text.left(std::max(8, rect.width() / narrowest));
        QTextLayout layout(part, font);
        layout.setCacheEnabled(true);
        layout.beginLayout();
        QTextLine line = layout.createLine();
        line.setNumColumns(static_cast<int>(part.size()));
        layout.endLayout();
        const bool isWhole = part.size() == text.size();
        if (!isWhole && narrowest == 6 && line.naturalTextWidth() <= rect.width())
            continue;
        const QPointF at(rect.x(), rect.y() + (rect.height() - line.height()) / 2);
        painter.setPen(style::tokens().text);
        if (isWhole && line.naturalTextWidth() <= rect.width()) {
            layout.draw(&painter, at);
            return;
        }
        const int end = line.xToCursor(rect.width() - dotsWidth, QTextLine::CursorOnCharacter);
        const qreal cut = line.cursorToX(end);
        for (const auto& run : layout.glyphRuns(0, end))
            painter.drawGlyphRun(at, run);
        painter.drawStaticText(QPointF(rect.x() + cut, at.y()), m_dots);
        return;
    }
}

void RowGrid::paintText(QPainter& painter, const QString& text, const QRect& rect, bool) const
{
    const auto& t = style::tokens();
    painter.setFont(style::body());
    const QFontMetrics metrics = painter.fontMetrics();
    // Shaping costs by the character: what cannot fit is cut before it is measured.
    const auto paintLine = [&](const QString& shown, const QRect& line) {
        for (const auto& searched : m_searched)
            for (qsizetype at = shown.indexOf(searched, 0, Qt::CaseInsensitive); at >= 0 && !searched.isEmpty(); at = shown.indexOf(searched, at + searched.size(), Qt::CaseInsensitive)) {
                const int left = metrics.horizontalAdvance(shown.left(at)), width = metrics.horizontalAdvance(shown.mid(at, searched.size()));
                painter.fillRect(QRect(line.x() + left - 1, line.center().y() - metrics.height() / 2, width + 2, metrics.height() + 1), t.match);
            }
        painter.setPen(t.text);
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, shown);
    };
    const int fits = std::max(8, rect.width() / 3);
    if (!m_isTwoLines && m_searched.isEmpty() && !text.contains(QLatin1Char('\n')) && !text.isRightToLeft()) {
        paintShaped(painter, text, rect);
        return;
    }
    if (!m_isTwoLines) {
        paintLine(metrics.elidedText(text.left(fits), Qt::ElideRight, rect.width()), rect);
        return;
    }
    // The first line ends at the last word that fits.
    qsizetype cut = metrics.elidedText(text.left(fits), Qt::ElideRight, rect.width()).size() - 1;
    const qsizetype space = text.lastIndexOf(QLatin1Char(' '), cut);
    cut = metrics.horizontalAdvance(text.left(fits)) <= rect.width() ? text.size() : space > 0 ? space : cut;
    const int half = rect.height() / 2;
    paintLine(metrics.elidedText(text.left(cut), Qt::ElideRight, rect.width()), QRect(rect.x(), rect.y() + 3, rect.width(), half - 2));
    if (cut < text.size())
        paintLine(metrics.elidedText(text.mid(cut, fits).trimmed(), Qt::ElideRight, rect.width()), QRect(rect.x(), rect.y() + half, rect.width(), half - 3));
}

void RowGrid::paintFlags(QPainter& painter, std::int64_t row, const QRect& rect) const
{
    const auto& t = style::tokens();
    const auto flags = rowFlags(m_facts.get(), row, m_tokenLimit);
    int x = rect.x();
    for (const auto& flag : flags) {
        if (x + 16 > rect.right() + 4)
            break;
        painter.drawPixmap(x, rect.center().y() - 7, style::iconPixmap(flag.icon, 14, t.text2, devicePixelRatioF()));
        x += 19;
    }
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    if (flags.size() == 1 && painter.fontMetrics().horizontalAdvance(flags.front().word) <= rect.right() - x)
        painter.drawText(QRect(x + 2, rect.y(), rect.right() - x, rect.height()), Qt::AlignVCenter, flags.front().word);
}

void RowGrid::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    m_header->setGeometry(viewport()->x(), viewport()->y() - m_header->height(), viewport()->width(), m_header->height());
    fitColumns();
    keepInSight();
    want();
}

void RowGrid::scrollContentsBy(int dx, int dy)
{
    m_header->setOffset(horizontalScrollBar()->value());
    want();
    // What is painted moves, and only what comes into sight is painted.
    if (dx == 0 && !countsRows() && std::abs(dy) < viewport()->height())
        viewport()->scroll(0, dy);
    else
        viewport()->update();
}

void RowGrid::mousePressEvent(QMouseEvent* event)
{
    const std::int64_t place = placeAt(event->position().toPoint().y());
    if (place >= 0 && event->button() == Qt::LeftButton)
        setCurrentRow(m_filter.rowAt(place));
}

void RowGrid::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const std::int64_t place = placeAt(event->position().toPoint().y()); place >= 0)
        emit rowActivated(m_filter.rowAt(place));
}

void RowGrid::mouseMoveEvent(QMouseEvent* event)
{
    const std::int64_t place = placeAt(event->position().toPoint().y());
    if (place == m_hover)
        return;
    for (const std::int64_t changed : {m_hover, place})
        if (changed >= 0)
            viewport()->update(rowRect(changed));
    m_hover = place;
}

void RowGrid::leaveEvent(QEvent* event)
{
    QAbstractScrollArea::leaveEvent(event);
    m_hover = -1;
    viewport()->update();
}

void RowGrid::keyPressEvent(QKeyEvent* event)
{
    const std::int64_t page = std::max(1, viewport()->height() / rowHeight() - 1);
    switch (event->key()) {
    case Qt::Key_Down: move(1); break;
    case Qt::Key_Up: move(-1); break;
    case Qt::Key_PageDown: move(page); break;
    case Qt::Key_PageUp: move(-page); break;
    case Qt::Key_Home: move(-m_filter.count()); break;
    case Qt::Key_End: move(m_filter.count()); break;
    case Qt::Key_Return:
    case Qt::Key_Enter: emit rowActivated(m_row); break;
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

bool RowGrid::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::int64_t place = placeAt(help->pos().y());
    int x = -horizontalScrollBar()->value();
    const int pointed = QStyle::visualPos(layoutDirection(), viewport()->rect(), help->pos()).x();
    for (const auto& column : m_columns) {
        if (!column.isVisible)
            continue;
        if (pointed >= x && pointed < x + column.width && place >= 0) {
            const QString text = cellText(place, column.id);
            const bool isCut = QFontMetrics(style::body()).horizontalAdvance(text.left(200)) > column.width - 16 || column.kind == Kind::Flags;
            QToolTip::showText(help->globalPos(), isCut ? QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped()) : QString(), this);
            return true;
        }
        x += column.width;
    }
    QToolTip::hideText();
    return true;
}

}
