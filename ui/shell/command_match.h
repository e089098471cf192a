// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <optional>

namespace attune::shell {

/// How well typed letters fit a text, and which of its letters they are.
struct Match {
    int score = 0;
    QList<int> letters;
};

/// The letters of `typed` in their order in `text`, upper and lower case alike; starts of words and letters side by side
/// count more. nullopt when they are not all there. Nothing typed fits everything.
std::optional<Match> matchLetters(const QString& typed, const QString& text);

}
