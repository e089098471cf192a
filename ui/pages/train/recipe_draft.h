// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/presets.h"
#include "pipeline/recipe.h"

#include <QHash>
#include <QObject>
#include <QStringList>

namespace attune::pages {

/// The recipe that the form edits, the preset it began with, and what was typed that does not hold. Everything on the
/// Train page reads from here and writes through here, so that what is shown, saved and started is one thing.
class RecipeDraft final : public QObject
{
    Q_OBJECT
public:
    explicit RecipeDraft(QObject* parent = nullptr);

    const pipeline::Recipe& recipe() const { return m_recipe; }
    const pipeline::Preset& preset() const { return *m_preset; }
    /// key -> what is wrong with what was typed
    const QHash<QString, QString>& badFields() const { return m_badFields; }
    /// What a field goes back to: the preset's value, of a user's own settings the default.
    const Json& presetValue(const std::string& key) const;
    QStringList changedLabels() const;  ///< "learning rate", "optimizer"

    /// Takes what was typed or chosen, or keeps a sentence about why it does not hold.
    void edit(const QString& key, const QString& text);
    void set(const QString& key, const Json& value);
    void reset(const QString& key);
    void resetToPreset();
    void usePreset(const pipeline::Preset& preset);
    /// Shows a recipe from elsewhere beside the preset that it is nearest to.
    void load(pipeline::Recipe recipe);

signals:
    /// isTyped: by edit(), so that the field one types in keeps its text.
    void changed(bool isTyped);

private:
    void settle(const std::string& key);
    void nameAfterData();

    pipeline::Recipe m_recipe;
    const pipeline::Preset* m_preset = nullptr;
    QHash<QString, QString> m_badFields;
    std::string m_autoName = "run";  ///< a name that nobody chose follows the dataset
};

}
