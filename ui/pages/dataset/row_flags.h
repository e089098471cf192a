// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/row_facts.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace attune::pages {

/// A flag of a row as it is shown.
struct ShownFlag {
    QString id, icon, word;  ///< "email", "mail", "e-mail"
};

/// Those of one row, the context limit first. facts may be null.
QList<ShownFlag> rowFlags(const pipeline::RowFacts* facts, std::int64_t row, std::int64_t tokenLimit);
QStringList flagWords(const QList<ShownFlag>& flags);
/// The label of a flag in the facets: "Over 2 048", "E-mail addresses".
QString flagLabel(const QString& id, std::int64_t tokenLimit);
/// All ids in the order of the facets.
QStringList flagIds();
/// Where counts of flags keep one: its bit.
int flagBit(const QString& id);

}
