// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "pages/dataset/text_model.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/row_facts.h"
#include "shell/page.h"

#include <QObject>

#include <deque>
#include <optional>
#include <stop_token>

namespace attune::pages {

/// What is counted of the version that is shown, for all its tabs: statistics of columns, facts of rows, the model
/// that tokens are counted with. Computed in the background, kept for the last few versions, so that Undo costs nothing.
class DatasetFacts final : public QObject
{
    Q_OBJECT
public:
    explicit DatasetFacts(shell::Context& context, QObject* parent = nullptr);
    ~DatasetFacts() override;
    void setDataset(const OpenedPtr& opened);

    /// Null until they are there.
    std::shared_ptr<const pipeline::DatasetStats> stats() const { return m_now.stats; }
    pipeline::RowFactsPtr facts() const { return m_now.facts; }
    TextModelPtr model() const { return m_model; }
    /// Tokens of the rows as they were imported.
    std::optional<std::int64_t> sourceTokens() const { return m_sourceTokens; }
    /// Why there are no token counts; empty where there are.
    QString modelProblem() const { return m_modelProblem; }
    /// Why the rows cannot be read, or were not counted; null where they were or are being counted.
    const std::optional<Error>& problem() const { return m_problem; }
    /// False where not one row can be read.
    bool isReadable() const { return m_isReadable; }
    bool isCounting() const { return m_isCounting; }
    int percent() const { return m_percent; }

    std::int64_t tokenLimit() const;
    void setTokenLimit(std::int64_t tokens);

signals:
    void statsChanged();
    void factsChanged();
    void progressChanged();
    void problemChanged();
    void modelChanged();
    void limitChanged();

private:
    struct Counted {
        std::string key;
        std::shared_ptr<const pipeline::DatasetStats> stats;
        pipeline::RowFactsPtr facts;
    };
    class Work;
    void take(std::function<void(DatasetFacts&)> change, int request);
    void keep();

    shell::Context& m_context;
    Counted m_now;
    std::deque<Counted> m_kept;
    TextModelPtr m_model;
    QString m_modelProblem;
    std::optional<Error> m_problem;
    std::optional<std::int64_t> m_sourceTokens;
    std::string m_source;             ///< hash of the import that m_sourceTokens is of
    std::stop_source m_stop;
    int m_request = 0, m_percent = 0;
    bool m_isCounting = false, m_isReadable = true;
};

}
