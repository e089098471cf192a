// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "widgets/basics.h"
#include "widgets/rich_combo.h"

#include <QWidget>

class QCheckBox;
class QLineEdit;
class QPlainTextEdit;

namespace attune::widgets {

/// A value as one types it: "2e-4", "0.05" ("0,05" where the locale says so), "a, b"; empty for null.
QString textOfValue(const Json& value);

/// The control for one row of the option table: check box, list, line with its unit inside, or, for lists of texts, a few
/// lines. What is typed or chosen is said as text; the recipe decides whether it holds.
class OptionEditor : public QWidget
{
    Q_OBJECT
public:
    explicit OptionEditor(const Option& option, QWidget* parent = nullptr);

    /// Shows a value without saying edited(); a line that has the focus keeps what is typed unless isForced.
    void setValue(const Json& value, bool isForced = false);
    /// What can be chosen; a line without choices of its own becomes a list.
    void setProposals(const QList<RichItem>& items);
    /// Names that a list of texts may hold, for its menu.
    void setNames(const QStringList& values, const QStringList& labels);
    void setError(bool hasError);
    int preferredWidth() const;
    RichCombo* combo() const { return m_combo; }

signals:
    void edited(const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* make();
    QWidget* makeCheck();
    QWidget* makeCombo();
    QWidget* makeLine();
    QWidget* makeLines();
    void use(QWidget* control);
    void placeUnit();
    bool isNumber() const;
    void stepBy(int direction);
    void showNames();

    Option m_option;
    QWidget* m_control = nullptr;
    QLineEdit* m_line = nullptr;
    QPlainTextEdit* m_lines = nullptr;
    RichCombo* m_combo = nullptr;
    QCheckBox* m_check = nullptr;
    Label* m_unit = nullptr;
    QStringList m_names, m_nameLabels;
    bool m_isSetting = false;
};

}
