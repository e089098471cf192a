// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

#include <cmath>

namespace attune::bridge {

namespace {
const QChar kNoBreakSpace(0x00A0);
}

QString grouped(qint64 number)
{
    QString digits = QString::number(std::llabs(number));
    for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
        digits.insert(i, kNoBreakSpace);
    return number < 0 ? QChar(0x2212) + digits : digits;
}

QString gib(double bytes, int decimals)
{
    return QLocale().toString(bytes / (1024.0 * 1024.0 * 1024.0), 'f', decimals);
}

QString size(double bytes)
{
    const double mib = bytes / (1024.0 * 1024.0);
    if (mib < 1)
        return QLocale().toString(bytes / 1024.0, 'f', bytes < 10240 ? 1 : 0) + kNoBreakSpace + QStringLiteral("KiB");
    if (mib < 90)
        return QLocale().toString(mib, 'f', mib < 10 ? 1 : 0) + kNoBreakSpace + QStringLiteral("MiB");
    return gib(bytes, 2) + kNoBreakSpace + QStringLiteral("GiB");
}

QString parameters(double count)
{
    if (count >= 1e9)
        return QLocale().toString(count / 1e9, 'f', 2) + kNoBreakSpace + QStringLiteral("B");
    if (count >= 1e6)
        return QLocale().toString(count / 1e6, 'f', count < 2e7 ? 1 : 0) + kNoBreakSpace + QStringLiteral("M");
    if (count >= 1e4)
        return QLocale().toString(count / 1e3, 'f', 0) + kNoBreakSpace + QStringLiteral("k");
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

QString scientific(double value)
{
    if (value == 0)
        return QStringLiteral("0");
    QString text = QString::number(value, 'e', 1);  // "2.0e-04"
    const auto e = text.indexOf(QLatin1Char('e'));
    QString mantissa = text.left(e), exponent = QString::number(text.mid(e + 1).toInt());
    if (mantissa.endsWith(QLatin1String(".0")))
        mantissa.chop(2);
    return mantissa + QLatin1Char('e') + exponent;
}

QString datasetName(std::string_view reference)
{
    static const QRegularExpression version(QStringLiteral("@(\\d+)"));
    return toQString(reference).replace(version, QCoreApplication::translate("attune::bridge", " v%1").arg(QStringLiteral("\\1")));
}

QString modelName(std::string_view reference)
{
    const auto end = reference.find_last_not_of('/');
    if (end == std::string_view::npos)
        return toQString(reference);
    reference = reference.substr(0, end + 1);
    const auto slash = reference.rfind('/');
    return toQString(slash == std::string_view::npos ? reference : reference.substr(slash + 1));
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
    return QLocale::c().toString(time.date(), QStringLiteral("d MMM yyyy"));
}

}
