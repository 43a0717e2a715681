# What Roster is built on, all from Debian's packages (scripts/install-dependencies).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
# Debian 12 has it in its backports (scripts/install-dependencies).
find_package(opentelemetry-cpp REQUIRED)

# Not its CMake package, which asks for what only its other parts need.
pkg_check_modules(prometheus_cpp REQUIRED IMPORTED_TARGET prometheus-cpp-pull)

# 2.6.1: SCRAM log-in to patched brokers, and no 20 ms wait between transactions (docs/adr/0005-transactions-as-the-fence.md).
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.6.1)
