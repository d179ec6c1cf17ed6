# SPDX-License-Identifier: Apache-2.0
# tw_plugins(ROOM TYPE name ...) makes each name.cpp of core/ROOM a plug-in: compiles it, and generates
# core/ROOM/register_plugins.cpp with one function, registerAllRoom(Registry<TYPE>&), that calls registerName(...) of
# each. No static initialisers: a linker drops them from a static library, and their order is nobody's.
# ROOM may be a folder of a room: "train/optimizer" gives registerAllTrainOptimizer().
# tw_plugin_tests(ROOM) in tests/core/ROOM makes tst_name of each from tst_name.cpp: a method without its test does
# not configure.
function(tw_camel out)
    set(camel "")
    foreach(part IN LISTS ARGN)
        string(SUBSTRING "${part}" 0 1 head)
        string(TOUPPER "${head}" head)
        string(SUBSTRING "${part}" 1 -1 tail)
        string(APPEND camel "${head}${tail}")
    endforeach()
    set(${out} "${camel}" PARENT_SCOPE)
endfunction()

function(tw_plugins room type)
    string(REPLACE "/" ";" parts "${room}")
    tw_camel(camel ${parts})
    set(all "registerAll${camel}")
    set(declarations "")
    set(calls "")
    foreach(name IN LISTS ARGN)
        string(REPLACE "_" ";" parts "${name}")
        tw_camel(camel ${parts})
        string(APPEND declarations "void register${camel}(Registry<${type}>& registry);\n")
        string(APPEND calls "    register${camel}(registry);\n")
        target_sources(tunewright_core PRIVATE "${CMAKE_SOURCE_DIR}/core/${room}/${name}.cpp")
    endforeach()
    set(TW_ROOM "${room}")
    set(TW_TYPE "${type}")
    set(TW_ALL "${all}")
    set(TW_DECLARATIONS "${declarations}")
    set(TW_CALLS "${calls}")
    set(out "${CMAKE_BINARY_DIR}/generated/core/${room}/register_plugins.cpp")
    configure_file("${CMAKE_SOURCE_DIR}/packaging/cmake/register_plugins.cpp.in" "${out}" @ONLY)
    target_sources(tunewright_core PRIVATE "${out}")
    set_property(GLOBAL APPEND PROPERTY TW_PLUGIN_TESTS_${room} ${ARGN})
endfunction()

function(tw_plugin_tests room)
    get_property(names GLOBAL PROPERTY TW_PLUGIN_TESTS_${room})
    foreach(name IN LISTS names)
        tw_test(tst_${name} TORCH tst_${name}.cpp)
    endforeach()
endfunction()
