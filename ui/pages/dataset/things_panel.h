// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/row_filter.h"
#include "widgets/panel.h"

namespace attune::pages {

/// What deserves a look in a version, one line each, with a button that shows the rows.
class ThingsPanel final : public widgets::Panel
{
    Q_OBJECT
public:
    explicit ThingsPanel(QWidget* parent = nullptr);
    void setDataset(const OpenedVersion& opened, const DatasetFacts& facts);

signals:
    void filterWanted(const attune::pages::ShownTerm& term);
    void tabWanted(const QString& id);

private:
    void addLine(const QString& icon, widgets::Tone tone, const QString& text, const std::function<void(QHBoxLayout*)>& actions = {});
    void addFlags(const pipeline::RowFacts& facts, std::int64_t limit);
    void addImport(const OpenedVersion& opened);
    void addReview(QHBoxLayout* line, const std::string& flag, const QString& title);
};

}
