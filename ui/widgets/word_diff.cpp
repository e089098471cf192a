// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/word_diff.h"

#include <QStringView>

#include <algorithm>
#include <vector>

namespace attune::widgets {
namespace {

using Kind = DiffPart::Kind;
using Words = std::vector<QStringView>;

// Beyond so many changed words the texts are simply different, and the trace would need too much memory.
constexpr int kMostEdits = 800;

Words wordsOf(const QString& text)
{
    Words words;
    for (qsizetype at = 0; at < text.size();) {
        const auto isWord = [&](qsizetype i) { return text[i].isLetterOrNumber() || text[i].isMark() || text[i].isSurrogate(); };
        qsizetype end = at + 1;
        if (isWord(at))
            while (end < text.size() && isWord(end))
                ++end;
        else if (text[at].isSpace())
            while (end < text.size() && text[end].isSpace())
                ++end;
        words.push_back(QStringView(text).mid(at, end - at));
        at = end;
    }
    return words;
}

/// One step of an edit script; a word is Removed or Added here, never Changed.
struct Edit {
    Kind kind;
    QStringView word;
};

/// The shortest script that makes b of a; empty with isFound false when it is too long.
std::vector<Edit> shortestScript(const Words& a, const Words& b, bool& isFound)
{
    const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size()), most = std::min(n + m, kMostEdits);
    std::vector<int> furthest(static_cast<std::size_t>(2 * most + 3), 0);
    std::vector<std::vector<int>> trace;
    const auto at = [&](std::vector<int>& v, int k) -> int& { return v[static_cast<std::size_t>(k + most + 1)]; };
    isFound = false;
    int d = 0;
    for (; d <= most && !isFound; ++d) {
        trace.push_back(furthest);
        for (int k = -d; k <= d; k += 2) {
            int x = k == -d || (k != d && at(furthest, k - 1) < at(furthest, k + 1)) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
            while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
                ++x;
            at(furthest, k) = x;
            if (x >= n && x - k >= m) {
                isFound = true;
                break;
            }
        }
    }
    std::vector<Edit> script;
    int x = n, y = m;
    for (int back = d - 1; isFound && back >= 0; --back) {
        auto& v = trace[static_cast<std::size_t>(back)];
        const int k = x - y;
        const bool isInsert = k == -back || (k != back && at(v, k - 1) < at(v, k + 1));
        const int beforeK = isInsert ? k + 1 : k - 1;
        const int beforeX = at(v, beforeK), beforeY = beforeX - beforeK;
        while (x > beforeX && y > beforeY && x > 0 && y > 0) {
            --x, --y;
            script.push_back({Kind::Same, b[static_cast<std::size_t>(y)]});
        }
        if (back > 0)
            script.push_back(isInsert ? Edit {Kind::Added, b[static_cast<std::size_t>(beforeY)]} : Edit {Kind::Removed, a[static_cast<std::size_t>(beforeX)]});
        x = beforeX;
        y = beforeY;
    }
    std::reverse(script.begin(), script.end());
    return script;
}

void append(QList<DiffPart>& parts, Kind kind, const QString& text, const QString& former = {})
{
    if (text.isEmpty())
        return;
    if (parts.isEmpty() || parts.last().kind != kind)
        parts.append({kind, {}, {}});
    parts.last().text += text;
    parts.last().former += former;
}

/// Neighbouring removals and additions are a change; a space between two changes belongs to them.
QList<DiffPart> partsOf(const std::vector<Edit>& script)
{
    QList<DiffPart> parts;
    for (std::size_t i = 0; i < script.size();) {
        if (script[i].kind == Kind::Same) {
            append(parts, Kind::Same, script[i++].word.toString());
            continue;
        }
        QString removed, added;
        while (i < script.size()) {
            const bool isGap = script[i].kind == Kind::Same && script[i].word.trimmed().isEmpty() && i + 1 < script.size() && script[i + 1].kind != Kind::Same;
            if (script[i].kind == Kind::Same && !isGap)
                break;
            if (script[i].kind != Kind::Added)
                removed += script[i].word;
            if (script[i].kind != Kind::Removed)
                added += script[i].word;
            ++i;
        }
        // White space that ends both is no part of the change.
        QString tail;
        while (!removed.isEmpty() && !added.isEmpty() && added.back().isSpace() && added.back() == removed.back()) {
            tail.prepend(added.back());
            removed.chop(1);
            added.chop(1);
        }
        const bool isGone = added.trimmed().isEmpty(), isNew = removed.trimmed().isEmpty();
        append(parts, isGone ? Kind::Removed : isNew ? Kind::Added : Kind::Changed, isGone ? removed : added, isGone || isNew ? QString() : removed);
        append(parts, Kind::Same, isGone ? added + tail : tail);
    }
    return parts;
}

}

QList<DiffPart> wordDiff(const QString& before, const QString& after)
{
    const Words a = wordsOf(before), b = wordsOf(after);
    bool isFound = false;
    const auto script = shortestScript(a, b, isFound);
    if (isFound)
        return partsOf(script);
    std::size_t head = 0, tail = 0;
    while (head < std::min(a.size(), b.size()) && a[head] == b[head])
        ++head;
    while (tail < std::min(a.size(), b.size()) - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    QList<DiffPart> parts;
    const auto joined = [](const Words& words, std::size_t begin, std::size_t end) {
        QString text;
        for (std::size_t i = begin; i < end; ++i)
            text += words[i];
        return text;
    };
    append(parts, Kind::Same, joined(b, 0, head));
    append(parts, Kind::Changed, joined(b, head, b.size() - tail), joined(a, head, a.size() - tail));
    append(parts, Kind::Same, joined(b, b.size() - tail, b.size()));
    return parts;
}

}
