// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/tabs.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {

class SplitTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::SplitTab)
public:
    explicit SplitTab(shell::Context& context)
        : DatasetTab(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::EmptyState(QStringLiteral("split"), tr("attune data split divides the rows into train, eval and test; the form for it is not here yet.")));
    }
    void setDataset(OpenedPtr) override { }
};

DatasetTab* makeSplitTab(shell::Context& context)
{
    return new SplitTab(context);
}

}
