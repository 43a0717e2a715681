#include "query-service/raw_message.h"

#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/wire_format_lite.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// Above it a slice takes the string over instead of copying it.
constexpr size_t kCopyBytes = 2048;

}  // namespace

void RawMessage::Bytes(int field, absl::string_view bytes) {
  uint8_t header[10];
  uint8_t* end = CodedOutputStream::WriteVarint32ToArray(
      WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED), header);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(bytes.size()), end);
  bytes_.append(reinterpret_cast<const char*>(header), end - header);
  bytes_.append(bytes.data(), bytes.size());
}

void RawMessage::Message(int field, const google::protobuf::MessageLite& message) {
  Bytes(field, message.SerializeAsString());
}

void RawMessage::Timestamp(int field, absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const timespec parts = absl::ToTimespec(time);
  timestamp.set_seconds(parts.tv_sec);
  timestamp.set_nanos(static_cast<int32_t>(parts.tv_nsec));
  Message(field, timestamp);
}

grpc::ByteBuffer RawMessage::Take() {
  if (bytes_.size() <= kCopyBytes) {
    const grpc::Slice slice(bytes_);
    bytes_.clear();
    return grpc::ByteBuffer(&slice, 1);
  }
  auto* owned = new std::string(std::move(bytes_));
  bytes_.clear();
  const grpc::Slice slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); }, owned);
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& request) {
  // An empty request may come as a buffer without slices.
  if (bytes.Length() == 0) return absl::OkStatus();
  grpc::Slice slice;
  // A small message comes in one slice.
  const bool read = bytes.TrySingleSlice(&slice).ok() || bytes.DumpToSingleSlice(&slice).ok();
  if (read && request.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return absl::OkStatus();
  return rpc::InvalidFields(
      {{"", "the request's bytes are no " + request.GetTypeName() + ", or a text in it is not UTF-8"}});
}

}  // namespace roster::query_service
