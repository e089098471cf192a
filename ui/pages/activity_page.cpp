// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {
namespace {

class ActivityPage final : public shell::Page
{
public:
    explicit ActivityPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::PageHeader(tr("Activity")));
        layout->addStretch(1);
    }
};

}

shell::Page* makeActivity(shell::Context& context)
{
    return new ActivityPage(context);
}

}
