# SPDX-License-Identifier: Apache-2.0
# Apache Arrow and Parquet, for reading data sets: from the pyarrow wheel that packaging/setup puts into .deps (headers and
# libraries lie inside it; no Python runs), or the system's. Without either the build goes on, and such files are refused
# with advice.
option(TW_ARROW "Read Parquet and Arrow files where Arrow's C++ library is found" ON)

set(TW_HAS_ARROW OFF)
if(TW_ARROW)
    find_package(Parquet CONFIG QUIET)
    file(GLOB twArrow "${CMAKE_SOURCE_DIR}/.deps/python/pyarrow/libarrow.so.*")
    file(GLOB twParquet "${CMAKE_SOURCE_DIR}/.deps/python/pyarrow/libparquet.so.*")
    if(Parquet_FOUND)
        add_library(tw_arrow INTERFACE IMPORTED)
        target_link_libraries(tw_arrow INTERFACE Parquet::parquet_shared Arrow::arrow_shared)
        set(TW_HAS_ARROW ON)
    elseif(twArrow AND twParquet)
        list(GET twArrow 0 twArrow)
        list(GET twParquet 0 twParquet)
        add_library(tw_arrow_library SHARED IMPORTED)
        set_target_properties(tw_arrow_library PROPERTIES IMPORTED_LOCATION "${twArrow}")
        add_library(tw_arrow SHARED IMPORTED)
        set_target_properties(tw_arrow PROPERTIES IMPORTED_LOCATION "${twParquet}"
            INTERFACE_LINK_LIBRARIES tw_arrow_library
            INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_SOURCE_DIR}/.deps/python/pyarrow/include")
        set(TW_HAS_ARROW ON)
    endif()
    if(NOT TW_HAS_ARROW)
        message(STATUS "Arrow is not there: Parquet and Arrow files cannot be read. packaging/setup installs it.")
    endif()
endif()
