// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

#include <array>

namespace attune::style {

/// Every colour of the program, by meaning (design: visual.md §2). Nothing else holds a hex value.
struct Tokens {
    bool isDark = false;
    QColor window;  ///< frame, side summaries; dark: also field ground
    QColor surface;  ///< pages, panels, tables, charts; light: also field ground
    QColor raised;  ///< button face, table and panel header, chip, popup, tooltip, user bubble
    QColor hover;  ///< hovered row, hovered ghost button, groove of bars
    QColor border;  ///< hairlines, panel outline (decoration only)
    QColor buttonBorder;  ///< outline of buttons (their text identifies them)
    QColor borderStrong;  ///< fields, check boxes, segmented controls, drop zones, axes: ≥ 3:1
    QColor text;  ///< primary
    QColor text2;  ///< secondary: units, hints, captions, placeholder, icons
    QColor textDisabled;  ///< disabled controls only, never information
    QColor accent;  ///< primary button, focus ring, tab underline, active icon, links, progress
    QColor accentHover;  ///< primary button
    QColor accentPressed;  ///< primary button
    QColor onAccent;  ///< text and icons on accent
    QColor accentWeak;  ///< current place in the sidebar, filter chip, badges, selection without focus
    QColor selection;  ///< selected rows and text, active segment
    QColor success;  ///< done, fits, checked
    QColor successWeak;  ///< done, fits, checked
    QColor warning;  ///< look at this; limits
    QColor warningWeak;  ///< look at this; limits
    QColor danger;  ///< errors, destructive actions, NaN ticks
    QColor dangerWeak;  ///< errors, destructive actions, NaN ticks
    QColor info;  ///< neutral notices
    QColor infoWeak;  ///< neutral notices
    QColor trained;  ///< tint under trained tokens (+ 2-px accent underline); "different" words in Try out
    QColor masked;  ///< tokens that are read only
    QColor special;  ///< chip of a special token or a redaction tag
    QColor specialBg;  ///< chip of a special token or a redaction tag
    QColor addBg;  ///< added
    QColor addText;  ///< added
    QColor delBg;  ///< removed (+ strike-through)
    QColor delText;  ///< removed (+ strike-through)
    QColor chgBg;  ///< changed
    QColor chgText;  ///< changed
    QColor match;  ///< search hits (text stays text)
    QColor histogram;  ///< header, facet and distribution bars; outside the range: borderStrong, over a limit: warning
    QColor mem1;  ///< memory: weights, adapter + optimiser, activations, logits; reserve is hatched text2
    QColor mem2;  ///< memory: weights, adapter + optimiser, activations, logits; reserve is hatched text2
    QColor mem3;  ///< memory: weights, adapter + optimiser, activations, logits; reserve is hatched text2
    QColor mem4;  ///< memory: weights, adapter + optimiser, activations, logits; reserve is hatched text2
    /// Run colours by stored palette index (ux.md §2.2); always on surface.
    std::array<QColor, 8> runs;

    QColor run(int index) const { return runs[static_cast<std::size_t>(index < 0 ? 0 : index) % runs.size()]; }
};

const Tokens& lightTokens();
const Tokens& darkTokens();
/// The tokens in force. UI thread only.
const Tokens& tokens();
void setTokens(const Tokens& tokens);

/// WCAG 2.1 contrast ratio of two opaque colours, 1 to 21.
double contrast(const QColor& a, const QColor& b);

}
