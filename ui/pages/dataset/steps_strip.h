// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "pages/dataset/step_chip.h"
#include "widgets/basics.h"

namespace attune::pages {

/// The steps that made the version, along the bottom: the import as number 0, a chip for each step, Add step, Undo,
/// a menu. What it changes it asks for as a whole new list. Chips that find no room are folded from the left.
class StepsStrip final : public QWidget
{
    Q_OBJECT
public:
    explicit StepsStrip(QWidget* parent = nullptr);
    void setDataset(const OpenedPtr& opened);
    QList<StepChip*> chips() const { return m_chips; }

signals:
    void stepsReplaced(const std::vector<attune::cleaner::Step>& steps, const QString& done);
    void addWanted();
    void editWanted(int step);
    void undoWanted();
    void saveWanted();
    void applyWanted();
    void commandWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void build();
    void place();
    void connectChip(StepChip* chip, int index);
    void toggle(const StepGroup& group);
    void remove(const StepGroup& group);
    void moveGroup(int from, int to);
    void showMenu();
    void showEarlier();

    OpenedPtr m_opened;
    std::vector<StepGroup> m_groups;
    QList<StepChip*> m_chips;
    widgets::Label *m_title = nullptr, *m_source = nullptr;
    QPushButton *m_earlier = nullptr, *m_add = nullptr, *m_undo = nullptr;
    QToolButton* m_more = nullptr;
    int m_hidden = 0;
    QList<QPoint> m_chevrons;
};

}
