// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// LibTorch's wheel holds all of Gloo's code but none of its headers, which c10d's own headers include. What those need is
// declared here and in the files beside; nothing of it is called or derived from by us.

#include <chrono>

namespace gloo {

class Context
{
public:
    void setTimeout(std::chrono::milliseconds timeout);
};

}
