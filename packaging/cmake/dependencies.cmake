# Third-party libraries: Debian packages by find_package or pkg-config, and what packaging/deps.sh
# unpacked into ATTUNE_DEPS_DIR. Nothing is downloaded at configure time.
if(DEFINED ENV{ATTUNE_DEPS_DIR})
    set(deps_default $ENV{ATTUNE_DEPS_DIR})
else()
    set(deps_default $ENV{HOME}/.cache/attune/deps)
endif()
set(ATTUNE_DEPS_DIR ${deps_default} CACHE PATH "Where packaging/deps.sh keeps LibTorch, llama.cpp and models")
set(ATTUNE_TORCH_VERSION 2.11.0)
set(ATTUNE_LLAMA_VERSION 0.3.36)
set(ATTUNE_ARROW_VERSION 26.0.1)
set(ATTUNE_ARROW_ROOT ${ATTUNE_DEPS_DIR}/arrow-${ATTUNE_ARROW_VERSION}/pyarrow)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc i18n)
find_package(ZLIB REQUIRED)
pkg_check_modules(SENTENCEPIECE REQUIRED IMPORTED_TARGET sentencepiece)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)

# ---- llama.cpp: ggml, gguf.h, llama.h, Jinja
set(llama_root ${ATTUNE_DEPS_DIR}/llama.cpp-${ATTUNE_LLAMA_VERSION})
set(llama_source ${llama_root}/src)
if(NOT EXISTS ${llama_root}/build/bin/libllama.so)
    message(FATAL_ERROR "llama.cpp is not in ${llama_root}: run `bash packaging/deps.sh` first.")
endif()
add_library(attune_llama INTERFACE)
target_include_directories(attune_llama SYSTEM INTERFACE
    ${llama_source}/include ${llama_source}/ggml/include ${llama_source}/common)
file(GLOB llama_libraries ${llama_root}/build/bin/libllama.so ${llama_root}/build/bin/libllama-common.so
    ${llama_root}/build/bin/libggml.so ${llama_root}/build/bin/libggml-base.so ${llama_root}/build/bin/libggml-cpu.so)
target_link_libraries(attune_llama INTERFACE ${llama_libraries})
set(ATTUNE_LLAMA_SOURCE ${llama_source})

# ---- LibTorch from the wheel. find_package(Torch) insists on a CUDA toolkit, so: our own target.
set(ATTUNE_TORCH_ROOT ${ATTUNE_DEPS_DIR}/torch-${ATTUNE_TORCH_VERSION}/torch)
if(ATTUNE_BUILD_ENGINE)
    if(NOT EXISTS ${ATTUNE_TORCH_ROOT}/lib/libtorch_cpu.so)
        message(FATAL_ERROR "LibTorch is not in ${ATTUNE_TORCH_ROOT}: run `bash packaging/deps.sh` first.")
    endif()
    add_library(attune_torch INTERFACE)
    target_include_directories(attune_torch SYSTEM INTERFACE
        ${ATTUNE_TORCH_ROOT}/include ${ATTUNE_TORCH_ROOT}/include/torch/csrc/api/include)
    # The wheel's include folder carries a newer fmt than Debian's libfmt: header-only, so they never meet.
    target_compile_definitions(attune_torch INTERFACE FMT_HEADER_ONLY=1)
    target_link_libraries(attune_torch INTERFACE
        ${ATTUNE_TORCH_ROOT}/lib/libtorch_cpu.so ${ATTUNE_TORCH_ROOT}/lib/libc10.so Threads::Threads)
    target_link_options(attune_torch INTERFACE -Wl,-rpath-link,${ATTUNE_TORCH_ROOT}/../nvidia/cu13/lib)
endif()
