// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/duplicates_search.h"
#include "shell/page.h"
#include "widgets/panel.h"
#include "widgets/similarity_histogram.h"

class QComboBox;
class QDoubleSpinBox;
class QSlider;
class QStackedWidget;

namespace attune::pages {

/// What to look for and how: method, similarity with its histogram, which row stays. Keeps what was chosen last.
class DuplicatesControls : public QWidget
{
    Q_OBJECT
public:
    explicit DuplicatesControls(shell::Context& context, QWidget* parent = nullptr);
    DuplicatesWanted wanted() const;
    void setMethod(DuplicatesWanted::Method method);
    /// The datasets that this one can be compared with; hasSplits: its own train and eval come first.
    void setOthers(const QStringList& names, bool hasSplits);
    void setBusy(bool isBusy);
    void setFact(const QString& text, widgets::Tone tone = widgets::Tone::Secondary);
    /// Null: nothing was looked for yet.
    void setFound(const FoundPtr& found);

signals:
    void findWanted();
    void stopWanted();
    void wantedChanged();  ///< threshold, keepers or side: no new search is needed

private:
    QWidget* buildKeepers();
    QWidget* buildLeaks();
    void fillKeepers();
    void changeKeepers();
    void methodChanged();
    void thresholdChanged(double value);
    void showPairs();

    shell::Context& m_context;
    FoundPtr m_found;
    std::vector<cleaner::KeeperRule> m_keepers;
    widgets::SegmentedControl *m_method = nullptr, *m_side = nullptr;
    QSlider* m_slider = nullptr;
    QDoubleSpinBox* m_threshold = nullptr;
    QPushButton* m_find = nullptr;
    widgets::ElidedLabel* m_fact = nullptr;
    widgets::Label *m_pairs = nullptr, *m_keepLabel = nullptr, *m_pairsTitle = nullptr;
    QStackedWidget* m_keep = nullptr;
    QHBoxLayout* m_rules = nullptr;
    QComboBox* m_other = nullptr;
    widgets::SimilarityHistogram* m_histogram = nullptr;
    bool m_isBusy = false;
};

}
