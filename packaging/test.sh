#!/usr/bin/env bash
# Builds what is missing and runs every test.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/deps.sh"
install_all
build all
say "Testing"
exec ctest --preset release --parallel 2 "$@"
