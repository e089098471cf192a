// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/record.h"
#include "widgets/basics.h"

#include <QScrollArea>

namespace attune::widgets {

/// One turn of a conversation: role and a fact above the text, user turns on a raised ground.
class Bubble : public QWidget
{
    Q_OBJECT
public:
    Bubble(const QString& role, const QString& text, bool isUser, QWidget* parent = nullptr);
    void setText(const QString& text);
    QString text() const;
    void setFact(const QString& fact);
    void addFooter(QWidget* widget);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool m_isUser;
    Label *m_text = nullptr, *m_fact = nullptr;
    QHBoxLayout* m_footer = nullptr;
    QVBoxLayout* m_column = nullptr;
};

/// A dataset's row as the conversation, pair or text that training sees.
class RecordView : public QScrollArea
{
    Q_OBJECT
public:
    explicit RecordView(QWidget* parent = nullptr);
    void setRecord(const importer::Record& record);
    void setMessage(const QString& text);

private:
    void clear();
    void add(const QString& role, const std::string& text, bool isUser);
    QVBoxLayout* m_column = nullptr;
};

}
