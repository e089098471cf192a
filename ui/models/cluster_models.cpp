// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster_models.h"

#include "bridge/text.h"


#include <algorithm>
#include <numeric>

namespace attune::models {

using bridge::toQString;

namespace {

constexpr std::size_t kListBytes = 300, kDetailBytes = 12'000;

QString similarityText(double value)
{
    // 0.999 is not equal: what is below 1 never reads as 1.
    return bridge::decimal(value < 1 ? std::min(value, 0.99) : value, 2);
}

}

ClusterListModel::ClusterListModel(Review* review, QObject* parent)
    : QAbstractListModel(parent)
    , m_review(review)
{
    connect(review, &Review::reset, this, [this] {
        if (static_cast<int>(m_places.size()) == m_review->size() && m_order != Order::Unreviewed && !m_places.empty()) {
            m_texts.clear();
            emit dataChanged(index(0), index(rowCount() - 1));
            return;
        }
        sort();
    });
    connect(review, &Review::changed, this, [this](int cluster) {
        m_texts.remove(cluster);
        if (const int place = placeOf(cluster); place >= 0)
            emit dataChanged(index(place), index(place));
    });
}

void ClusterListModel::setRows(std::shared_ptr<const ReviewRows> rows)
{
    m_rows = std::move(rows);
    sort();
}

void ClusterListModel::setOrder(Order order)
{
    m_order = order;
    sort();
}

void ClusterListModel::sort()
{
    beginResetModel();
    m_texts.clear();
    m_places.resize(static_cast<std::size_t>(m_review->size()));
    std::iota(m_places.begin(), m_places.end(), 0);
    const auto before = [this](int a, int b) {
        const auto &x = m_review->cluster(a), &y = m_review->cluster(b);
        if (m_order == Order::Similarity && x.least != y.least)
            return x.least > y.least;
        if (m_order == Order::Unreviewed && m_review->isReviewed(a) != m_review->isReviewed(b))
            return m_review->isReviewed(b);
        return x.rows.size() > y.rows.size();
    };
    std::stable_sort(m_places.begin(), m_places.end(), before);
    endResetModel();
}

int ClusterListModel::placeOf(int cluster) const
{
    const auto it = std::find(m_places.begin(), m_places.end(), cluster);
    return it == m_places.end() ? -1 : static_cast<int>(it - m_places.begin());
}

int ClusterListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_places.size());
}

QVariant ClusterListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || !m_rows)
        return {};
    const int number = m_places[static_cast<std::size_t>(index.row())];
    const auto& cluster = m_review->cluster(number);
    switch (role) {
    case Qt::DisplayRole: {
        QString* text = m_texts.object(number);
        if (!text) {
            text = new QString(toQString(m_rows->text(cluster.rows[cluster.keeper].row, kListBytes)).simplified());
            m_texts.insert(number, text);
        }
        return *text;
    }
    case Qt::AccessibleTextRole:
        return tr("%1, %n row(s), similarity %2: %3", nullptr, static_cast<int>(cluster.rows.size()))
            .arg(m_review->isReviewed(number) ? tr("reviewed") : tr("not reviewed"), similarityText(cluster.least), data(index, Qt::DisplayRole).toString());
    case Qt::ToolTipRole: return tr("The row that goes and is least like the one that stays: %1").arg(similarityText(cluster.least));
    case IndexRole: return number;
    case RowsRole: return static_cast<int>(cluster.rows.size());
    case SimilarityRole: return similarityText(cluster.least);
    case ReviewedRole: return m_review->isReviewed(number);
    default: return {};
    }
}

ClusterRowsModel::ClusterRowsModel(Review* review, QObject* parent)
    : QAbstractTableModel(parent)
    , m_review(review)
{
}

void ClusterRowsModel::setRows(std::shared_ptr<const ReviewRows> rows)
{
    m_rows = std::move(rows);
    setCluster(-1);
}

void ClusterRowsModel::setCounter(TokenCounter counter)
{
    m_counter = std::move(counter);
    refresh();
}

void ClusterRowsModel::setSide(std::function<QString(std::int64_t)> side)
{
    m_side = std::move(side);
}

void ClusterRowsModel::setCluster(int cluster)
{
    beginResetModel();
    m_cluster = cluster;
    m_texts.clear();
    m_tokens.clear();
    m_order.clear();
    if (cluster >= 0 && m_rows) {
        const auto& one = m_review->cluster(cluster);
        m_order.push_back(one.keeper);
        for (std::size_t i = 0; i < one.rows.size(); ++i)
            if (i != one.keeper)
                m_order.push_back(i);
        m_keeperText = toQString(m_rows->text(one.rows[one.keeper].row, kDetailBytes));
    }
    endResetModel();
}

void ClusterRowsModel::setShown(bool areDeltas, bool areWhole)
{
    m_areDeltas = areDeltas;
    m_isWhole = areWhole;
    refresh();
}

void ClusterRowsModel::refresh()
{
    m_texts.clear();
    m_tokens.clear();
    if (!m_order.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    emit headerDataChanged(Qt::Horizontal, Tokens, Tokens);
}

bool ClusterRowsModel::isKeeper(int line) const
{
    return memberAt(line) == m_review->cluster(m_cluster).keeper;
}

bool ClusterRowsModel::isDropped(int line) const
{
    return m_review->drops(m_cluster, memberAt(line));
}

const widgets::DiffText& ClusterRowsModel::textAt(int line) const
{
    if (const auto* known = m_texts.object(line))
        return *known;
    const auto& member = m_review->cluster(m_cluster).rows[memberAt(line)];
    const QString text = isKeeper(line) ? m_keeperText : toQString(m_rows->text(member.row, kDetailBytes));
    auto* made = new widgets::DiffText(isKeeper(line) || !m_areDeltas ? widgets::plainText(text, !m_isWhole) : widgets::styledDiff(widgets::wordDiff(m_keeperText, text), !m_isWhole));
    m_texts.insert(line, made);
    return *made;
}

std::int64_t ClusterRowsModel::tokensAt(int line) const
{
    const auto it = m_tokens.constFind(line);
    if (it != m_tokens.constEnd())
        return *it;
    const auto text = m_rows->text(m_review->cluster(m_cluster).rows[memberAt(line)].row, std::size_t(1) << 20);
    const std::int64_t count = m_counter ? m_counter(text) : static_cast<std::int64_t>(toQString(text).size());
    m_tokens.insert(line, count);
    return count;
}

QString ClusterRowsModel::word(int line) const
{
    const auto& member = m_review->cluster(m_cluster).rows[memberAt(line)];
    const QString side = m_side ? m_side(member.row) + QStringLiteral(": ") : QString();
    return side + (isKeeper(line) ? m_side ? tr("stays") : tr("keeper") : isDropped(line) ? tr("drop") : tr("keep"));
}

int ClusterRowsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.size());
}

QVariant ClusterRowsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || m_cluster < 0)
        return {};
    const int line = index.row();
    if (role == Qt::CheckStateRole && index.column() == Mark && !isKeeper(line))
        return isDropped(line) ? Qt::Checked : Qt::Unchecked;
    if (role == Qt::ToolTipRole && index.column() == Text)
        return m_isWhole ? QVariant() : QVariant(toQString(m_rows->text(m_review->cluster(m_cluster).rows[memberAt(line)].row, 1200)));
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)
        return {};
    const auto& member = m_review->cluster(m_cluster).rows[memberAt(line)];
    switch (index.column()) {
    case Mark: return word(line);
    case Number: return bridge::grouped(m_rows->number(member.row));
    case Text: return textAt(line).text;
    case Similarity: return isKeeper(line) ? QString() : similarityText(member.similarity);
    case Tokens: {
        if (isKeeper(line) || !m_areDeltas)
            return bridge::grouped(tokensAt(line));
        const std::int64_t delta = tokensAt(line) - tokensAt(0);
        return delta > 0 ? QStringLiteral("+") + bridge::grouped(delta) : delta < 0 ? QChar(0x2212) + bridge::grouped(-delta) : QStringLiteral("±0");
    }
    default: return {};
    }
}

QVariant ClusterRowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Mark || section == Text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QStringList names {tr("Mark"), tr("Row"), m_areDeltas ? tr("Text, compared with the keeper") : tr("Text"), tr("Sim."), m_counter ? tr("Tokens") : tr("Characters")};
    return names.value(section);
}

}
