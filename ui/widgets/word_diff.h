// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace attune::widgets {

/// A stretch of a text beside another one.
struct DiffPart {
    enum class Kind { Same, Added, Removed, Changed };
    Kind kind = Kind::Same;
    QString text;    ///< Removed: of the former text; else of the new one
    QString former;  ///< Changed: what text takes the place of
    bool operator==(const DiffPart&) const = default;
};

/// What became of `before`, word by word (Myers 1986): words, marks and spaces are compared as wholes. Words in the
/// place of others are Changed. Texts that have little in common are one Changed part in the middle. Any thread.
QList<DiffPart> wordDiff(const QString& before, const QString& after);

}
