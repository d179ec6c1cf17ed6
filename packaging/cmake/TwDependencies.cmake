# SPDX-License-Identifier: Apache-2.0
# Every dependency is found here, once; versions and reasons stand in packaging/setup, which installs them.

# LibTorch: >= 2.11 because its headers are C++20 and older CPU builds have a wrong GELU backward.
file(GLOB twTorchOfDeps "${CMAKE_SOURCE_DIR}/.deps/python/torch/share/cmake/Torch")
if(twTorchOfDeps AND NOT Torch_DIR)
    set(Torch_DIR "${twTorchOfDeps}" CACHE PATH "LibTorch's CMake folder")
endif()
find_package(Torch 2.11 REQUIRED)

find_package(nlohmann_json 3.11 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(Oniguruma REQUIRED IMPORTED_TARGET oniguruma)
pkg_check_modules(Utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(Icu REQUIRED IMPORTED_TARGET icu-uc) # 72: ages and scripts of characters
pkg_check_modules(SentencePiece REQUIRED IMPORTED_TARGET sentencepiece) # 0.1.97: .model files
pkg_check_modules(Gmp REQUIRED IMPORTED_TARGET gmp) # 6.2: whole numbers of chat templates beyond 64 bits
pkg_check_modules(Md4c REQUIRED IMPORTED_TARGET md4c)
pkg_check_modules(Libzip REQUIRED IMPORTED_TARGET libzip) # 1.7: data sets that are packed
find_package(PNG 1.6 REQUIRED)
find_package(JPEG REQUIRED) # libjpeg-turbo: its bytes are Pillow's
pkg_check_modules(Webp REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(Sndfile REQUIRED IMPORTED_TARGET sndfile) # WAV and FLAC
pkg_check_modules(Soxr REQUIRED IMPORTED_TARGET soxr) # the resampler that librosa calls
find_package(CLI11 2.1 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(ZLIB 1.2 REQUIRED)
find_package(CURL 7.88 REQUIRED) # models by name, with resume; nothing else opens a connection
find_package(Threads REQUIRED)

if(TW_GUI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets Svg PrintSupport Test LinguistTools)
    find_package(QCustomPlotQt6 REQUIRED)
endif()

# Its pkg-config file asks for -DUTF8PROC_EXPORTS, which only matters on Windows and would keep the tests from sharing
# core's precompiled header.
set_target_properties(PkgConfig::Utf8proc PROPERTIES INTERFACE_COMPILE_OPTIONS "" INTERFACE_COMPILE_DEFINITIONS "")

include(TwArrow)
