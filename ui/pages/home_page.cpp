// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {
namespace {

class HomePage final : public shell::Page
{
public:
    explicit HomePage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::PageHeader(tr("Home")));
        layout->addStretch(1);
    }
};

}

shell::Page* makeHome(shell::Context& context)
{
    return new HomePage(context);
}

}
