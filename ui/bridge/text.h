// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocale>
#include <QString>
#include <QStringList>

#include <string>
#include <string_view>

namespace attune::bridge {

// Conversions between core's UTF-8 and Qt's strings happen here only.
inline QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
inline std::string toStd(const QString& text)
{
    return text.toStdString();
}

/// A text of core that never changes (a name, a help, a unit) in the language of the studio. Sentences that core makes of
/// values come finished; ids, names of files, data and keys of recipes stay what they are: those take toQString.
QString translated(std::string_view text);

// Numbers are shown as the default locale writes them, which the studio takes from the system; where that says nothing (C),
// with a point and a no-break space between thousands. Files, commands and recipes never take their text from here.

/// "12 477", or "12.477" where the system's locale is German.
QString grouped(qint64 number);
/// "1.086", "−2.4": with `decimals` digits after the point or comma.
QString decimal(double number, int decimals);
/// "0.05", "1.5", "2e-07": as printf's %g.
QString significant(double number, int digits);
/// What was typed into a field for a number, as core reads it: "0,05" and "2 048" become "0.05" and "2048".
QString typedNumber(QString text);

/// One line of a CSV file from the texts of a table: without what only eyes need, quoted where it must be.
QString csvLine(QStringList fields);

/// While one lives, numbers are shown as in the C locale: for what goes from a table into a file. UI thread only.
class PlainNumbers
{
public:
    PlainNumbers();
    ~PlainNumbers();
    PlainNumbers(const PlainNumbers&) = delete;
    PlainNumbers& operator=(const PlainNumbers&) = delete;

private:
    QLocale m_former;
};

/// "5.6" in GiB of 2^30 bytes, with `decimals` digits; the unit is not added.
QString gib(double bytes, int decimals = 1);
/// "0.09 GiB", "17 MiB": the unit that suits.
QString size(double bytes);
/// "494 M", "8.8 M", "1.54 B"
QString parameters(double count);
/// "28:06", "1:02:11": how long something took or has run. What only will take time is said with roughTime.
QString duration(double seconds);
/// "15 s", "25 min", "3 h 20 min", "2.5 days": an estimate, rounded up; the caller says "about".
QString roughTime(double seconds);
/// "2e-4", "7.7e-5": a learning rate as people write it.
QString scientific(double value);
/// "gsm8k v1": a dataset as the pages name it, from the reference "gsm8k@1" of a recipe or a run; of a path the last part.
QString datasetName(std::string_view reference);
/// "SmolLM2-135M.gguf": a model by its name; of a path, as runs of the command line have it, the last part.
QString modelName(std::string_view reference);
/// "today 14:58", "yesterday 09:12", "12 Nov 2026" from UTC ISO 8601.
QString when(const QString& utc);
/// A line of a log with the time at its start, "2026-11-12T14:58:03Z", on the clock of this place: "2026-11-12 15:58:03".
QString localLogLine(const QString& line);

}
