#!/usr/bin/env bash
# Builds attune_data and its tests with the address and undefined-behaviour sanitizers and runs them. With
# ATTUNE_CI_SANITIZE=1 (or the argument fuzz) also every libFuzzer target, ATTUNE_FUZZ_SECONDS (60) each,
# where clang-14 and its fuzzer library are installed (Debian: clang-14 libclang-rt-14-dev).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/deps.sh"
cd "$here/.."
export ATTUNE_DEPS_DIR="$deps"
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

run_tests() {
    cmake --preset asan >/dev/null
    cmake --build --preset asan --target data_tests >&2
    ctest --preset asan --parallel 2 --label-regex unit
}

# The seeds of a target: small files of its kind from the tree, so that it starts behind the first checks.
seeds() {
    local folder="$1" kind="$2"
    mkdir -p "$folder"
    case "$kind" in
        gguf) cp tests/golden/formats/*.gguf "$folder" ;;
        safetensors) cp tests/golden/formats/reference.safetensors "$folder" ;;
        tokenizer_json) cp tests/fuzz/seeds/tokenizer_json/* "$folder" ;;
        recipe) cp tests/fixtures/recipes/*.yaml "$folder" ;;
        scan) split -l 40 tests/fixtures/pii/labelled.txt "$folder/labelled-" ;;
        *) cp tests/fuzz/seeds/rows/* "$folder" ;;
    esac
    [ ! -d "tests/fuzz/seeds/$kind" ] || cp "tests/fuzz/seeds/$kind"/* "$folder"
}

fuzz() {
    command -v clang++-14 >/dev/null || { say "clang++-14 is not here: no fuzzing"; return 0; }
    cmake --preset fuzz >/dev/null
    local targets=() source name failed=0
    for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" .cpp)"); done
    cmake --build build/fuzz --target "${targets[@]}" >&2
    for name in "${targets[@]}"; do
        [ -z "${1:-}" ] || [ "$name" = "$1_fuzz" ] || continue
        local corpus="build/fuzz/corpus/${name%_fuzz}"
        seeds "$corpus" "${name%_fuzz}"
        say "Fuzzing ${name%_fuzz} for ${ATTUNE_FUZZ_SECONDS:-60} s"
        "build/fuzz/bin/$name" -max_total_time="${ATTUNE_FUZZ_SECONDS:-60}" -timeout=20 -rss_limit_mb=3000 -max_len=20000 -print_final_stats=1 -verbosity=0 \
            -artifact_prefix="build/fuzz/${name%_fuzz}-" "$corpus" || { failed=1; say "${name%_fuzz}: the input lies in build/fuzz/"; }
    done
    return $failed
}

if [ "${1:-}" = fuzz ]; then
    fuzz "${2:-}"
else
    run_tests
    [ "${ATTUNE_CI_SANITIZE:-0}" != 1 ] || fuzz
fi
