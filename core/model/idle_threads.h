// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace attune::model {

/// Makes OpenMP's threads sleep at the end of a parallel part instead of spinning for the next one.
///
/// libgomp spins long by default, which on a shared machine holds the cores that its own late threads
/// wait for (measured: three times fewer tokens per second beside other work) and makes the window
/// jerk. OMP_WAIT_POLICY can only be set before the program starts, but libgomp also stops spinning
/// while a process manages more threads than there are CPUs: a second, sleeping team brings that
/// about. Does nothing after the first call, or when OMP_WAIT_POLICY or GOMP_SPINCOUNT is set. Any thread.
void letIdleThreadsSleep();

}
