// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/check.h"
#include "pipeline/form_choices.h"
#include "pipeline/recipe.h"

#include <QHash>
#include <QString>

namespace attune::pages {

struct Hint {
    QString text;
    QString icon = {};
};

/// What the hint column says beside each field, by key: derived values where they are known, else what is typical.
/// check is null while it is being worked out or where it failed.
QHash<QString, Hint> hintsFor(const pipeline::Recipe& recipe, const pipeline::FormChoices& choices, const pipeline::RecipeCheck* check);

/// One line about what a folded group holds; group is its id in the option table.
QString groupSummary(const std::string& group, const pipeline::Recipe& recipe);

/// What a value is called in the form: "cosine", "AdamW".
QString choiceLabel(const pipeline::Recipe& recipe, const std::string& key);

/// The setting that an error names, and what is wrong with it; empty where it names none.
struct Problem {
    QString key, text;
};
Problem problemOf(const Error& error);

/// The form's label in the place of the recipe's key that a message begins with: "Learning rate is 5; …", "Teacher: …".
QString byLabel(const std::string& message);

/// What is wrong with what was typed into a field, by the field's label; example: a value that holds.
QString wrongValue(const Option& option, const QString& typed, const Error& error, const Json& example);

/// What a check says and advises, with the form's label in the place of the recipe's key that it begins with.
QString inFormWords(const Error& error);

}
