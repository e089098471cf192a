// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/train/token_text.h"
#include "widgets/panel.h"

namespace attune::pages {

/// The rows of the first step as the model reads them: trained tokens tinted and underlined, read-only ones grey, special
/// tokens as chips, a bar between rows. Pairs stand side by side, labels behind their text.
class FirstBatchPanel final : public widgets::Panel
{
    Q_OBJECT
public:
    explicit FirstBatchPanel(QWidget* parent = nullptr);
    void setBatch(const pipeline::TokenBatch& batch);
    /// Why there is none.
    void setMessage(const QString& text);

signals:
    void lookCloser();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    widgets::TokenView* m_views[2] {};
    QWidget *m_second = nullptr, *m_between = nullptr;
    widgets::Label* m_names[2] {};
    TokenLegend* m_legend = nullptr;
    QPushButton* m_closer = nullptr;
};

}
