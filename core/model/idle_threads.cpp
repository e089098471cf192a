// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/idle_threads.h"

#include <cstdlib>
#include <mutex>
#include <thread>

#include <dlfcn.h>
#include <unistd.h>

namespace attune::model {

void letIdleThreadsSleep()
{
    static std::once_flag once;
    std::call_once(once, [] {
        if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT"))
            return;
        std::thread([] {
            // Straight to libgomp: at::set_num_threads would change the number for all threads.
            using Parallel = void (*)(void (*function)(void*), void* data, unsigned threads, unsigned flags);
            void* library = ::dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD);
            const auto parallel = library ? reinterpret_cast<Parallel>(::dlsym(library, "GOMP_parallel")) : nullptr;
            if (!parallel)
                return;
            parallel([](void*) {}, nullptr, std::thread::hardware_concurrency() + 1, 0);
            while (true)
                ::pause();
        }).detach();
    });
}

}
