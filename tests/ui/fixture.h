// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QSettings>
#include <QString>
#include <QStringList>

#include <gtest/gtest.h>

#include <functional>

namespace attune::tests {

/// The one application of the test program, offscreen, with the studio's resources, fonts and light
/// theme. Made at first use and never destroyed: tests of the bridge and of widgets share it.
QApplication& application();

/// Runs the event loop until condition holds; false after the time.
bool waitFor(const std::function<bool()>& condition, int milliseconds = 20000);

/// Collects what Qt says by qWarning, qCritical and worse while it lives.
class QtMessages
{
public:
    QtMessages();
    ~QtMessages();
    QtMessages(const QtMessages&) = delete;
    QtMessages& operator=(const QtMessages&) = delete;
    /// All in one text; empty when nothing was said.
    std::string text() const;

private:
    QtMessageHandler m_former;
};

/// Paints a widget and counts its colours: a part that paints nothing has one.
int coloursOf(QWidget& widget);

/// Every test of the interface has the application.
class UiTest : public testing::Test
{
protected:
    UiTest() { application(); }
};

}

/// Texts of Qt as gtest prints them.
inline void PrintTo(const QString& text, std::ostream* out)
{
    *out << '"' << text.toStdString() << '"';
}
