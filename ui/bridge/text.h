// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

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

/// "12 477": digits grouped by the locale with a no-break space.
QString grouped(qint64 number);
/// "5.6" in GiB of 2^30 bytes, with `decimals` digits; the unit is not added.
QString gib(double bytes, int decimals = 1);
/// "0.09 GiB", "17 MiB": the unit that suits.
QString size(double bytes);
/// "494 M", "8.8 M", "1.54 B"
QString parameters(double count);
/// "28:06", "1:02:11"
QString duration(double seconds);
/// "2e-4", "7.7e-5": a learning rate as people write it.
QString scientific(double value);
/// "gsm8k v1": a dataset as the pages name it, from the reference "gsm8k@1" of a recipe or a run.
QString datasetName(std::string_view reference);
/// "SmolLM2-135M.gguf": a model by its name; of a path, as runs of the command line have it, the last part.
QString modelName(std::string_view reference);
/// "today 14:58", "yesterday 09:12", "12 Nov 2026" from UTC ISO 8601.
QString when(const QString& utc);

}
