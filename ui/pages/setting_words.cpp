// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/setting_words.h"

#include "bridge/text.h"
#include "pipeline/choice_label.h"

namespace attune::pages {

QString choiceName(std::string_view key, const std::string& value)
{
    const std::string label = pipeline::choiceLabel(key, value);
    return label.empty() ? bridge::toQString(value) : bridge::translated(label);
}

QString shortHash(const std::string& hash)
{
    return bridge::toQString(hash).left(12);
}

}
