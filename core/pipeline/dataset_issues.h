// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/quality.h"
#include "cleaner/steps.h"
#include "pipeline/dataset_scan.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A kind of issue as people read it: personal data and the quality of texts alike.
struct IssueKind {
    std::string kind;   ///< "email", "refusal"
    std::string label;  ///< "E-mail address"
    std::string tag;    ///< "[EMAIL]"; empty where nothing can be put in the place
    bool isPersonal = false;
};
/// In the order in which they are listed.
const std::vector<IssueKind>& issueKinds();
const IssueKind* findIssueKind(const std::string& kind);

struct IssueOptions {
    cleaner::QualityOptions quality;
    std::vector<std::string> names;  ///< for the kind "name"
};

/// What is left to look at in a version: counted in rows, with the places of the first findings of each kind.
struct IssueReport {
    std::string dataset, contentHash, created;
    std::int64_t rows = 0;
    std::map<std::string, std::int64_t> rowsByKind;   ///< noughts left out
    std::vector<cleaner::Finding> findings;           ///< by kind, then row; at most kMostFindingsPerKind of a kind
    std::int64_t contextTokens = 0;                   ///< 0: tokens were not counted
    double seconds = 0;

    std::int64_t total() const;
    std::vector<const cleaner::Finding*> of(const std::string& kind) const;
    Json toJson() const;
    static std::optional<IssueReport> fromJson(const Json& json);
};
constexpr std::size_t kMostFindingsPerKind = 2000;

/// Looks at all rows of a registered version and keeps the report in its folder. What a person said is none is
/// passed over. Errors: DatasetMissing, Usage, those of reading, DiskFull, Cancelled.
Result<IssueReport> findIssues(store::Store& store, const std::string& dataset, const IssueOptions& options, const JobContext& context);
/// The last report of a version; nothing if it was not looked at. Errors: DatasetMissing.
Result<std::optional<IssueReport>> storedIssues(store::Store& store, const std::string& dataset);

/// Rows by kind of the last report, without reading it; nothing if there is none.
Result<std::optional<std::map<std::string, std::int64_t>>> issueCounts(const store::Store& store, const store::DatasetRow& row);

/// Rows that are fine although a kind was found in them: "refusal:<hash of the row>". Kept with the dataset.
Result<std::set<std::string>> acceptedRows(const store::Store& store, const std::string& name);
Status setAcceptedRows(store::Store& store, const std::string& name, const std::set<std::string>& accepted);

enum class IssueAction { Tag, Pseudonym, Drop, Repair };
/// All that is left of a kind dealt with by one step, which does the same in another file. Errors: Usage (an
/// action that the kind does not have).
Result<cleaner::Step> issueStep(const store::Store& store, const std::string& name, const std::string& kind, IssueAction action, const IssueReport& report);
/// One finding dealt with: its value replaced in the row's text, or the row dropped. The kind's other findings
/// stay. Errors: Usage, those of reading.
Result<cleaner::Step> findingStep(const importer::Dataset& data, const cleaner::Finding& finding, IssueAction action, const JobContext& context);

}
