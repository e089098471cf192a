// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/tabs.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {

class DuplicatesTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::DuplicatesTab)
public:
    explicit DuplicatesTab(shell::Context& context)
        : DatasetTab(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::EmptyState(QStringLiteral("duplicates"), tr("Duplicates are found and dropped by the step Drop duplicates; review by cluster is not here yet.")));
    }
    void setDataset(OpenedPtr) override { }
};

DatasetTab* makeDuplicatesTab(shell::Context& context)
{
    return new DuplicatesTab(context);
}

}
