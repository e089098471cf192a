// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAbstractScrollArea;

namespace attune::style {

/// A scroll area that paints the ring of its focus itself is painted again when it gets or loses it. UI thread only.
void repaintWithFocus(QAbstractScrollArea* area);

}
