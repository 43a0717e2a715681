# What `cmake --install BUILD --prefix DIR [--component NAME]` puts where:
#   server   the three services and their man pages
#   cli      rosterctl and roster-log, man pages, completion for bash, zsh and fish
#   client   the C++ client library for find_package(roster), and the contract's .proto files
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(server_programs roster-command-service roster-projector roster-query-service)
set(cli_programs rosterctl roster-log)
install(TARGETS ${server_programs} RUNTIME COMPONENT server)
install(TARGETS ${cli_programs} RUNTIME COMPONENT cli)

# What the programs say about themselves: so a new flag is in man pages and completion at once.
set(share ${PROJECT_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${share})
set(said)
function(roster_man_page program section component)
  set(page ${share}/${program}.${section}.gz)
  add_custom_command(
    OUTPUT ${page}
    COMMAND python3 ${PROJECT_SOURCE_DIR}/scripts/man-page $<TARGET_FILE:${program}> ${section} ${page}
    DEPENDS ${program} ${PROJECT_SOURCE_DIR}/scripts/man-page
    VERBATIM)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  set(said ${said} ${page} PARENT_SCOPE)
endfunction()
foreach(program ${server_programs})
  roster_man_page(${program} 8 server)
endforeach()
foreach(program ${cli_programs})
  roster_man_page(${program} 1 cli)
endforeach()

function(roster_completion shell file destination)
  add_custom_command(
    OUTPUT ${share}/${file}
    COMMAND ${CMAKE_COMMAND} -E env HOME=${share} $<TARGET_FILE:rosterctl> completion ${shell} > ${share}/${file}
    DEPENDS rosterctl
    VERBATIM)
  install(FILES ${share}/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${destination} COMPONENT cli)
  set(said ${said} ${share}/${file} PARENT_SCOPE)
endfunction()
roster_completion(bash rosterctl bash-completion/completions)
roster_completion(zsh _rosterctl zsh/vendor-completions)
roster_completion(fish rosterctl.fish fish/vendor_completions.d)

# The client library as others link it: one archive of what rosterctl links too.
add_library(roster_installed_client STATIC
  $<TARGET_OBJECTS:roster_client> $<TARGET_OBJECTS:roster_base> $<TARGET_OBJECTS:roster_grpc>
  $<TARGET_OBJECTS:roster_health_grpc> $<TARGET_OBJECTS:roster_proto> $<TARGET_OBJECTS:roster_rpc_status_proto>)
set_target_properties(roster_installed_client PROPERTIES OUTPUT_NAME roster_client EXPORT_NAME client LINKER_LANGUAGE CXX)
target_compile_features(roster_installed_client INTERFACE cxx_std_20)
target_include_directories(roster_installed_client INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/roster>)
target_link_libraries(roster_installed_client INTERFACE
  gRPC::grpc++ protobuf::libprotobuf Threads::Threads
  absl::base absl::cord absl::flat_hash_map absl::function_ref absl::random_random absl::span absl::status absl::statusor
  absl::str_format absl::strings absl::synchronization absl::time)
install(TARGETS roster_installed_client EXPORT roster_targets ARCHIVE COMPONENT client)

# Everything below include/roster, so that an #include is written as it is in Roster's own sources.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/roster)
file(GLOB client_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/clients/cpp/*.h)
list(FILTER client_headers EXCLUDE REGEX "(fake_services|stall_guard|_for_test)\\.h$")
install(FILES ${client_headers} DESTINATION ${headers}/clients/cpp COMPONENT client)
# Those that the client's headers include, and what a caller needs to read an error.
foreach(header backoff clock error uuid watched_file)
  install(FILES ${PROJECT_SOURCE_DIR}/base/${header}.h DESTINATION ${headers}/base COMPONENT client)
endforeach()
foreach(folder roster google)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/${folder} DESTINATION ${headers} COMPONENT client FILES_MATCHING PATTERN "*.pb.h")
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/roster DESTINATION ${CMAKE_INSTALL_DATADIR}/roster/proto COMPONENT client
  FILES_MATCHING PATTERN "*.proto")

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/roster)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/roster-config.cmake.in ${PROJECT_BINARY_DIR}/roster-config.cmake
  INSTALL_DESTINATION ${config_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/roster-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/roster-config.cmake ${PROJECT_BINARY_DIR}/roster-config-version.cmake
  DESTINATION ${config_dir} COMPONENT client)
install(EXPORT roster_targets NAMESPACE roster:: FILE roster-targets.cmake DESTINATION ${config_dir} COMPONENT client)

# All that is installed.
add_custom_target(roster_packaged ALL DEPENDS ${said} ${server_programs} ${cli_programs} roster_installed_client)
