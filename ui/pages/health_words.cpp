// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/health_words.h"

#include "bridge/text.h"

#include <QCoreApplication>

namespace attune::pages {

QString checkName(const pipeline::HealthCheck& check)
{
    QString name = bridge::toQString(check.name);
    if (name == QLatin1String("gpu"))
        return QStringLiteral("GPU");
    if (name != QLatin1String("llama.cpp"))
        name.replace(0, 1, name.left(1).toUpper());
    return bridge::translated(bridge::toStd(name));
}

QString checkIcon(const pipeline::HealthCheck& check)
{
    static constexpr struct { const char *name, *icon; } kIcons[] = {{"processor", "train"}, {"memory", "memory"}, {"workspace", "folder"}, {"database", "dataset"}, {"disk", "disk"}, {"gpu", "gpu"},
        {"engine", "settings"}, {"llama.cpp", "terminal"}, {"ollama", "external"}};
    for (const auto& one : kIcons)
        if (check.name == one.name)
            return QLatin1String(one.icon);
    return QStringLiteral("check");
}

QString checkState(const pipeline::HealthCheck& check)
{
    using Health = pipeline::HealthCheck::Status;
    const auto say = [](const char* text) { return QCoreApplication::translate("attune::pages::HealthWords", text); };
    return check.status == Health::Pass ? say("ready") : check.status == Health::Fail ? say("missing") : say("look");
}

}
