// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace attune::importer {

/// "gsm8k" of "gsm8k@2:train", as sentences name a dataset; a path stays what it is.
inline std::string plainName(const std::string& dataset)
{
    return dataset.find('/') == std::string::npos ? dataset.substr(0, dataset.find('@')) : dataset;
}

}
