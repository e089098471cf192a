// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

namespace attune::widgets {

class OptionField;

/// A group of fields that folds: name, one line about what is inside, a badge with the number of changes. The whole row
/// is clickable; Left and Right fold, Space and Return toggle.
class CollapsibleGroup : public QWidget
{
    Q_OBJECT
public:
    explicit CollapsibleGroup(const QString& name, QWidget* parent = nullptr);
    void addField(OptionField* field);
    const QList<OptionField*>& fields() const { return m_fields; }
    void setName(const QString& name);
    QString name() const;
    void setSummary(const QString& summary);
    QString summary() const;
    void setOpen(bool isOpen);
    bool isOpen() const;
    /// Counts the visible fields that differ from the preset.
    void updateBadge();
    QString badge() const;

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
