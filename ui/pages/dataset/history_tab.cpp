// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/tabs.h"
#include "style/metrics.h"
#include "widgets/basics.h"

#include <QBoxLayout>

namespace attune::pages {

/// The versions of the dataset, newest last.
class HistoryTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::HistoryTab)
public:
    explicit HistoryTab(shell::Context& context)
        : DatasetTab(context)
        , m_lines(widgets::column(style::kSpace2, style::kSpace4))
    {
        setLayout(m_lines);
    }

    void setDataset(OpenedPtr opened) override
    {
        while (auto* item = m_lines->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        if (!opened)
            return;
        for (const auto& version : opened->versions) {
            auto* line = new QWidget;
            auto* inner = widgets::row();
            line->setLayout(inner);
            inner->addWidget(widgets::monoLabel(tr("v%1").arg(version.version)));
            inner->addWidget(widgets::bodyLabel(tr("%1 rows").arg(bridge::grouped(version.rows))));
            inner->addWidget(widgets::captionLabel(bridge::when(bridge::toQString(version.created))));
            inner->addStretch(1);
            m_lines->addWidget(line);
        }
        m_lines->addStretch(1);
    }

private:
    QVBoxLayout* m_lines;
};

DatasetTab* makeHistoryTab(shell::Context& context)
{
    return new HistoryTab(context);
}

}
