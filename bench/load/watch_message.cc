#include "bench/load/watch_message.h"

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::bench {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Calls `take` with the number of each field, which returns whether it has read it; the others are skipped.
bool ReadFields(CodedInputStream& in, absl::FunctionRef<bool(int field)> take) {
  while (const uint32_t tag = in.ReadTag()) {
    if (!take(WireFormatLite::GetTagFieldNumber(tag)) && !WireFormatLite::SkipField(&in, tag)) return false;
  }
  return in.ConsumedEntireMessage();
}

bool ReadMessage(CodedInputStream& in, absl::FunctionRef<bool(int field)> take) {
  const auto limit = in.ReadLengthAndPushLimit();
  const bool read = ReadFields(in, take);
  in.PopLimit(limit);
  return read;
}

absl::Time ReadTimestamp(CodedInputStream& in) {
  uint64_t seconds = 0;
  uint64_t nanos = 0;
  ReadMessage(in, [&](int field) {
    if (field == Timestamp::kSecondsFieldNumber) return in.ReadVarint64(&seconds);
    return field == Timestamp::kNanosFieldNumber && in.ReadVarint64(&nanos);
  });
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds)) + absl::Nanoseconds(static_cast<int64_t>(nanos));
}

}  // namespace

bool ReadWatchMessage(grpc::ByteBuffer& bytes, WatchMessage& message) {
  using Response = v1::WatchUsersResponse;
  message.synced = false;
  message.update_times.clear();
  grpc::ProtoBufferReader reader(&bytes);
  CodedInputStream in(&reader);
  return ReadFields(in, [&](int field) {
    message.synced = message.synced || field == Response::kSyncedFieldNumber;
    if (field != Response::kUsersFieldNumber) return false;
    return ReadMessage(in, [&](int user_field) {
      if (user_field != v1::User::kUpdateTimeFieldNumber) return false;
      message.update_times.push_back(ReadTimestamp(in));
      return true;
    });
  });
}

}  // namespace roster::bench
