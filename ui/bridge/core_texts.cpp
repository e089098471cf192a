// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/core_texts.h"

#include "bridge/text.h"
#include "cleaner/pii.h"
#include "cleaner/rule.h"
#include "importer/source.h"
#include "methods/method.h"
#include "pipeline/dataset_issues.h"
#include "pipeline/presets.h"
#include "pipeline/recipe.h"

#include <set>

namespace attune::bridge {

namespace {

class Texts
{
public:
    void add(std::string_view text)
    {
        if (!text.empty())
            m_all.insert(std::string(text));
    }
    void add(const std::vector<Option>& options)
    {
        for (const auto& option : options) {
            for (const auto& text : {option.label, option.help, option.unit, option.typical})
                add(text);
            for (const auto& choice : option.choices) {
                add(choice.label);
                add(choice.help);
            }
        }
    }
    QStringList sorted() const
    {
        QStringList list;
        for (const auto& text : m_all)
            list.append(toQString(text));
        return list;
    }

private:
    std::set<std::string> m_all;
};

}

QStringList coreTexts()
{
    Texts texts;
    texts.add(pipeline::recipeSchema().options());
    for (const auto* method : methods::all()) {
        texts.add(method->displayName);
        texts.add(method->sentence);
    }
    for (const auto& preset : pipeline::presets()) {
        texts.add(preset.name);
        texts.add(preset.sentence);
    }
    for (const auto* rule : cleaner::all()) {
        texts.add(rule->label);
        texts.add(rule->help);
        texts.add(rule->options.options());
    }
    for (const auto* source : importer::all())
        texts.add(source->displayName);
    for (const auto& kind : pipeline::issueKinds())
        texts.add(kind.label);
    return texts.sorted();
}

QString coreTextsSource()
{
    QString source = QStringLiteral("#include <QtGlobal>\nstatic const char* const texts[] = {\n");
    for (QString text : coreTexts()) {
        text.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('"'), QStringLiteral("\\\"")).replace(QLatin1Char('\n'), QStringLiteral("\\n"));
        source += QStringLiteral("    QT_TRANSLATE_NOOP(\"core\", \"%1\"),\n").arg(text);
    }
    return source + QStringLiteral("};\n");
}

}
