// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/tryout/chat_pool.h"
#include "pipeline/engine.h"
#include "widgets/basics.h"

#include <QSettings>

class QLineEdit;

namespace attune::pages {

class NextTokens;

/// The side of Try out: how answers are drawn, what could come next at a word, what is in memory.
class SamplingPanel final : public widgets::PlaneWidget
{
    Q_OBJECT
public:
    explicit SamplingPanel(QSettings& settings, QWidget* parent = nullptr);
    pipeline::GenerateRequest request() const;
    void setSeed(quint64 seed);
    NextTokens* nextTokens() { return m_next; }
    void setFacts(const ChatPool::Facts& facts, qint64 usedTokens);

private:
    void showWrong();
    QLineEdit* addField(const QString& key, const QString& name, const QString& value, const QString& help);
    void showMemory(const QList<QPair<QString, QString>>& facts);

    QSettings& m_settings;
    struct Field { QString key, standard; QLineEdit* line; QToolButton* reset; };
    QList<Field> m_fields;
    QVBoxLayout* m_column = nullptr;
    NextTokens* m_next = nullptr;
    QVBoxLayout* m_memory = nullptr;
    widgets::Label *m_note = nullptr, *m_wrong = nullptr;
};

}
