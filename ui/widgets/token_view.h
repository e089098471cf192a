// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QList>

namespace attune::widgets {

/// One token as it is shown.
struct ShownToken {
    QString text;
    bool isTrained = false;
    bool isSpecial = false;
    bool startsRow = false;  ///< the first of a row of a packed batch
    bool isCut = false;      ///< behind the context's end: not read
    bool isTag = false;      ///< no token but a word about the row: its label
    QString tip = {};        ///< shown where the pointer rests
};

/// Tokens as the model reads them: trained ones tinted and underlined, the others grey, special tokens as
/// chips, a bar between rows.
class TokenView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit TokenView(QWidget* parent = nullptr);
    void setTokens(const QList<ShownToken>& tokens);
    void setMessage(const QString& text);
    /// Whether a new line begins behind a line end; else they are only shown as a sign.
    void setBreaksLines(bool breaksLines);
    /// The line height that lets `lines` lines be seen.
    static int heightFor(int lines);

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void layOut();
    struct Piece {
        QRect rect;
        QString text;
        int token;
    };
    QList<ShownToken> m_tokens;
    QList<Piece> m_pieces;
    QString m_message;
    bool m_breaksLines = true;
};

}
