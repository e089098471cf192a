// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/recipe_draft.h"

#include "base/names.h"
#include "bridge/text.h"
#include "methods/method.h"
#include "pages/train/form_words.h"
#include "pipeline/objective.h"

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

RecipeDraft::RecipeDraft(QObject* parent)
    : QObject(parent)
    , m_preset(&pipeline::presets().front())
{
    m_recipe = m_preset->applyTo(m_recipe);
}

const Json& RecipeDraft::presetValue(const std::string& key) const
{
    return pipeline::isOwnKey(key) ? pipeline::recipeSchema().find(key)->defaultValue : m_preset->recipe.value(key);
}

QStringList RecipeDraft::changedLabels() const
{
    QStringList labels;
    for (const auto& key : pipeline::changedKeys(m_preset->recipe, m_recipe)) {
        QString label = bridge::translated(pipeline::recipeSchema().find(key)->label);
        // "Learning rate" in the middle of a sentence, but "LoRA+ ratio" stays.
        if (label.size() > 1 && label[1].isLower())
            label[0] = label[0].toLower();
        labels.append(label);
    }
    return labels;
}

void RecipeDraft::edit(const QString& key, const QString& text)
{
    const std::string name = toStd(key);
    const auto* option = pipeline::recipeSchema().find(name);
    Status status;
    if (text.trimmed().isEmpty() && option->isNullable)
        status = m_recipe.set(name, Json());
    else if (text.trimmed().isEmpty() && option->type == OptionType::List)
        status = m_recipe.set(name, Json::array());
    else if (text.trimmed().isEmpty() && option->type == OptionType::Map)
        status = m_recipe.set(name, Json::object());
    else
        status = option->type == OptionType::Text ? m_recipe.set(name, Json(toStd(text))) : m_recipe.setText(name, toStd(text));
    if (status)
        m_badFields.remove(key);
    else
        m_badFields[key] = wrongValue(*option, text, status.error(), presetValue(name));
    if (status)
        settle(name);
    emit changed(true);
}

void RecipeDraft::set(const QString& key, const Json& value)
{
    if (const auto status = m_recipe.set(toStd(key), value); !status)
        return;
    m_badFields.remove(key);
    settle(toStd(key));
    emit changed(false);
}

/// What cannot stand beside a new choice gives way to it.
void RecipeDraft::settle(const std::string& key)
{
    if (key == "method.type") {
        const auto* method = methods::findById(m_recipe.text(key));
        if (method && !method->canQuantise)
            (void)m_recipe.set("model.quantization", "none");
    }
    if (key == "data.train")
        nameAfterData();
    if (key != "objective.type")
        return;
    const auto* rules = pipeline::findObjective(m_recipe.text(key));
    Json metrics = Json::array();
    for (const auto& name : m_recipe.value("eval.metrics"))
        if (rules && std::find(rules->metrics.begin(), rules->metrics.end(), name) != rules->metrics.end())
            metrics.push_back(name);
    if (metrics.empty())
        metrics.push_back("loss");
    (void)m_recipe.set("eval.metrics", metrics);
    if (pipeline::objectiveNeedsNetwork(m_recipe) && rules && !rules->isPlain && rules->id != "distill" && rules->id != "classification"
        && rules->id != "token_classification" && rules->id != "mlm")
        (void)m_recipe.set("training.label_smoothing", 0.0);
}

void RecipeDraft::nameAfterData()
{
    if (m_recipe.name() != m_autoName)
        return;
    const QString data = toQString(m_recipe.text("data.train")).section(QLatin1Char('/'), -1).section(QLatin1Char('.'), 0, 0).section(QLatin1Char('@'), 0, 0).section(QLatin1Char(':'), 0, 0);
    const std::string name = toName(toStd(data));
    if (m_recipe.set("name", name))
        m_autoName = name;
}

void RecipeDraft::reset(const QString& key)
{
    set(key, presetValue(toStd(key)));
}

void RecipeDraft::resetToPreset()
{
    usePreset(*m_preset);
}

void RecipeDraft::usePreset(const pipeline::Preset& preset)
{
    m_preset = &preset;
    m_recipe = preset.applyTo(m_recipe);
    m_badFields.clear();
    emit changed(false);
}

void RecipeDraft::load(pipeline::Recipe recipe)
{
    m_recipe = std::move(recipe);
    m_badFields.clear();
    std::size_t fewest = 0;
    m_preset = nullptr;
    for (const auto& preset : pipeline::presets()) {
        const auto changes = pipeline::changedKeys(preset.recipe, m_recipe).size();
        // A preset of another method or objective is never near.
        const bool isOther = preset.recipe.text("method.type") != m_recipe.text("method.type") || preset.recipe.text("objective.type") != m_recipe.text("objective.type");
        const auto distance = changes + (isOther ? 100 : 0);
        if (!m_preset || distance < fewest) {
            m_preset = &preset;
            fewest = distance;
        }
    }
    emit changed(false);
}

}
