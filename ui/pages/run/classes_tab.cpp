// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/run/run_tab.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollArea>
#include <QToolTip>

#include <cmath>

namespace attune::pages {

using bridge::toQString;

namespace {

/// Right classes down, found classes across; a cell's ground is its share of the row, its number the count. With many
/// classes the numbers no longer fit and the tooltip has them.
class ConfusionMatrix final : public QWidget
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ConfusionMatrix)
public:
    void setCounts(const QStringList& labels, const QList<QList<qint64>>& counts)
    {
        m_labels = labels;
        m_counts = counts;
        const int side = cell() * static_cast<int>(labels.size());
        setFixedSize(labelWidth() + side + 12, 30 + side + 8);
        setAccessibleDescription(summary());
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        const int left = labelWidth(), size = cell();
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(QRect(0, 2, left - 8, 20), Qt::AlignVCenter | Qt::AlignRight, tr("is"));
        painter.drawText(QRect(left, 2, width() - left, 20), Qt::AlignVCenter, tr("was found as"));
        for (int r = 0; r < m_labels.size(); ++r) {
            qint64 all = 0;
            for (const auto count : m_counts[r])
                all += count;
            painter.setFont(style::caption());
            painter.setPen(t.text);
            if (size >= 14)
                painter.drawText(QRect(0, 26 + r * size, left - 8, size), Qt::AlignVCenter | Qt::AlignRight, painter.fontMetrics().elidedText(m_labels[r], Qt::ElideRight, left - 8));
            for (int c = 0; c < m_labels.size(); ++c) {
                const QRect box(left + c * size, 26 + r * size, size - 1, size - 1);
                const double share = all > 0 ? static_cast<double>(m_counts[r][c]) / static_cast<double>(all) : 0;
                QColor ground = r == c ? t.success : t.danger;
                ground.setAlphaF(static_cast<float>(share > 0 ? 0.12 + 0.38 * share : 0));
                painter.fillRect(box, t.hover);
                painter.fillRect(box, ground);
                if (size < 26 || m_counts[r][c] == 0)
                    continue;
                painter.setFont(style::monoCaption());
                painter.setPen(t.text);
                painter.drawText(box, Qt::AlignCenter, bridge::grouped(m_counts[r][c]));
            }
        }
    }
    bool event(QEvent* event) override
    {
        if (event->type() == QEvent::ToolTip) {
            const auto* help = static_cast<QHelpEvent*>(event);
            const int c = (help->pos().x() - labelWidth()) / cell(), r = (help->pos().y() - 26) / cell();
            if (help->pos().x() >= labelWidth() && c < m_labels.size() && r >= 0 && r < m_labels.size())
                QToolTip::showText(help->globalPos(), tr("%1 of class %2 found as %3").arg(m_counts[r][c]).arg(m_labels[r], m_labels[c]), this);
            return true;
        }
        return QWidget::event(event);
    }

private:
    int cell() const { return m_labels.size() <= 12 ? 44 : m_labels.size() <= 30 ? 24 : std::max(7, 560 / static_cast<int>(m_labels.size())); }
    int labelWidth() const
    {
        int width = 60;
        for (const auto& label : m_labels)
            width = std::max(width, QFontMetrics(style::caption()).horizontalAdvance(label) + 14);
        return cell() < 14 ? 60 : std::min(width, 190);
    }
    QString summary() const
    {
        QStringList lines;
        for (int r = 0; r < m_labels.size(); ++r)
            for (int c = 0; c < m_labels.size(); ++c)
                if (r != c && m_counts[r][c] > 0)
                    lines.append(tr("%1 of class %2 found as %3").arg(m_counts[r][c]).arg(m_labels[r], m_labels[c]));
        return lines.mid(0, 20).join(QStringLiteral(", "));
    }

    QStringList m_labels;
    QList<QList<qint64>> m_counts;
};

}

/// What the last evaluation of a classification found: the matrix and each class's figures.
class ClassesTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ClassesTab)
public:
    explicit ClassesTab(shell::Context& context)
        : RunTab(context)
    {
        auto* body = widgets::row(style::kSpace2);
        body->setContentsMargins(16, 10, 16, 12);
        setLayout(body);
        m_matrixPanel = new widgets::Panel(tr("Confusion matrix"));
        m_matrix = new ConfusionMatrix;
        m_matrix->setObjectName(QStringLiteral("confusion-matrix"));
        m_matrix->setAccessibleName(tr("Confusion matrix"));
        auto* ground = new widgets::PlaneWidget(widgets::Plane::Surface);
        auto* inner = widgets::column(0, style::kSpace3);
        ground->setLayout(inner);
        inner->addWidget(m_matrix, 0, Qt::AlignLeft | Qt::AlignTop);
        inner->addStretch(1);
        auto* scroll = new QScrollArea;
        scroll->setWidget(ground);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        m_matrixPanel->body()->addWidget(scroll);
        body->addWidget(m_matrixPanel, 3);
        m_tablePanel = new widgets::Panel(tr("Classes"));
        m_table = new widgets::Table({{tr("Class"), 0}, {tr("Precision"), 82, true}, {tr("Recall"), 68, true}, {tr("F1"), 60, true}, {tr("Rows"), 58, true}});
        m_table->setAccessibleName(tr("Precision, recall and F1 of each class"));
        m_tablePanel->body()->addWidget(m_table);
        body->addWidget(m_tablePanel, 2);
    }

    void clear() override { m_step = -1; }

    void show(const RunData& runData) override
    {
        if (!runData.classes.is_object())
            return;
        const auto step = runData.classes.value("step", std::int64_t(0));
        if (step == m_step)
            return;
        m_step = step;
        showTable(runData.classes);
        showMatrix(runData.classes);
        const QString where = step == runData.row.bestStep && step > 0 ? tr("at step %1, the best").arg(bridge::grouped(step)) : tr("at step %1").arg(bridge::grouped(step));
        m_matrixPanel->setCaption(where);
        m_tablePanel->setCaption(runData.has(QStringLiteral("eval/accuracy")) ? tr("accuracy %1").arg(bridge::decimal(runData.series(QStringLiteral("eval/accuracy")).last(), 3)) : QString());
    }

private:
    void showTable(const Json& report)
    {
        QList<widgets::TableRow> rows;
        for (const auto& one : report.value("classes", Json::array())) {
            const auto number = [&](const char* key) {
                const double v = one.value(key, 0.0);
                return widgets::Cell {bridge::decimal(v, 3), v};
            };
            const QString label = toQString(one.value("label", ""));
            rows.append({label, {{label}, number("precision"), number("recall"), number("f1"), {bridge::grouped(one.value("support", qint64(0))), one.value("support", qlonglong(0))}}});
        }
        m_table->setRows(rows);
    }

    void showMatrix(const Json& report)
    {
        QStringList labels;
        QList<QList<qint64>> counts;
        for (const auto& one : report.value("classes", Json::array()))
            labels.append(toQString(one.value("label", "")));
        for (const auto& line : report.value("confusion_matrix", Json::array())) {
            QList<qint64> row;
            for (const auto& count : line)
                row.append(count.get<qint64>());
            row.resize(labels.size());
            counts.append(row);
        }
        m_matrixPanel->setVisible(counts.size() == labels.size());
        if (counts.size() == labels.size())
            m_matrix->setCounts(labels, counts);
    }

    widgets::Panel *m_matrixPanel = nullptr, *m_tablePanel = nullptr;
    ConfusionMatrix* m_matrix = nullptr;
    widgets::Table* m_table = nullptr;
    std::int64_t m_step = -1;
};

RunTab* makeClassesTab(shell::Context& context)
{
    return new ClassesTab(context);
}

}
