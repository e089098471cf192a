// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "pipeline/dataset_issues.h"
#include "widgets/basics.h"

namespace attune::pages {

/// "E-mail address" in the interface's language.
QString issueLabel(const std::string& kind);
/// The row's content, as decisions about it are kept.
std::string rowContent(const importer::Dataset& data, std::int64_t row);

/// What can be done with one finding, and with all of its kind.
class IssueActions : public QWidget
{
    Q_OBJECT
public:
    explicit IssueActions(QWidget* parent = nullptr);
    /// Empty: nothing is shown that could be dealt with.
    void setKind(const std::string& kind, std::int64_t rows);

signals:
    void oneWanted(attune::pipeline::IssueAction action);
    void allWanted(attune::pipeline::IssueAction action);
    void acceptWanted();
    void patternWanted(const QString& pattern);

private:
    void replaceAll();
    void askPattern();
    std::string m_kind;
    QPushButton *m_tag = nullptr, *m_pseudonym = nullptr, *m_repair = nullptr, *m_drop = nullptr, *m_accept = nullptr;
    QPushButton *m_replaceAll = nullptr, *m_repairAll = nullptr, *m_dropAll = nullptr, *m_pattern = nullptr;
    widgets::Label* m_all = nullptr;
};

}
