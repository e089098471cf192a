// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace attune::model {

// What OpenMP's threads do between two parallel parts: spin for the next one, or sleep.
//
// libgomp spins for 3 ms by default, which on a busy machine holds the cores that its own late threads wait for (measured: three times
// fewer tokens per second beside other work) and makes the window jerk. Sleeping costs a wake-up at each of the hundreds of parallel
// parts of a step (a tenth of a step on a quiet machine). OMP_WAIT_POLICY can only be set before the program starts, but libgomp
// also stops spinning while a process manages more threads than there are CPUs: a second, sleeping team brings that about, and its
// end lets them spin again. Nothing is done where OMP_WAIT_POLICY or GOMP_SPINCOUNT is set. Any thread.

void letIdleThreadsSleep();

/// Lets them spin where since it last looked this process's threads hardly waited for a processor, and sleep where they did: other
/// programs want it. Looks once a second; cheap enough to be called after each training step.
void adaptIdleThreads();

/// Whether they sleep now.
bool doIdleThreadsSleep();

}
