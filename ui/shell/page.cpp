// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/page.h"

#include "style/tokens.h"

#include <QPainter>

namespace attune::shell {

Page::Page(Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
}

void Page::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), style::tokens().surface);
}

}
