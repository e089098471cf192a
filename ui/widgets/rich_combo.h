// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>

#include <functional>

namespace attune::widgets {

/// One entry of a RichCombo.
struct RichItem {
    QString value;   ///< the item's data
    QString name;
    QString detail = {};  ///< a sentence below the name
    QString note = {};    ///< what it costs, in mono, below that
    QString reason = {};  ///< why it cannot be chosen; takes the place of the note
    bool operator==(const RichItem&) const = default;
};

/// A list to choose from whose entries say what they are: name, a sentence, what it costs, or why it cannot be chosen.
/// The closed combo shows the name and a suffix in a quieter tone. Leaves the wheel to the scrolling form.
class RichCombo : public QComboBox
{
    Q_OBJECT
public:
    explicit RichCombo(QWidget* parent = nullptr);
    /// Replaces the entries; the same again leaves an open list alone. The current value stays where it is still there.
    void setItems(const QList<RichItem>& items);
    const QList<RichItem>& items() const { return m_items; }
    /// How a value is shown that is not in the list; without it: under its own name.
    void setUnlisted(std::function<RichItem(const QString& value)> describe) { m_unlisted = std::move(describe); }
    /// Shows a value; one that is not in the list is added.
    void setValue(const QString& value);
    QString value() const { return currentData().toString(); }
    void setSuffix(const QString& suffix);
    void showPopup() override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    class Delegate;
    void append(const RichItem& item);

    QList<RichItem> m_items;
    std::function<RichItem(const QString&)> m_unlisted;
    QString m_suffix;
};

}
