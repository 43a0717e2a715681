// A writer for kafka_fault_test to kill: append_forever BROKER TOPIC FIRST. Appends batches of kBatch records, numbered
// from FIRST on, and prints the number of each batch once it is acknowledged.
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "event-log/kafka/kafka_log.h"

int main(int argc, char** argv) {
  using namespace roster;
  using namespace roster::event_log;
  if (argc != 4) return 2;
  auto log = kafka::OpenKafkaLog({.address = {argv[1], argv[2]}, .partitions = 3}, SystemClock());
  if (!log.ok()) return 2;
  auto appender = (*log)->Lead([] { return true; });
  if (!appender.ok()) return 3;
  constexpr int kBatch = 7;
  for (int batch = std::atoi(argv[3]);; ++batch) {
    std::vector<Record> records;
    for (int i = 0; i < kBatch; ++i) records.push_back({absl::StrCat("key-", i), absl::StrCat(batch), {}});
    if (!(*appender)->Append(records, [] {}).ok()) return 4;
    const std::string line = absl::StrCat(batch, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 5;
  }
}
