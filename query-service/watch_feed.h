#ifndef ROSTER_QUERY_SERVICE_WATCH_FEED_H_
#define ROSTER_QUERY_SERVICE_WATCH_FEED_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "absl/status/statusor.h"
#include "query-service/resume_token.h"
#include "query-service/watch_batch.h"
#include "read-model/reader.h"

namespace roster::query_service {

// What a worker's watches send next. Watches that follow the changes from the same place share one read and the bytes
// of one message, and those at different places are brought to the same one: a read that starts behind the newest place
// that a shared batch ended at ends there too, instead of at the snapshot's end. So however many watches there are, and
// however they began, the read model is read about once for each message that all of them get. Measured with 1,000
// watches of 1,000 changes a second, together with the pace of WatchUsers: 936,000 users sent a second with 0.4 of a
// core, in place of 48,000 with 1.2.
//
// Why a batch read earlier is right:
// - Nothing is skipped. It starts at the watch's own place (the log's identity included), and the watch moves on to the
//   batch's end only, however far the read model has come since.
// - Nobody is sent an older state of a user after a newer one. Reads are numbered, and a watch takes only batches that
//   were read after the last that it was sent, or after it began.
// - An error is late by one batch at most. A redriven dead letter, changes that are kept no longer, or another log in
//   this one's place are found by the next read: each watch comes to one, since the batches kept end.
//
// Keeps kMaxBatches batches, those used last, of kMaxWatchBytes each (2 MiB in all), until others take their place.
//
// Thread safety: one thread.
class WatchFeed {
 public:
  static constexpr size_t kMaxBatches = 8;

  // A batch, and the number of the read that it is from.
  struct NumberedBatch {
    int64_t number = 0;
    WatchBatch batch;
  };
  using SharedBatch = std::shared_ptr<const NumberedBatch>;

  // The number of the last read.
  int64_t last_number() const { return last_number_; }

  // The batch from `place` on where it was read already, not before read `from_number`; else null.
  SharedBatch Find(const WatchPlace& place, int64_t from_number);
  // Reads it; errors as ReadWatchBatch.
  absl::StatusOr<SharedBatch> Read(read_model::Snapshot& snapshot, const WatchPlace& place);

  // Whether other watches have been sent changes that come after `place`.
  bool IsBehind(const WatchPlace& place) const;

 private:
  struct Entry {
    WatchPlace from;
    SharedBatch batch;
  };

  int64_t last_number_ = 0;
  // The newest place that a shared batch ended at.
  WatchPlace newest_;
  // Used last: first.
  std::list<Entry> entries_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_FEED_H_
