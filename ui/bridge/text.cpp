// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

#include <cmath>

namespace attune::bridge {

namespace {

const QChar kNoBreakSpace(0x00A0), kMinus(0x2212);

bool isPlain(const QLocale& locale)
{
    return locale.language() == QLocale::C;
}

/// Of a path what stands behind its last slash.
QString lastPart(std::string_view path)
{
    const auto end = path.find_last_not_of('/');
    if (end == std::string_view::npos)
        return toQString(path);
    path = path.substr(0, end + 1);
    const auto slash = path.rfind('/');
    return toQString(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

/// "-1204.50" of QString::number as people read it. An exponent is kept as it is.
QString localised(QString number)
{
    const QLocale locale;
    const qsizetype first = number.startsWith(QLatin1Char('-')) ? 1 : 0;
    auto end = number.indexOf(QLatin1Char('.'));
    if (end >= 0)
        number.replace(end, 1, isPlain(locale) ? QStringLiteral(".") : locale.decimalPoint());
    else
        end = number.indexOf(QLatin1Char('e'));
    const QString separator = isPlain(locale) ? QString(kNoBreakSpace) : locale.groupSeparator();
    for (qsizetype i = (end >= 0 ? end : number.size()) - 3; i > first && number[i].isDigit(); i -= 3)
        number.insert(i, separator);
    if (first)
        number[0] = kMinus;
    return number;
}

}

QString translated(std::string_view text)
{
    return text.empty() ? QString() : QCoreApplication::translate("core", std::string(text).c_str());
}

PlainNumbers::PlainNumbers()
{
    QLocale::setDefault(QLocale::c());
}

PlainNumbers::~PlainNumbers()
{
    QLocale::setDefault(m_former);
}

QString grouped(qint64 number)
{
    return localised(QString::number(number));
}

QString decimal(double number, int decimals)
{
    return localised(QString::number(number, 'f', decimals));
}

QString significant(double number, int digits)
{
    return localised(QString::number(number, 'g', digits));
}

QString typedNumber(QString text)
{
    text.remove(QLatin1Char(' ')).remove(kNoBreakSpace).remove(QChar(0x202F)).replace(kMinus, QLatin1Char('-'));
    // A comma is a decimal comma everywhere: fields show no thousands.
    return text.replace(QLocale().decimalPoint(), QStringLiteral(".")).replace(QLatin1Char(','), QLatin1Char('.'));
}

QString csvLine(QStringList fields)
{
    for (auto& field : fields) {
        field.remove(kNoBreakSpace).replace(kMinus, QLatin1Char('-'));
        if (field == QStringLiteral("–"))
            field.clear();
        if (field.contains(QLatin1Char(',')) || field.contains(QLatin1Char('"')) || field.contains(QLatin1Char('\n')))
            field = QLatin1Char('"') + field.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    }
    return fields.join(QLatin1Char(',')) + QLatin1Char('\n');
}

QString gib(double bytes, int decimals)
{
    return decimal(bytes / (1024.0 * 1024.0 * 1024.0), decimals);
}

QString size(double bytes)
{
    const double mib = bytes / (1024.0 * 1024.0);
    if (mib < 1)
        return decimal(bytes / 1024.0, bytes < 10240 ? 1 : 0) + kNoBreakSpace + QStringLiteral("KiB");
    if (mib < 90)
        return decimal(mib, mib < 10 ? 1 : 0) + kNoBreakSpace + QStringLiteral("MiB");
    return gib(bytes, 2) + kNoBreakSpace + QStringLiteral("GiB");
}

QString parameters(double count)
{
    if (count >= 1e9)
        return decimal(count / 1e9, 2) + kNoBreakSpace + QStringLiteral("B");
    if (count >= 1e6)
        return decimal(count / 1e6, count < 2e7 ? 1 : 0) + kNoBreakSpace + QStringLiteral("M");
    if (count >= 1e4)
        return decimal(count / 1e3, 0) + kNoBreakSpace + QStringLiteral("k");
    return grouped(static_cast<qint64>(count));
}

QString duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return QStringLiteral("–");
    const auto total = static_cast<qint64>(seconds + 0.5);
    const auto pad = [](qint64 v) { return QString::number(v).rightJustified(2, QLatin1Char('0')); };
    if (total >= 3600)
        return QStringLiteral("%1:%2:%3").arg(total / 3600).arg(pad(total / 60 % 60), pad(total % 60));
    return QStringLiteral("%1:%2").arg(total / 60).arg(pad(total % 60));
}

QString roughTime(double seconds)
{
    const auto up = [](double value, int unit) { return static_cast<int>(std::ceil(value / unit)) * unit; };
    const auto say = [](const char* text) { return QCoreApplication::translate("attune::bridge", text); };
    if (seconds <= 60)
        return say("%1 s").arg(up(std::max(1.0, seconds), 5));
    const double minutes = seconds / 60;
    const int rounded = up(minutes, minutes <= 30 ? 1 : 5);
    if (rounded < 120)
        return say("%1 min").arg(rounded);
    if (rounded < 48 * 60)
        return rounded % 60 ? say("%1 h %2 min").arg(rounded / 60).arg(rounded % 60) : say("%1 h").arg(rounded / 60);
    return say("%1 days").arg(decimal(minutes / 1440, 1));
}

QString scientific(double value)
{
    if (value == 0)
        return QStringLiteral("0");
    QString text = QString::number(value, 'e', 1);  // "2.0e-04"
    const auto e = text.indexOf(QLatin1Char('e'));
    QString mantissa = text.left(e), exponent = QString::number(text.mid(e + 1).toInt());
    if (mantissa.endsWith(QLatin1String(".0")))
        mantissa.chop(2);
    return localised(mantissa) + QLatin1Char('e') + exponent;
}

QString datasetName(std::string_view reference)
{
    if (reference.starts_with('/'))
        return lastPart(reference);
    static const QRegularExpression version(QStringLiteral("@(\\d+)"));
    return toQString(reference).replace(version, QLatin1Char(' ') + QCoreApplication::translate("attune::bridge", "v%1").arg(QStringLiteral("\\1")));
}

QString modelName(std::string_view reference)
{
    return lastPart(reference);
}

QString when(const QString& utc)
{
    QDateTime time = QDateTime::fromString(utc, Qt::ISODate);
    if (!time.isValid())
        return utc.isEmpty() ? QStringLiteral("–") : utc;
    time = time.toLocalTime();
    const QString clock = time.toString(QStringLiteral("HH:mm"));
    const auto days = time.date().daysTo(QDate::currentDate());
    if (days == 0)
        return QCoreApplication::translate("attune::bridge::Text", "today %1").arg(clock);
    if (days == 1)
        return QCoreApplication::translate("attune::bridge::Text", "yesterday %1").arg(clock);
    const QLocale locale;
    return isPlain(locale) ? locale.toString(time.date(), QStringLiteral("d MMM yyyy")) : locale.toString(time.date(), QLocale::ShortFormat);
}

QString localLogLine(const QString& line)
{
    constexpr int kTime = 20;
    QDateTime time = QDateTime::fromString(line.left(kTime), Qt::ISODate);
    if (!time.isValid() || line.size() <= kTime || line[kTime - 1] != QLatin1Char('Z'))
        return line;
    return time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")) + line.mid(kTime);
}

}
