// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"
#include "pages/dataset/row_detail.h"
#include "pages/dataset/turn_card.h"
#include "widgets/panel.h"

#include <QPlainTextEdit>
#include <QScrollArea>
#include <QStackedWidget>

namespace attune::pages {

/// One row in full, 288 px wide: as a chat, as the model reads it, as the file has it; its facts; what can be done
/// with it. Reads on a worker, the last row asked for wins.
class RowPane final : public QWidget
{
    Q_OBJECT
public:
    explicit RowPane(shell::Context& context, QWidget* parent = nullptr);
    void setDataset(const OpenedPtr& opened);
    void setFacts(const DatasetFacts& facts);
    /// -1: none.
    void showRow(std::int64_t row, const QStringList& searched);
    std::int64_t row() const { return m_row; }
    /// Edits the turn that the pointer or the focus is on, else the last answer.
    void edit();
    bool isEditing() const;
    const RowDetailPtr& detail() const { return m_detail; }
    void setView(int view);

signals:
    void moved(int by);
    void edited(qint64 row, const QString& column, const QString& valueAsJson);
    void dropWanted(qint64 row);
    void similarWanted(qint64 row);
    void editingFinished();

private:
    void buildHead(QVBoxLayout* column);
    void buildFoot(QVBoxLayout* column);
    void read();
    void fill();
    void fillChat();
    void fillTrained();
    void fillFacts();
    QString flagText() const;

    shell::Context& m_context;
    OpenedPtr m_opened;
    TextModelPtr m_model;
    pipeline::RowFactsPtr m_facts;
    std::int64_t m_tokenLimit = 0;
    std::int64_t m_row = -1;
    QStringList m_searched;
    RowDetailPtr m_detail;
    bool m_isReading = false, m_isStale = false, m_isWaiting = false;
    widgets::Label *m_title = nullptr, *m_legend = nullptr, *m_tokens = nullptr;
    widgets::ElidedLabel* m_place = nullptr;
    widgets::Label *m_flags = nullptr, *m_split = nullptr;
    widgets::SegmentedControl* m_views = nullptr;
    QPushButton *m_edit = nullptr, *m_drop = nullptr, *m_similar = nullptr;
    QStackedWidget* m_stack = nullptr;
    QScrollArea* m_chat = nullptr;
    QVBoxLayout* m_cards = nullptr;
    QList<TurnCard*> m_turns;
    widgets::TokenView* m_trained = nullptr;
    QPlainTextEdit* m_source = nullptr;
    QWidget* m_foot = nullptr;
};

}
