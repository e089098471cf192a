# Flags that every target of ours shares. Global CMAKE_CXX_FLAGS stay untouched.
add_library(attune_options INTERFACE)
target_compile_features(attune_options INTERFACE cxx_std_20)
target_compile_options(attune_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${ATTUNE_WERROR}>:-Werror>)
if(ATTUNE_SANITIZE)
    string(REPLACE ";" "," sanitizers "${ATTUNE_SANITIZE}")
    target_compile_options(attune_options INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer)
    target_link_options(attune_options INTERFACE -fsanitize=${sanitizers})
endif()
if(ATTUNE_BUILD_FUZZERS)
    # Coverage for libFuzzer in the library as well as in the targets.
    target_compile_options(attune_options INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(attune_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(ATTUNE_CCACHE ccache)
if(ATTUNE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The PCH sloppiness lets ccache serve files that use a precompiled header.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${ATTUNE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
# A faster linker when there is one: the engine links against a 500 MB library.
find_program(ATTUNE_LLD ld.lld)
if(ATTUNE_LLD AND NOT ATTUNE_SANITIZE)
    target_link_options(attune_options INTERFACE -fuse-ld=lld)
endif()
