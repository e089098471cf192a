#!/usr/bin/env bash
# Sets Attune up on a fresh Debian 12 machine, builds it and opens the studio on a sample workspace.
# --demo: no window; fine-tunes the starter model on the bundled sample, evaluates, exports and checks a GGUF adapter.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/deps.sh"
demo=no
case "${1:-}" in
    --demo) demo=yes ;;
    "") ;;
    *) die "usage: bash packaging/run.sh [--demo]" ;;
esac
install_all
build attune attune-studio attune_engine
if [ "$demo" = yes ]; then
    exec bash "$here/demo.sh"
fi
workspace="${ATTUNE_WORKSPACE:-$HOME/Attune}"
bin="$here/../build/release/bin"
say "Opening the studio on $workspace"
exec "$bin/attune-studio" --workspace "$workspace"
