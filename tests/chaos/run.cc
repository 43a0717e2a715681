#include "tests/chaos/run.h"

#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/io/zero_copy_stream_impl.h"
#include "google/protobuf/util/delimited_message_util.h"

namespace roster::test::chaos {

using google::protobuf::util::ParseDelimitedFromZeroCopyStream;
using google::protobuf::util::SerializeDelimitedToOstream;

namespace {

void Take(RunEntry& entry, RunRecord& run) {
  switch (entry.entry_case()) {
    case RunEntry::kCall:
      run.calls.push_back(std::move(*entry.mutable_call()));
      break;
    case RunEntry::kWatchMessage:
      run.watch_messages.push_back(std::move(*entry.mutable_watch_message()));
      break;
    case RunEntry::kFinalReadModel:
      run.final_read_models.push_back(std::move(*entry.mutable_final_read_model()));
      break;
    case RunEntry::kFinalWriteModel:
      run.final_write_models.push_back(std::move(*entry.mutable_final_write_model()));
      break;
    case RunEntry::kFinalEvent: {
      FinalEvent& last = *entry.mutable_final_event();
      run.events.push_back({std::move(*last.mutable_event()), {last.partition(), last.offset()}});
      break;
    }
    case RunEntry::kDisturbance:
      run.disturbances.push_back(std::move(*entry.mutable_disturbance()));
      break;
    case RunEntry::kLogId:
      run.log_id = entry.log_id();
      break;
    case RunEntry::ENTRY_NOT_SET:
      break;
  }
}

}  // namespace

Recorder::Recorder(const std::string& path) : file_(path, std::ios::binary | std::ios::trunc) {}

int64_t Recorder::NowUs() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_).count();
}

void Recorder::Add(const RunEntry& entry) {
  absl::MutexLock lock(&mutex_);
  SerializeDelimitedToOstream(entry, &file_);
}

void Recorder::Flush() {
  absl::MutexLock lock(&mutex_);
  file_.flush();
}

absl::StatusOr<RunRecord> ReadRunRecord(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("there is no record of a run at " + path);
  google::protobuf::io::IstreamInputStream stream(&file);
  RunRecord run;
  for (;;) {
    RunEntry entry;
    bool at_end = false;
    if (!ParseDelimitedFromZeroCopyStream(&entry, &stream, &at_end)) {
      if (at_end) return run;
      return absl::DataLossError(path + " is no record of a run, or is cut off");
    }
    Take(entry, run);
  }
}

}  // namespace roster::test::chaos
