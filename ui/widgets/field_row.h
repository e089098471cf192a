// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

namespace attune::widgets {

/// The quiet text of a field: small lines behind an icon.
class HintLabel : public QLabel
{
    Q_OBJECT
public:
    explicit HintLabel(QWidget* parent = nullptr);
    void setHint(const QString& text, Tone tone, const QString& iconName = {});
    /// What these words need at this width.
    static int heightFor(const QString& text, bool hasIcon, int width);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_icon;
    Tone m_tone = Tone::Secondary;
};

/// One row of a form: label, controls as wide as their content, help, the dot and the button of a changed value, and a
/// hint column that is aligned down the whole form. A message about a wrong value takes the hint's place. What is longer
/// than two small lines of the column goes under the field; that room stays while one types there, so that nothing
/// jumps. In a narrow form label and controls shrink.
class FieldRow : public QWidget
{
    Q_OBJECT
public:
    explicit FieldRow(const QString& label, QWidget* parent = nullptr);

    /// Adds a control; width is what it wants in a wide form (0: its own).
    void addControl(QWidget* control, int width = 0);
    /// What the first control wants in a wide form.
    void setControlWidth(int width);
    /// Puts a label between controls: "×".
    void addJoint(const QString& text);
    void setBuddy(QWidget* control);
    void setLabelText(const QString& text);  ///< with a mnemonic
    QString labelText() const;
    void setHelp(const QString& html);
    void setChanged(bool isChanged);
    bool isChanged() const { return m_isChanged; }
    void setHint(const QString& hint, const QString& iconName = {});
    /// brief: the same in fewer words, for a column that is too narrow for all; the pointer then shows the message.
    void setError(const QString& message, const QString& brief = {});
    QString error() const { return m_error; }
    /// Why the controls have no effect now; empty enables them.
    void setBlocked(const QString& reason);
    bool isBlocked() const { return !m_blocked.isEmpty(); }
    void setHighlighted(bool isHighlighted);
    QString hintText() const { return m_words; }

signals:
    void resetClicked();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

protected:
    /// Gives its controls up: another row lays them out.
    void releaseControls() { m_controls.clear(); }

private:
    void fit();
    void say();
    void placeHint();

    struct Control {
        QWidget* widget = nullptr;
        int width = 0;
    };
    Label* m_label = nullptr;
    QWidget* m_zone = nullptr;
    QHBoxLayout* m_controlRow = nullptr;
    QList<Control> m_controls;
    QToolButton* m_help = nullptr;
    QWidget* m_dot = nullptr;
    QToolButton* m_reset = nullptr;
    HintLabel *m_hint = nullptr, *m_below = nullptr;
    QString m_hintText, m_hintIcon, m_error, m_briefError, m_blocked, m_words, m_icon;
    Tone m_tone = Tone::Secondary;
    int m_rowHeight = 0, m_belowHeight = 0, m_belowWidth = 0;
    bool m_isChanged = false, m_isHighlighted = false;
};

}
