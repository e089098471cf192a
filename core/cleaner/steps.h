// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"

#include <string>
#include <vector>

namespace attune::cleaner {

/// One line of steps.yaml.
struct Step {
    std::string type;
    Json options = Json::object();  ///< as written, without type and enabled
    bool isEnabled = true;
};

/// Reads steps.yaml. Errors: FileCorrupt, naming the step and the nearest known word.
Result<std::vector<Step>> parseSteps(const std::string& yaml);
std::string toYaml(const std::vector<Step>& steps);

/// What one step did.
struct StepReport {
    std::string type;
    std::int64_t rowsIn = 0, rowsOut = 0, changed = 0;
    double seconds = 0;
};

/// Steps whose options were checked, with the columns that come out of them. Disabled steps are left out.
class StepChain
{
public:
    static Result<StepChain> prepare(const std::vector<Step>& steps, std::vector<Column> columns, const PrepareContext& context = {});

    /// Columns behind the last step.
    const std::vector<Column>& columns() const { return m_columns.back(); }
    const std::vector<Column>& columnsBefore(std::size_t step) const { return m_columns[step]; }
    std::size_t size() const { return m_steps.size(); }
    const PreparedStep& step(std::size_t i) const { return *m_steps[i]; }
    const std::string& type(std::size_t i) const { return m_types[i]; }
    /// Brings a row from before the first step to behind step `end`-1: edits only, nothing is dropped.
    void edit(Row& row, std::size_t end) const;
    void edit(Row& row) const { edit(row, size()); }

private:
    std::vector<std::shared_ptr<const PreparedStep>> m_steps;
    std::vector<std::string> m_types;
    std::vector<std::vector<Column>> m_columns;
};

/// Runs all steps over the rows, in order. The selection holds positions in `rows`.
/// Errors: those of reading; DatasetEmpty never: an empty result is a result. Cancelled.
struct StepsResult {
    Selection selection;
    std::vector<StepReport> reports;
};
Result<StepsResult> runSteps(const RowSource& rows, const StepChain& chain, const JobContext& context);

}
