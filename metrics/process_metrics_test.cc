#include "metrics/process_metrics.h"

#include <fstream>
#include <map>

#include "absl/time/clock.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster::metrics {
namespace {

// The first sample's value of each metric that has one.
std::map<std::string, double> Values(const Registry& registry) {
  std::map<std::string, double> values;
  for (const Family& family : registry.Collect()) {
    if (!family.samples.empty()) values[family.name] = family.samples.front().value;
  }
  return values;
}

TEST(ProcessMetricsTest, SaysWhatThisProcessUses) {
  Registry registry;
  AddProcessMetrics(registry, "roster-test");
  std::map<std::string, double> values = Values(registry);
  EXPECT_EQ(values["roster_build_info"], 1);
  EXPECT_GT(values["process_cpu_seconds_total"], 0);
  EXPECT_GT(values["process_resident_memory_bytes"], 1 << 20);
  EXPECT_GE(values["process_open_fds"], 3);
  EXPECT_GT(values["process_max_fds"], values["process_open_fds"]);
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_GT(values["process_start_time_seconds"], now - 3600);
  EXPECT_LE(values["process_start_time_seconds"], now + 2);
}

TEST(ProcessMetricsTest, DatabaseSizesAreLeftOutWhereThereIsNoFile) {
  const TempDir dir;
  Registry registry;
  AddDatabaseSize(registry, "write_model", [&] { return dir.File("a.db"); });
  AddDatabaseSize(registry, "log", [] { return std::string(); });
  EXPECT_TRUE(Values(registry).empty());
  std::ofstream(dir.File("a.db")) << "12345";
  std::ofstream(dir.File("a.db-wal")) << "123";
  EXPECT_EQ(Values(registry), (std::map<std::string, double>{{"roster_database_bytes", 5}, {"roster_wal_bytes", 3}}));
}

}  // namespace
}  // namespace roster::metrics
