#ifndef ROSTER_PROJECTOR_APPLY_TRACES_H_
#define ROSTER_PROJECTOR_APPLY_TRACES_H_

#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "event-log/event_log.h"
#include "tracing/log_tracer.h"

namespace roster::projector {

// The spans of the records of one batch. They are made once the batch is committed, so that each ends when its record
// can be read, and none tells of what was rolled back.
//
// Thread safety: none.
class ApplyTraces {
 public:
  // Records that were appended longer ago make no spans: their traces have long been put away, and a read model that is
  // made anew would flood the collector with them.
  static constexpr absl::Duration kMaxAge = absl::Hours(1);

  // Both must outlive it.
  ApplyTraces(const tracing::LogTracer& tracer, const Clock& clock) : tracer_(tracer), clock_(clock) {}

  // A record is about to be applied. Cheap where nobody traces it.
  void Begin(const event_log::RecordView& record) {
    if (tracer_.on()) Note(record);
  }
  // The record of the last Begin was passed over: it had been applied before.
  void PassOver(const event_log::RecordView& record);
  // The record of the last Begin was put aside as a dead letter.
  void PutAside(const event_log::RecordView& record);

  // What was begun is committed.
  void Committed() const;

 private:
  struct Traced {
    tracing::TraceContext context;
    event_log::RecordLocation location;
    absl::Time began;
    bool dead_letter = false;
  };

  void Note(const event_log::RecordView& record);
  bool IsLast(const event_log::RecordView& record) const;

  const tracing::LogTracer& tracer_;
  const Clock& clock_;
  std::vector<Traced> traced_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_APPLY_TRACES_H_
