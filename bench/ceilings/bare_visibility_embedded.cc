#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/doorbell.h"
#include "base/error.h"
#include "base/temp_dir.h"
#include "bench/ceilings/bare_visibility.h"
#include "bench/ceilings/one_upsert.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "sqlite/sqlite.h"

namespace roster::bench {
namespace {

// Waits for rows of a log file, and commits each to another file.
class Follower {
 public:
  Follower(const std::string& log, std::unique_ptr<DoorbellListener> listener, const std::string& read_model)
      : log_(log, SQLite::OPEN_READONLY), upsert_(read_model), listener_(std::move(listener)) {
    thread_ = std::thread([this] {
      result_ = sqlite::Try("cannot follow", [this] { Follow(); });
      absl::MutexLock lock(&mutex_);
      ended_ = true;
    });
  }
  ~Follower() { (void)Stop(); }

  void AwaitRow(int64_t row) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] { return committed_ >= row || ended_; };
    mutex_.Await(absl::Condition(&there));
  }
  absl::Status Stop() {
    if (!thread_.joinable()) return result_;
    stopping_ = true;
    listener_->Interrupt();
    thread_.join();
    return result_;
  }

 private:
  void Follow() {
    SQLite::Statement select(log_, "SELECT id, value FROM log WHERE id > ? ORDER BY id");
    int64_t next = 0;
    while (!stopping_) {
      select.bind(1, next);
      while (select.executeStep()) upsert_.Commit(next = select.getColumn(0).getInt64());
      select.reset();
      {
        absl::MutexLock lock(&mutex_);
        committed_ = next;
      }
      listener_->Wait(absl::Seconds(1));
    }
  }

  SQLite::Database log_;
  OneUpsert upsert_;
  std::unique_ptr<DoorbellListener> listener_;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  int64_t committed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status result_;
  std::thread thread_;
};

absl::Status MeasureEmbedded(const std::string& folder, double per_second, absl::Duration duration,
                             Histogram& latencies) {
  SQLite::Database log(folder + "/log.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  log.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (id INTEGER PRIMARY KEY, value)");
  SQLite::Statement append(log, "INSERT INTO log (value) VALUES (zeroblob(512))");
  ROSTER_ASSIGN_OR_RETURN(const auto bell, Doorbell::Open(folder + "/bell"));
  ROSTER_ASSIGN_OR_RETURN(auto listener, DoorbellListener::Open(folder + "/bell"));
  Follower follower(folder + "/log.db", std::move(listener), folder + "/read-model.db");
  Schedule schedule(per_second, duration);
  absl::Time scheduled;
  while (schedule.Next(scheduled)) {
    append.exec();
    append.reset();
    const absl::Time durable = absl::Now();
    bell->Ring();
    follower.AwaitRow(log.getLastInsertRowid());
    latencies.Add(absl::Now() - durable);
  }
  return follower.Stop();
}

}  // namespace

Measurement BareVisibilityEmbedded(double per_second) {
  return {"reader sees it + SQLite commit", [=](absl::Duration duration) -> absl::StatusOr<Sample> {
            const TempDir files;
            Histogram latencies;
            ROSTER_RETURN_IF_ERROR(sqlite::Try(
                "cannot measure", [&] { return MeasureEmbedded(files.path(), per_second, duration, latencies); }));
            return latencies.WithQuantiles(per_second);
          }};
}

}  // namespace roster::bench
