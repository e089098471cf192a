#!/usr/bin/env bash
# Builds attune_data and its tests with the address and undefined-behaviour sanitizers and runs them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/deps.sh"
cd "$here/.."
export ATTUNE_DEPS_DIR="$deps"
cmake --preset asan >/dev/null
cmake --build --preset asan --target data_tests >&2
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
ctest --preset asan --parallel 2 --label-regex unit
