// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"
#include "widgets/basics.h"

namespace attune::pages {

/// The first line of the overview: how much of the import is kept as a bar, tokens and with which tokenizer, the
/// parts of the split.
class KeptBar final : public QWidget
{
    Q_OBJECT
public:
    explicit KeptBar(QWidget* parent = nullptr);
    void setDataset(const OpenedVersion& opened, const DatasetFacts& facts);

private:
    class Bar;
    widgets::Label *m_kept = nullptr, *m_tokens = nullptr, *m_split = nullptr;
    Bar* m_bar = nullptr;
};

}
