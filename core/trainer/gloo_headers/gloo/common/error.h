// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// See gloo/context.h: c10d includes this, and needs nothing of it.
