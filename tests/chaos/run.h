#ifndef ROSTER_TESTS_CHAOS_RUN_H_
#define ROSTER_TESTS_CHAOS_RUN_H_

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tests/chaos/run.pb.h"
#include "tests/support/history.h"

namespace roster::test::chaos {

// What was recorded of a run.
struct RunRecord {
  std::vector<Call> calls;
  std::vector<WatchMessage> watch_messages;
  std::vector<Disturbance> disturbances;
  std::vector<FinalReadModel> final_read_models;
  std::vector<FinalWriteModel> final_write_models;
  // All of the log, in the order of their sequence.
  std::vector<LoggedEvent> events;
  std::string log_id;
};

// Writes the record of a run while it goes on, so that it is there however the run ends.
//
// Thread safety: safe from any thread.
class Recorder {
 public:
  explicit Recorder(const std::string& path);

  // Microseconds since it was made, on a clock that never jumps.
  int64_t NowUs() const;

  void Add(const RunEntry& entry);
  // Everything added so far is in the file.
  void Flush();

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
};

// NOT_FOUND, or DATA_LOSS where the file is no record.
absl::StatusOr<RunRecord> ReadRunRecord(const std::string& path);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_RUN_H_
