// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/train/recipe_draft.h"
#include "shell/page.h"

class QMenu;

namespace attune::pages {

/// What can be done with a recipe beside training it: copied as a command, written for another trainer, made from another
/// program's configuration, reset.
class TrainMenu final : public QObject
{
    Q_OBJECT
public:
    TrainMenu(shell::Context& context, RecipeDraft& draft, QWidget* parent);
    void fill(QMenu& menu);
    void copyCommand();
    /// target as in recipe convert: axolotl, trl, llamafactory.
    void exportFor(const QString& target);
    /// source: axolotl (a file) or peft (a folder).
    void readFrom(const QString& source);

private:
    shell::Context& m_context;
    RecipeDraft& m_draft;
    QWidget* m_parent;
};

}
