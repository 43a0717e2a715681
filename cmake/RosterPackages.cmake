# Debian packages, by CPack: roster-server, roster-cli and libroster-dev. scripts/packages builds them (`./dev packages`).
# Paths are Debian's own, whatever CMAKE_INSTALL_PREFIX is; a plain `cmake --install` puts none of this anywhere.

if(EXISTS /etc/os-release)
  file(STRINGS /etc/os-release debian_release REGEX "^VERSION_ID=")
  string(REGEX REPLACE "[^0-9]" "" debian_release "${debian_release}")
endif()
if(NOT debian_release)
  set(debian_release 0)
endif()

# `seconds` since 1970 in UTC.
function(roster_utc out seconds format)
  set(before "$ENV{SOURCE_DATE_EPOCH}")
  set(ENV{SOURCE_DATE_EPOCH} ${seconds})
  string(TIMESTAMP text "${format}" UTC)
  set(ENV{SOURCE_DATE_EPOCH} "${before}")
  if(NOT before)
    unset(ENV{SOURCE_DATE_EPOCH})
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Those of a release sort before the next release's; between versions, in the order of commits.
set(debian_version ${PROJECT_VERSION})
if(ROSTER_COMMIT)
  roster_utc(committed ${ROSTER_COMMIT_TIME} "%Y%m%d.%H%M%S")
  set(debian_version "${PROJECT_VERSION}+git${committed}.${ROSTER_COMMIT}")
  if(ROSTER_VERSION MATCHES "dirty")
    string(APPEND debian_version ".dirty")
  endif()
endif()
set(debian_revision "1~deb${debian_release}u1")

set(debian_dir ${PROJECT_BINARY_DIR}/debian)
# Debian 12 looks for units here; later ones say /usr/lib, which is the same folder.
set(unit_dir /usr/lib/systemd/system)
if(debian_release EQUAL 12)
  set(unit_dir /lib/systemd/system)
endif()
set(BINDIR /usr/bin)
set(SYSCONFDIR /etc)
set(conffiles)
foreach(service command-service projector query-service)
  configure_file(${PROJECT_SOURCE_DIR}/deploy/systemd/roster-${service}.service ${debian_dir}/roster-${service}.service @ONLY)
  install(FILES ${debian_dir}/roster-${service}.service DESTINATION ${unit_dir} COMPONENT debian_server EXCLUDE_FROM_ALL)
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/config/${service}.conf DESTINATION /etc/roster
    COMPONENT debian_server EXCLUDE_FROM_ALL)
  string(APPEND conffiles "/etc/roster/${service}.conf\n")
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/roster.sysusers DESTINATION /usr/lib/sysusers.d RENAME roster.conf
  COMPONENT debian_server EXCLUDE_FROM_ALL)
file(WRITE ${debian_dir}/conffiles "${conffiles}")
file(COPY ${PROJECT_SOURCE_DIR}/deploy/debian/ DESTINATION ${debian_dir})

# What Debian asks of every package. The changelog's date is the sources', not the build's.
roster_utc(source_date ${ROSTER_SOURCE_DATE_EPOCH} "%a, %d %b %Y %H:%M:%S +0000")
# So are the times of the files within.
file(WRITE ${debian_dir}/cpack_project_config.cmake "set(ENV{SOURCE_DATE_EPOCH} ${ROSTER_SOURCE_DATE_EPOCH})\n")
set(CPACK_PROJECT_CONFIG_FILE ${debian_dir}/cpack_project_config.cmake)
set(ROSTER_PACKAGE_CONTACT "Roster's authors <roster@example.com>" CACHE STRING "Maintainer of the Debian packages: whom their users write to")
set(maintainer ${ROSTER_PACKAGE_CONTACT})
set(CPACK_COMPONENTS_ALL)
function(roster_package component package)
  set(changelog ${debian_dir}/${package}/changelog.Debian)
  file(WRITE ${changelog} "${package} (${debian_version}-${debian_revision}) unstable; urgency=medium\n\n"
    "  * Version ${ROSTER_VERSION}; its changes are in CHANGELOG.md.\n\n -- ${maintainer}  ${source_date}\n")
  execute_process(COMMAND gzip -9 -n -f -k ${changelog})
  install(FILES ${changelog}.gz ${PROJECT_SOURCE_DIR}/deploy/debian/copyright DESTINATION /usr/share/doc/${package}
    COMPONENT debian_${component} EXCLUDE_FROM_ALL)
  cpack_add_component(${component} GROUP ${package})
  cpack_add_component(debian_${component} GROUP ${package})
  list(APPEND CPACK_COMPONENTS_ALL ${component} debian_${component})
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} PARENT_SCOPE)
endfunction()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME roster)
set(CPACK_PACKAGE_VERSION ${debian_version})
set(CPACK_PACKAGE_CONTACT ${maintainer})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps a company's users")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${debian_revision})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_THREADS 0)

# By the symbols alone an older one would do: cmake/RosterDependencies.cmake has why it does not.
set(librdkafka "librdkafka1 (>= 2.6.1)")

# Its libraries have no version in their names, so no package's tools find it; another release may have another ABI.
set(opentelemetry "opentelemetry-cpp (>= 1.19), opentelemetry-cpp (<< 1.20)")

set(CPACK_DEBIAN_ROSTER-SERVER_PACKAGE_NAME roster-server)
set(CPACK_DEBIAN_ROSTER-SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_ROSTER-SERVER_PACKAGE_DEPENDS "${librdkafka}, ${opentelemetry}, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_ROSTER-SERVER_PACKAGE_SUGGESTS roster-cli)
set(CPACK_DEBIAN_ROSTER-SERVER_PACKAGE_CONTROL_EXTRA
  "${debian_dir}/conffiles;${debian_dir}/postinst;${debian_dir}/prerm;${debian_dir}/postrm")
set(CPACK_DEBIAN_ROSTER-SERVER_DESCRIPTION "The three services: commands become events on a log that is only
ever appended to, one SQLite file or a Kafka topic; a read model is folded
from it and answers over gRPC.
.
They listen on the loopback only until they are given TLS and a way to tell
callers apart.")

set(CPACK_DEBIAN_ROSTER-CLI_PACKAGE_NAME roster-cli)
set(CPACK_DEBIAN_ROSTER-CLI_PACKAGE_SECTION net)
set(CPACK_DEBIAN_ROSTER-CLI_PACKAGE_DEPENDS ${librdkafka})
set(CPACK_DEBIAN_ROSTER-CLI_DESCRIPTION "The command line: rosterctl signs users up, changes, deletes, lists,
watches, imports and exports them; roster-log shows what a log holds, and
copies one into another.")

set(CPACK_DEBIAN_LIBROSTER-DEV_PACKAGE_NAME libroster-dev)
set(CPACK_DEBIAN_LIBROSTER-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBROSTER-DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_LIBROSTER-DEV_PACKAGE_DEPENDS
  "libgrpc++-dev, libgrpc-dev, libprotobuf-dev, libabsl-dev, protobuf-compiler, protobuf-compiler-grpc")
set(CPACK_DEBIAN_LIBROSTER-DEV_DESCRIPTION "The C++ client: a static library with its headers for
find_package(roster), and the gRPC contract's .proto files for clients in
other languages.")

set(CPACK_OUTPUT_CONFIG_FILE ${PROJECT_BINARY_DIR}/CPackConfig.cmake)
include(CPack)
foreach(package roster-server roster-cli libroster-dev)
  cpack_add_component_group(${package})
endforeach()
roster_package(server roster-server)
roster_package(cli roster-cli)
roster_package(client libroster-dev)
