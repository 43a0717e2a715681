#include "event-log/kafka/message_view.h"

#include <optional>

namespace roster::event_log::kafka {
namespace {

std::optional<absl::string_view> Bytes(const void* data, size_t size) {
  if (data == nullptr) return std::nullopt;
  return absl::string_view(static_cast<const char*>(data), size);
}

void ReadHeaders(const rd_kafka_message_t& message, std::vector<HeaderView>& headers) {
  headers.clear();
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(&message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, Bytes(value, size).value_or("")});
  }
}

}  // namespace

RecordView ViewOf(const rd_kafka_message_t& message, std::vector<HeaderView>& headers) {
  ReadHeaders(message, headers);
  return RecordView{.location = {message.partition, message.offset},
                    .key = Bytes(message.key, message.key_len),
                    .value = Bytes(message.payload, message.len),
                    .headers = headers};
}

}  // namespace roster::event_log::kafka
