// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/token_rows.h"
#include "widgets/token_view.h"

#include <QList>
#include <QWidget>

namespace attune::pages {

/// The tokens of rows for a token view: part 0 or 1 of each row (chosen and rejected, source and target), with the row's
/// number and the token's id for the pointer, and a labelled row's label at its end. At most `limit` tokens.
QList<widgets::ShownToken> shownTokens(const std::vector<pipeline::TokenRowText>& rows, std::size_t part, qsizetype limit);

/// How many views the rows need: 2 for pairs.
std::size_t partsOf(const pipeline::TokenBatch& batch);

/// "trained 61 %" beside its tint, "read only" in its grey.
class TokenLegend final : public QWidget
{
    Q_OBJECT
public:
    explicit TokenLegend(QWidget* parent = nullptr);
    void setShares(double trained);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_trained, m_masked;
};

}
