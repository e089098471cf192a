// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>

namespace attune::pages {
namespace {

class SettingsPage final : public shell::Page
{
public:
    explicit SettingsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::PageHeader(tr("Settings")));
        layout->addStretch(1);
    }
};

}

shell::Page* makeSettings(shell::Context& context)
{
    return new SettingsPage(context);
}

}
