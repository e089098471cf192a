// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"
#include "widgets/basics.h"

#include <QListWidget>

class QGridLayout;
class QLineEdit;
class QScrollArea;

namespace attune::pages {

/// What is the same for all runs: sections below each other on one page, a list that leads to each, and a search over all.
class SettingsPage final : public shell::Page
{
    Q_OBJECT
public:
    explicit SettingsPage(shell::Context& context);
    /// A section's key: "shortcuts".
    void activate(const QString& object) override;
    QString place() const override;

private:
    /// Rows of label, field and hint on one grid; what is in them is found by the search.
    struct Section { QString key, name; QStringList words; QWidget* page; QGridLayout* grid; };
    Section& addSection(const QString& key, const QString& name, const QString& sentence);
    void addRow(const QString& name, QWidget* field, const QString& hint = {});
    void addGeneral();
    void addFolders();
    void addHardware();
    void addCharts();
    void addNotifications();
    void addPrivacy();
    void addShortcuts();
    void addAbout();
    void lookAtHardware();
    void filter(const QString& text);
    void scrollTo(int section);
    void followScrolling();
    void measureFolders();
    void emptyTrash();
    void fillShortcuts();

    QList<Section> m_sections;
    QListWidget* m_list = nullptr;
    QLineEdit* m_search = nullptr;
    QScrollArea* m_scroll = nullptr;
    QVBoxLayout* m_column = nullptr;
    bool m_isScrolling = false, m_hasLooked = false;
    widgets::Label *m_free = nullptr, *m_trash = nullptr, *m_cache = nullptr;
    QPushButton *m_emptyTrash = nullptr, *m_emptyCache = nullptr;
    QGridLayout* m_health = nullptr;
};

}
