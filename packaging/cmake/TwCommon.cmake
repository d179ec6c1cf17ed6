# SPDX-License-Identifier: Apache-2.0
# One interface target carries the standard, the warnings and the definitions: every target links it and sets no flags itself.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # LibTorch is shared; one setting for all lets tests reuse core's precompiled header
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(tw_common INTERFACE)
target_include_directories(tw_common INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
target_compile_options(tw_common INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
target_compile_definitions(tw_common INTERFACE TW_VERSION="${PROJECT_VERSION}")
if(TW_WERROR)
    target_compile_options(tw_common INTERFACE -Werror)
endif()
if(TW_SANITIZE)
    target_compile_options(tw_common INTERFACE -fsanitize=${TW_SANITIZE} -fno-omit-frame-pointer -g1)
    target_link_options(tw_common INTERFACE -fsanitize=${TW_SANITIZE})
endif()

find_program(TW_CCACHE ccache)
if(TW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${TW_CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER "${TW_CCACHE}")
endif()
# Not mold: before 2.4 (Debian 12 has 1.10) it now and then protects a page that is not there, and the program then ends
# before main() with "cannot apply additional memory protection after relocation" (its issue 1151).
find_program(TW_LLD ld.lld)
if(TW_LLD)
    add_link_options(-fuse-ld=lld)
endif()
