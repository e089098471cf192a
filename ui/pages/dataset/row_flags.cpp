// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/row_flags.h"

#include "bridge/text.h"

#include <QCoreApplication>
#include <QHash>

namespace attune::pages {

using bridge::toQString;

namespace {

constexpr int kOverBit = 31;
constexpr auto kOver = "over";

QString say(const char* text)
{
    return QCoreApplication::translate("attune::pages::RowFlags", text);
}

struct Look {
    const char *icon, *word, *label;
};

/// How a flag looks; what is not named here has the shield of personal data or the sign of a note.
const QHash<QString, Look>& looks()
{
    static const QHash<QString, Look> all {
        {QStringLiteral("email"), {"mail", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "e-mail"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "E-mail address")}},
        {QStringLiteral("phone"), {"phone", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "phone"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Phone number")}},
        {QStringLiteral("card"), {"shield", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "card"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Payment card")}},
        {QStringLiteral("iban"), {"shield", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "IBAN"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "IBAN")}},
        {QStringLiteral("ip"), {"shield", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "IP"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "IP address")}},
        {QStringLiteral("key"), {"lock", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "key"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Key or token")}},
        {QStringLiteral("url"), {"lock", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "URL"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "URL with password")}},
        {QStringLiteral("redacted"), {"eye-off", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "redacted"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Redacted")}},
        {QStringLiteral("empty_answer"), {"warning", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "empty"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Empty answer")}},
        {QStringLiteral("short_answer"), {"info", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "short"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Short answer")}},
        {QStringLiteral("long_answer"), {"info", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "long"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Long answer")}},
        {QStringLiteral("refusal"), {"stop", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "refusal"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Refusal")}},
        {QStringLiteral("repetitive"), {"reset", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "repeats"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Repetitive")}},
        {QStringLiteral("mojibake"), {"warning", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "damaged"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Damaged text")}},
        {QStringLiteral("template_token"), {"terminal", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "template"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Template token")}},
        {QStringLiteral("same_text"), {"duplicates", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "same"), QT_TRANSLATE_NOOP("attune::pages::RowFlags", "Same text twice")}},
        {QStringLiteral("over"), {"cut", QT_TRANSLATE_NOOP("attune::pages::RowFlags", "cut"), ""}},
    };
    return all;
}

ShownFlag shown(const QString& id, bool isPersonal)
{
    const auto it = looks().find(id);
    if (it == looks().end())
        return {id, isPersonal ? QStringLiteral("shield") : QStringLiteral("info"), id};
    return {id, QLatin1String(it->icon), say(it->word)};
}

}

QList<ShownFlag> rowFlags(const pipeline::RowFacts* facts, std::int64_t row, std::int64_t tokenLimit)
{
    QList<ShownFlag> flags;
    if (!facts || row < 0 || row >= facts->rows)
        return flags;
    const auto i = static_cast<std::size_t>(row);
    if (facts->hasTokens && tokenLimit > 0 && facts->tokens[i] > tokenLimit)
        flags.append(shown(QLatin1String(kOver), false));
    for (const auto& flag : pipeline::flagNames())
        if (facts->flags[i] >> flag.bit & 1)
            flags.append(shown(toQString(flag.name), flag.isPersonal));
    return flags;
}

QStringList flagWords(const QList<ShownFlag>& flags)
{
    QStringList words;
    for (const auto& flag : flags)
        words.append(flagLabel(flag.id, 0));
    return words;
}

QString flagLabel(const QString& id, std::int64_t tokenLimit)
{
    if (id == QLatin1String(kOver))
        return tokenLimit > 0 ? say("Over %1").arg(bridge::grouped(tokenLimit)) : say("Over the context limit");
    const auto it = looks().find(id);
    return it == looks().end() ? id : say(it->label);
}

QStringList flagIds()
{
    QStringList ids {QLatin1String(kOver)};
    for (const auto& flag : pipeline::flagNames())
        ids.append(toQString(flag.name));
    return ids;
}

int flagBit(const QString& id)
{
    if (id == QLatin1String(kOver))
        return kOverBit;
    for (const auto& flag : pipeline::flagNames())
        if (toQString(flag.name) == id)
            return static_cast<int>(flag.bit);
    return -1;
}

}
