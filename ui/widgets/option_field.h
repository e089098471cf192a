// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "widgets/basics.h"

#include <QWidget>

class QComboBox;
class QLineEdit;
class QCheckBox;

namespace attune::widgets {

/// One row of a form, made from one row of the option table: label, field as wide as its content with
/// the unit inside, help, the dot and the button of a changed value, and a hint column. Messages about
/// a wrong value take the hint's place, so that nothing jumps.
class OptionField : public QWidget
{
    Q_OBJECT
public:
    explicit OptionField(const Option& option, QWidget* parent = nullptr);
    const std::string& key() const { return m_option.key; }
    const Option& option() const { return m_option; }

    /// Shows a value without saying changed().
    void setValue(const Json& value);
    void setHint(const QString& hint);
    void setError(const QString& message);
    bool isChanged() const { return m_isChanged; }
    /// Replaces the proposals of a text or choice field (models, datasets) by name and label.
    void setProposals(const QList<QPair<QString, QString>>& proposals);
    /// Puts a button behind the field.
    void addBehind(QWidget* widget);
    void focusField();

signals:
    /// What was typed or chosen; the recipe decides whether it holds.
    void edited(const QString& key, const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeEditor();
    QString textOf(const Json& value) const;
    void say(const QString& text);

    Option m_option;
    QWidget* m_editor = nullptr;
    QLineEdit* m_line = nullptr;
    QComboBox* m_combo = nullptr;
    QCheckBox* m_check = nullptr;
    Label* m_unit = nullptr;
    QToolButton* m_reset = nullptr;
    QWidget* m_dot = nullptr;
    ElidedLabel* m_hint = nullptr;
    QHBoxLayout* m_row = nullptr;
    QList<QPair<QString, QString>> m_proposals;
    QString m_hintText;
    bool m_isChanged = false, m_isSetting = false;
};

/// A group that folds: name, one line about what is inside, a badge with the number of changes.
class CollapsibleGroup : public QWidget
{
    Q_OBJECT
public:
    explicit CollapsibleGroup(const QString& name, QWidget* parent = nullptr);
    void addField(OptionField* field);
    void setSummary(const QString& summary);
    void setOpen(bool isOpen);
    void updateBadge();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Head;
    Head* m_head = nullptr;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_rows = nullptr;
    QList<OptionField*> m_fields;
};

}
