// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/tabs.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {

class IssuesTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::IssuesTab)
public:
    explicit IssuesTab(shell::Context& context)
        : DatasetTab(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::EmptyState(QStringLiteral("shield"), tr("Personal data is found by attune data scan and replaced by the step Redact personal data; review is not here yet.")));
    }
    void setDataset(OpenedPtr) override { }
};

DatasetTab* makeIssuesTab(shell::Context& context)
{
    return new IssuesTab(context);
}

}
