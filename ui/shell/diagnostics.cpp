// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/diagnostics.h"

#include "bridge/text.h"
#include "pipeline/doctor.h"
#include "pipeline/versions.h"

#include <QDir>
#include <QSysInfo>

namespace attune::shell {

using bridge::toQString;

QString diagnostics(const std::string& workspace)
{
    QString text = QStringLiteral("Attune %1\n").arg(QStringLiteral(ATTUNE_VERSION));
    const Json versions = pipeline::versions();
    for (const auto& [key, value] : versions.items())
        text += QStringLiteral("%1: %2\n").arg(toQString(key), toQString(value.is_string() ? value.get<std::string>() : value.dump()));
    text += QStringLiteral("qt: %1\nsystem: %2, kernel %3\n\n").arg(QLatin1String(qVersion()), QSysInfo::prettyProductName(), QSysInfo::kernelVersion());
    for (const auto& check : pipeline::checkHealth(workspace)) {
        using Status = pipeline::HealthCheck::Status;
        const char* word = check.status == Status::Pass ? "ok" : check.status == Status::Warn ? "look" : "fail";
        text += QStringLiteral("[%1] %2: %3\n").arg(QLatin1String(word), toQString(check.name), toQString(check.detail));
    }
    const QString home = QDir::homePath(), user = home.section(QLatin1Char('/'), -1);
    text.replace(home, QStringLiteral("~"));
    if (user.size() > 2 && user != QLatin1String("root"))
        text.replace(user, QStringLiteral("USER"));
    return text;
}

}
