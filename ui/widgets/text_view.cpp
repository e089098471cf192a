// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text_view.h"

#include "style/fonts.h"

namespace attune::widgets {

QPlainTextEdit* textView()
{
    auto* view = new QPlainTextEdit;
    view->setReadOnly(true);
    view->setFont(style::mono());
    view->setFrameShape(QFrame::NoFrame);
    view->document()->setDocumentMargin(16);
    view->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    view->setLayoutDirection(Qt::LeftToRight);  // code and logs keep their direction
    return view;
}

}
