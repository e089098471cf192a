// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/cluster_detail.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/key_caps.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>

namespace attune::pages {

using models::ClusterRowsModel;

namespace {

int lineHeight()
{
    return style::scaled(40);
}

class MemberDelegate final : public QStyledItemDelegate
{
public:
    MemberDelegate(const ClusterRowsModel* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        style::drawRowGround(painter, option);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        // In whole rows the facts stand beside the text's first line.
        QRect rect = option.rect.adjusted(8, 0, -8, 0);
        if (m_model->isWhole())
            rect.setHeight(lineHeight());
        if (index.column() == ClusterRowsModel::Mark)
            paintMark(painter, rect, index, option.direction);
        else if (index.column() == ClusterRowsModel::Text)
            paintText(painter, option.rect.adjusted(8, 0, -8, 0), index);
        else {
            painter->setFont(style::mono());
            painter->setPen(index.column() == ClusterRowsModel::Number ? t.text2 : t.text);
            painter->drawText(rect, Qt::AlignVCenter | Qt::AlignRight, index.data().toString());
        }
    }

private:
    void paintMark(QPainter* painter, const QRect& rect, const QModelIndex& index, Qt::LayoutDirection direction) const
    {
        const auto& t = style::tokens();
        const bool isKeeper = m_model->isKeeper(index.row());
        const style::Reading reading {rect, direction};
        const QRect box = reading.at({rect.x() + 6, rect.center().y() - 7, 16, 16});
        if (isKeeper)
            painter->drawPixmap(box.topLeft(), style::iconPixmap(QStringLiteral("lock"), 16, t.accent, painter->device()->devicePixelRatioF()));
        else {
            QStyleOptionButton button;
            button.rect = box;
            button.state = QStyle::State_Enabled | (m_model->isDropped(index.row()) ? QStyle::State_On : QStyle::State_Off);
            QApplication::style()->drawPrimitive(QStyle::PE_IndicatorCheckBox, &button, painter);
        }
        painter->setFont(style::body());
        painter->setPen(isKeeper ? t.accent : t.text);
        reading.draw(*painter, rect.adjusted(28, 0, 0, 0), painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width() - 28));
    }
    void paintText(QPainter* painter, const QRect& rect, const QModelIndex& index) const
    {
        const QFont font = style::body(m_model->isKeeper(index.row()) ? style::Weight::Medium : style::Weight::Regular);
        widgets::paintDiff(painter, m_model->isWhole() ? rect.adjusted(0, 9, 0, -9) : rect, m_model->textAt(index.row()), font, style::tokens().text, m_model->isWhole());
    }
    const ClusterRowsModel* m_model;
};

}

ClusterDetail::ClusterDetail(models::Review* review, QWidget* parent)
    : QWidget(parent)
    , m_review(review)
    , m_model(new ClusterRowsModel(review, this))
{
    auto* layout = widgets::column();
    setLayout(layout);
    layout->addWidget(buildHead());
    layout->addWidget(new widgets::Hairline);
    buildTable();
    layout->addWidget(m_table, 1);
    layout->addWidget(new widgets::Hairline);
    layout->addWidget(new widgets::KeyCaps({{QStringLiteral("K"), tr("keep")}, {QStringLiteral("D"), tr("drop")}, {QStringLiteral("A"), tr("make keeper")},
        {QStringLiteral("N"), tr("not duplicates")}, {QStringLiteral("U"), tr("undo")}, {QStringLiteral("↓"), tr("next")}}));
    connect(review, &models::Review::changed, this, [this](int cluster) {
        if (cluster == m_model->cluster())
            showFacts();
    });
    connect(review, &models::Review::reset, m_model, &ClusterRowsModel::refresh);
}

QWidget* ClusterDetail::buildHead()
{
    auto* head = new QWidget;
    head->setFixedHeight(style::scaled(36));
    auto* row = widgets::row(10);
    row->setContentsMargins(14, 0, 8, 0);
    head->setLayout(row);
    m_title = widgets::headingLabel({});
    m_facts = widgets::captionLabel({});
    row->addWidget(m_title);
    row->addWidget(m_facts);
    row->addStretch(1);
    m_deltas = new QCheckBox(tr("Deltas"));
    m_deltas->setToolTip(tr("Show what differs from the keeper; off: rows as they are"));
    m_deltas->setChecked(true);
    m_whole = new QCheckBox(tr("Whole rows"));
    m_whole->setToolTip(tr("Show the rows with all their lines"));
    row->addWidget(m_deltas);
    row->addSpacing(6);
    row->addWidget(m_whole);
    auto* previous = widgets::iconButton(QStringLiteral("left"), tr("Previous cluster"));
    auto* next = widgets::iconButton(QStringLiteral("right"), tr("Next cluster; this one counts as reviewed"));
    row->addWidget(previous);
    row->addWidget(next);
    connect(previous, &QToolButton::clicked, this, [this] { emit nextWanted(-1); });
    connect(next, &QToolButton::clicked, this, [this] { emit nextWanted(1); });
    const auto shown = [this] {
        const int kept = line();
        m_model->setShown(m_deltas->isChecked(), m_whole->isChecked());
        fit();
        if (kept >= 0)
            m_table->selectRow(kept);
    };
    connect(m_deltas, &QCheckBox::toggled, this, shown);
    connect(m_whole, &QCheckBox::toggled, this, shown);
    return head;
}

void ClusterDetail::buildTable()
{
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("cluster-rows"));
    m_table->setAccessibleName(tr("Rows of the cluster"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new MemberDelegate(m_model, m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setMouseTracking(true);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->viewport()->setAutoFillBackground(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(lineHeight());
    m_table->verticalHeader()->setDefaultSectionSize(lineHeight());
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setFixedHeight(style::rowHeight());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionsClickable(false);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == ClusterRowsModel::Mark && !m_model->isKeeper(index.row()))
            drop(index.row(), !m_model->isDropped(index.row()));
    });
}

void ClusterDetail::setRows(std::shared_ptr<const models::ReviewRows> rows, std::function<QString(std::int64_t)> side)
{
    m_hasSides = static_cast<bool>(side);
    m_model->setSide(std::move(side));
    m_model->setRows(std::move(rows));
}

void ClusterDetail::setCounter(models::TokenCounter counter)
{
    m_model->setCounter(std::move(counter));
    fit();
}

void ClusterDetail::setCluster(int cluster, const QString& title)
{
    m_name = title;
    m_model->setCluster(cluster);
    showFacts();
    fit();
    if (m_model->rowCount() > 1)
        m_table->selectRow(1);
}

void ClusterDetail::focusRows()
{
    m_table->setFocus(Qt::OtherFocusReason);
}

void ClusterDetail::showFacts()
{
    m_title->setText(m_name);
    if (m_model->cluster() < 0) {
        m_facts->setText({});
        return;
    }
    const auto& cluster = m_review->cluster(m_model->cluster());
    const auto number = [](double value) { return bridge::decimal(value < 1 ? std::min(value, 0.99) : value, 2); };
    QString facts = tr("%n row(s), similarity %1", nullptr, static_cast<int>(cluster.rows.size()))
                        .arg(number(cluster.least) == number(cluster.most) ? number(cluster.least) : number(cluster.least) + QChar(0x2013) + number(cluster.most));
    if (m_review->isNotDuplicates(m_model->cluster()))
        facts += tr(", marked as not duplicates");
    m_facts->setText(facts);
    m_model->refresh();
}

void ClusterDetail::fit()
{
    const auto mono = [](const QString& text) { return QFontMetrics(style::mono()).horizontalAdvance(text) + 24; };
    m_table->setColumnWidth(ClusterRowsModel::Mark, style::scaled(m_hasSides ? 132 : 104));
    m_table->setColumnWidth(ClusterRowsModel::Number, std::max(60, mono(QStringLiteral("8 888 888"))));
    m_table->setColumnWidth(ClusterRowsModel::Similarity, mono(QStringLiteral("0.88")));
    m_table->setColumnWidth(ClusterRowsModel::Tokens, std::max(mono(QStringLiteral("+8 888")), QFontMetrics(style::body()).horizontalAdvance(m_model->headerData(ClusterRowsModel::Tokens, Qt::Horizontal, Qt::DisplayRole).toString()) + 18));
    int left = m_table->viewport()->width();
    for (int column = 0; column < ClusterRowsModel::ColumnCount; ++column)
        left -= column == ClusterRowsModel::Text ? 0 : m_table->columnWidth(column);
    m_table->setColumnWidth(ClusterRowsModel::Text, std::max(120, left));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        int height = lineHeight();
        // Heights of very many rows would take longer than one looks at them: they stay one line high there.
        if (m_model->isWhole() && m_model->rowCount() <= 300)
            height = std::max(height, 18 + widgets::heightOf(m_model->textAt(row), style::body(), m_table->columnWidth(ClusterRowsModel::Text) - 16));
        m_table->setRowHeight(row, height);
    }
}

int ClusterDetail::line() const
{
    const auto rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? -1 : rows.first().row();
}

void ClusterDetail::drop(int line, bool isDropped)
{
    if (line >= 0 && !m_model->isKeeper(line))
        m_review->setDrop(m_model->cluster(), m_model->memberAt(line), isDropped);
}

bool ClusterDetail::moveLine(int by)
{
    const int to = line() + by;
    if (to < 0 || to >= m_model->rowCount()) {
        emit nextWanted(by);
        return true;
    }
    m_table->selectRow(to);
    return true;
}

bool ClusterDetail::key(int key)
{
    if (key == Qt::Key_U) {
        emit undoWanted();
        return true;
    }
    if (m_model->cluster() < 0)
        return false;
    switch (key) {
    case Qt::Key_Down: return moveLine(1);
    case Qt::Key_Up: return moveLine(-1);
    case Qt::Key_J: emit nextWanted(1); return true;
    case Qt::Key_K: drop(line(), false); return true;
    case Qt::Key_D: drop(line(), true); return true;
    case Qt::Key_Space: drop(line(), line() >= 0 && !m_model->isDropped(line())); return true;
    case Qt::Key_N: emit notDuplicatesWanted(m_model->cluster()); return true;
    case Qt::Key_A:
        if (line() >= 0 && !m_hasSides && !m_model->isKeeper(line()))
            emit keeperWanted(m_model->cluster(), static_cast<int>(m_model->memberAt(line())));
        return true;
    default: return false;
    }
}

bool ClusterDetail::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        const auto* press = static_cast<QKeyEvent*>(event);
        if (!(press->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) && key(press->key()))
            return true;
    } else if (watched == m_table->viewport() && event->type() == QEvent::Resize) {
        fit();
    } else if (watched == m_table->viewport() && event->type() == QEvent::PaletteChange) {
        m_model->refresh();  // the grounds of what differs follow the theme
    }
    return QWidget::eventFilter(watched, event);
}

}
