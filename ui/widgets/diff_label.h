// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"
#include "widgets/word_diff.h"

namespace attune::widgets {

/// What a DiffLabel marks: both sides of a change; only words that the other text has not, on a tint; or no more than the
/// shared words, in grey.
enum class DiffStyle { Changes, Different, Shared };

/// A text against another: added words on green, removed ones struck out; or, in the style of Try out, words that differ
/// on a tint and shared ones grey. Colours follow the theme.
class DiffLabel : public Label
{
    Q_OBJECT
public:
    explicit DiffLabel(QWidget* parent = nullptr);
    /// Without a base the text is shown plain.
    void setTexts(const QString& base, const QString& text, DiffStyle style = DiffStyle::Changes);
    void setPlain(const QString& text);
    const QString& plain() const { return m_text; }
    int differences() const;  ///< words that are added or removed
    /// Makes each word a link: wordClicked() says where it begins.
    void setWordsClickable(bool areClickable);

signals:
    void wordClicked(int position);

protected:
    void changeEvent(QEvent* event) override;

private:
    void render();
    QString m_text;
    QList<DiffPart> m_parts;
    DiffStyle m_style = DiffStyle::Changes;
    bool m_areClickable = false;
};

}
