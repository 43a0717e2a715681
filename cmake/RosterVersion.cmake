# What every program tells as its version: the project's and, built from a git checkout, the commit:
# "0.1.0+g0123456789ab", ".dirty" behind it where tracked files were changed. No time, machine or path is in it: the same
# sources give the same program. Read when CMake configures, which each commit causes anew.

set(ROSTER_VERSION ${PROJECT_VERSION})
set(ROSTER_COMMIT "")
# When the sources were committed, in seconds since 1970; 0 where that is not known.
set(ROSTER_COMMIT_TIME 0)

find_package(Git QUIET)

# Runs git in the sources; `out` is empty where that cannot be done.
function(roster_git out)
  set(said "")
  if(GIT_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
    execute_process(COMMAND ${GIT_EXECUTABLE} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(failed)
      set(said "")
    endif()
  endif()
  set(${out} "${said}" PARENT_SCOPE)
endfunction()

roster_git(ROSTER_COMMIT rev-parse --short=12 HEAD)
if(ROSTER_COMMIT)
  roster_git(changed status --porcelain --untracked-files=no)
  roster_git(ROSTER_COMMIT_TIME show --no-patch --format=%ct HEAD)
  roster_git(moves rev-parse --git-path logs/HEAD)
  set(ROSTER_VERSION "${PROJECT_VERSION}+g${ROSTER_COMMIT}")
  if(changed)
    string(APPEND ROSTER_VERSION ".dirty")
  endif()
  get_filename_component(moves "${moves}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
  if(EXISTS ${moves})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${moves})
  endif()
endif()

# The time that packages carry, as reproducible builds name it.
set(ROSTER_SOURCE_DATE_EPOCH ${ROSTER_COMMIT_TIME})
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ROSTER_SOURCE_DATE_EPOCH $ENV{SOURCE_DATE_EPOCH})
endif()
