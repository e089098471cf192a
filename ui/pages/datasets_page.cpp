// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {
namespace {

class DatasetsPage final : public shell::Page
{
public:
    explicit DatasetsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::PageHeader(tr("Datasets")));
        layout->addStretch(1);
    }
};

}

shell::Page* makeDatasets(shell::Context& context)
{
    return new DatasetsPage(context);
}

}
