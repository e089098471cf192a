// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/data_checks.h"

#include "bridge/text.h"
#include "cleaner/pii.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_scan.h"

#include <QCoreApplication>

namespace attune::pages {

namespace {

constexpr std::int64_t kScannedRows = 100'000;  // seconds; a larger set is scanned when one asks for it

QString words(const char* text)
{
    return QCoreApplication::translate("DataChecks", text);
}

QString kindsOf(const pipeline::ScanReport& report)
{
    QStringList kinds;
    for (const auto* detector : cleaner::pii::detectors()) {
        const auto found = report.counts.find(std::string(detector->kind));
        if (found == report.counts.end() || found->second == 0)
            continue;
        QString name = bridge::translated(detector->label);
        if (name.size() > 1 && name[1].isLower())
            name[0] = name[0].toLower();
        kinds.append(name);
    }
    return kinds.size() > 2 ? words("%1 and %2 more kinds").arg(kinds.mid(0, 2).join(QStringLiteral(", "))).arg(kinds.size() - 2) : kinds.join(words(" and "));
}

}

Result<QList<CheckList::Line>> checkPersonalData(store::Store& store, const std::string& dataset, const JobContext& context)
{
    using Kind = CheckList::Line::Kind;
    const QString id = QStringLiteral("personal");
    ATTUNE_TRY(const auto data, pipeline::openDataset(store, dataset, context));
    auto stored = pipeline::storedScan(store, dataset);
    std::optional<pipeline::ScanReport> report;
    if (stored && *stored)
        report = std::move(**stored);
    if (!report && data->rows() > kScannedRows)
        return QList<CheckList::Line> {{Kind::Info, id, words("Personal data was not looked for yet"), words("Review")}};
    if (!report) {
        ATTUNE_TRY(report, pipeline::scanDataset(store, dataset, {}, context));
    }
    if (report->rowsWithFindings == 0)
        return QList<CheckList::Line> {{Kind::Good, id, words("No personal data was found")}};
    const QString rows = report->rowsWithFindings == 1 ? words("1 row contains %1") : words("%1 rows contain %2").arg(bridge::grouped(report->rowsWithFindings));
    return QList<CheckList::Line> {{Kind::Warning, id, rows.arg(kindsOf(*report)), words("Review")}};
}

}
