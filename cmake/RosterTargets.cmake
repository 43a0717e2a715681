# The shapes of target that the rooms are made of.

# roster_library(NAME SOURCES ... DEPS ...)
function(roster_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC roster_compiler ${ARG_DEPS})
endfunction()

# What a program of a sanitizer build needs beside its own code.
function(roster_link_sanitizer name)
  if(TARGET roster_tsan)
    target_link_libraries(${name} PRIVATE roster_tsan)
  endif()
endfunction()

# roster_program(NAME SOURCES ... DEPS ...): goes to bin/NAME.
function(roster_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE roster_compiler ${ARG_DEPS})
  roster_link_sanitizer(${name})
endfunction()

# What the sanitizer runs of `./dev test` build.
add_custom_target(unit_and_contract_tests)

# roster_test(NAME SOURCES ... DEPS ... [LABELS ...] [TIMEOUT_S n]): one GoogleTest program, one ctest test for each case.
# Labels: "unit" (the default), "contract", "e2e"; "kafka" in addition where a broker is needed. ONE_THREAD: nothing that
# it tests starts or meets a second thread, so the thread sanitizer's build, which takes long, goes without.
function(roster_test name)
  cmake_parse_arguments(ARG "ONE_THREAD" "TIMEOUT_S" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT_S)
    set(ARG_TIMEOUT_S 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE roster_compiler ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  roster_link_sanitizer(${name})
  if(ARG_ONE_THREAD AND ROSTER_SANITIZER STREQUAL "thread")
    return()
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT_S})
  if(NOT "e2e" IN_LIST ARG_LABELS)
    add_dependencies(unit_and_contract_tests ${name})
  endif()
endfunction()
