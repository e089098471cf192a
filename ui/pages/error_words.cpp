// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/error_words.h"

#include "bridge/text.h"

#include <QCoreApplication>

namespace attune::pages {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("ErrorWords", text);
}

}

QString adviceOf(const Error& error)
{
    if (error.hint.find("--replace") == std::string::npos)
        return bridge::toQString(error.hint);
    if (error.code == ErrorCode::SourceChanged)
        return tr("Put back what was imported, or import the file again on the page of the dataset.");
    return tr("Import it again on the page of the dataset.");
}

QString sentencesOf(const Error& error)
{
    const QString message = bridge::toQString(error.message), advice = adviceOf(error);
    return advice.isEmpty() ? message : message + QLatin1Char(' ') + advice;
}

}
