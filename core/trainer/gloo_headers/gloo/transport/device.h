// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace gloo::transport {

/// See gloo/context.h.
class Device;

class UnboundBuffer
{
public:
    virtual ~UnboundBuffer();
};

}
