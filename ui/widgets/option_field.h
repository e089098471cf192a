// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"
#include "widgets/field_row.h"
#include "widgets/option_editor.h"

namespace attune::widgets {

/// One row of a form, made from one row of the option table: label, editor, unit, help, default. Two fields may share a
/// row ("Batch × accumulate"): the second joins the first.
class OptionField : public FieldRow
{
    Q_OBJECT
public:
    explicit OptionField(const Option& option, QWidget* parent = nullptr);
    const std::string& key() const { return m_option.key; }
    const Option& option() const { return m_option; }
    OptionEditor* editor() const { return m_editor; }

    /// Shows a value, and whether it is another than the preset's, without saying edited(). isForced: also where one types.
    void setValue(const Json& value, const Json& presetValue, bool isForced = false);
    /// Beside the option's own default.
    void setValue(const Json& value) { setValue(value, m_option.defaultValue); }
    void setError(const QString& message);
    void setBlocked(const QString& reason);
    bool isChanged() const { return m_isChanged; }
    /// Replaces what can be chosen (models, datasets).
    void setProposals(const QList<RichItem>& items) { m_editor->setProposals(items); }
    /// Puts this field's editor behind another's; this row is not shown any more.
    void join(OptionField* host, const QString& joint, int width);
    bool isJoined() const { return m_host != nullptr; }
    /// Puts a button behind the editor.
    void addBehind(QWidget* widget);
    void focusField();
    /// What an option is for, what is typical, its default and its key, for the pointer.
    static QString helpOf(const Option& option);
    /// Whether a text that one looks for is in label, key, help or choices.
    bool matches(const QString& words) const;

signals:
    void edited(const QString& key, const QString& text);
    void resetRequested(const QString& key);

private:
    void showState();
    QString withoutLabel(const QString& message) const;

    Option m_option;
    OptionEditor* m_editor = nullptr;
    OptionField* m_host = nullptr;
    QList<OptionField*> m_guests;
    QString m_ownError;
    bool m_isChanged = false;
};

}
