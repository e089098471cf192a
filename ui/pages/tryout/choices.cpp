// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/choices.h"

#include "bridge/text.h"
#include "pipeline/checkpoints.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("attune::pages::TryOutPage", text);
}

}

Result<QList<ChatChoice>> chatChoices(store::Store& store)
{
    QList<ChatChoice> choices;
    ATTUNE_TRY(const auto runs, store.runs());
    ATTUNE_TRY(const auto models, store.models());
    for (const auto& run : runs) {
        const auto checkpoints = pipeline::checkpointsOf(run.folder);
        if (run.stepsDone == 0 || run.isArchived)
            continue;
        const QString id = toQString(run.id);
        const auto has = [&](std::int64_t step) { return std::any_of(checkpoints.begin(), checkpoints.end(), [step](const auto& c) { return c.step == step; }); };
        ATTUNE_TRY(const auto used, store.value("use/" + run.id));
        const std::int64_t wanted = used.is_number() ? used.get<std::int64_t>() : run.bestStep;
        const std::int64_t last = checkpoints.empty() ? run.stepsDone : checkpoints.back().step;
        ChatChoice choice {id, id, say("last, step %1").arg(bridge::grouped(last)), run.colour, toQString(run.model), {}};
        if (wanted > 0 && wanted != last && has(wanted)) {
            ChatChoice best = choice;
            best.id = QStringLiteral("%1#%2").arg(id).arg(wanted);
            best.detail = (wanted == run.bestStep ? say("best, step %1") : say("step %1")).arg(bridge::grouped(wanted));
            choices.append(best);
            choice.id = QStringLiteral("%1#%2").arg(id).arg(last);
        }
        choices.append(choice);
    }
    for (const auto& model : models)
        choices.append({toQString(model.name), toQString(model.name), say("base"), -1, {}, {}});
    return choices;
}

ChatChoice modelFileChoice(const QString& path)
{
    return {path, QFileInfo(path).fileName(), say("exported file"), -1, {}, {}};
}

ChatChoice adapterFileChoice(const QString& path, const QString& base)
{
    return {QStringLiteral("adapter:") + path, QFileInfo(path).fileName(), say("adapter on %1").arg(base), 5, base, path};
}

}
