# How every target is compiled and linked.

add_library(roster_compiler INTERFACE)
target_compile_options(roster_compiler INTERFACE -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers)
target_include_directories(roster_compiler INTERFACE ${PROJECT_SOURCE_DIR})

find_program(ROSTER_CCACHE ccache)
if(ROSTER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ROSTER_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ROSTER_CCACHE})
endif()

find_program(ROSTER_MOLD mold)
if(ROSTER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(ROSTER_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ROSTER_SANITIZER STREQUAL "thread")
  # tsan does not model fences; the libraries' own are outside our build either way.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
  add_compile_options(-include ${PROJECT_SOURCE_DIR}/tests/tsan/protobuf_layout.h)
  # Linked into every program (RosterTargets.cmake).
  add_library(roster_tsan OBJECT tests/tsan/absl_mutex.cc tests/tsan/c11_threads.cc)
elseif(ROSTER_SANITIZER STREQUAL "fuzzer")
  # Of clang: what is fuzzed tells where it has been. The fuzzers themselves link the engine (tests/fuzz).
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ROSTER_SANITIZER)
  message(FATAL_ERROR "ROSTER_SANITIZER must be empty, address, thread or fuzzer, not '${ROSTER_SANITIZER}'")
endif()
