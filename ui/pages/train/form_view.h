// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/train/form_words.h"
#include "pages/train/recipe_draft.h"
#include "store/store.h"
#include "widgets/choice_segments.h"
#include "widgets/collapsible_group.h"
#include "widgets/option_field.h"

#include <QScrollArea>

#include <map>

namespace attune::pages {

class FirstBatchPanel;

/// The left part of the Train page: sections Model, Data and Essentials, then groups that fold. All fields come from the
/// option table; which are shown, what they hint at and whether they have an effect follows from the draft.
class FormView final : public QScrollArea
{
    Q_OBJECT
public:
    FormView(RecipeDraft& draft, FirstBatchPanel* batch, QWidget* parent = nullptr);

    widgets::OptionField* field(const QString& key) const;
    /// Shows the draft's values; isForced: also in the field that has the focus.
    void showValues(bool isForced);
    void showChoices(const pipeline::FormChoices& choices);
    /// Derived values; null while they are worked out.
    /// Hints of what the check counted, or its error at the field that it names.
    void showCheck(const Result<pipeline::RecipeCheck>& check);
    void setModels(const QList<widgets::RichItem>& models);
    void setDatasets(const QList<widgets::RichItem>& datasets);
    void setAdapters(const QList<widgets::RichItem>& adapters);
    /// Shows only the fields that match, in whatever group, and marks them; empty text shows all again. Returns how many.
    int find(const QString& words);
    void focusFirstMatch();
    /// Opens what hides a field and gives it the focus.
    void reveal(const QString& key);
    /// Unfolds the group of a setting; of method and objective the group that holds their own settings.
    void openGroupOf(const QString& key);
    /// The first field with a value that does not hold; empty: none.
    QString firstBadField() const;

signals:
    void browseModel();
    void browseTemplate();
    void openDataset();

private:
    widgets::OptionField* make(const std::string& key);
    void section(const QString& name, bool hasLine);
    void add(const std::string& key);
    void buildModel();
    void buildData(FirstBatchPanel* batch);
    void buildEssentials();
    void buildGroups();
    void addGroup(const std::string& id, const QString& name);
    void showVisibility();
    void showWeights();
    bool isShown(const widgets::OptionField& field) const;
    QString ownerOfMatch() const;

    RecipeDraft& m_draft;
    QWidget* m_content = nullptr;
    QVBoxLayout* m_layout = nullptr;
    std::map<std::string, widgets::OptionField*> m_fields;
    std::map<std::string, widgets::CollapsibleGroup*> m_groups;
    QList<QWidget*> m_furniture;  ///< headings, lines and panels, hidden while one looks for a setting
    widgets::FieldRow* m_weights = nullptr;
    widgets::ChoiceSegments* m_weightsChoice = nullptr;
    QStringList m_weightIds;
    widgets::Label* m_nothingFound = nullptr;
    QString m_words;
    QHash<QString, bool> m_openBefore;
    Problem m_problem;  ///< of the last check
    pipeline::FormChoices m_choices;
    std::string m_objectiveBefore;
};

}
