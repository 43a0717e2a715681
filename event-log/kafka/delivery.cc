#include "event-log/kafka/delivery.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kMetadataTimeout = absl::Seconds(5);

// librdkafka would pick one at random.
constexpr int32_t kKeyless = 0;

// librdkafka takes a null pointer as "no key" or "no value", whatever the length.
rd_kafka_vu_t Bytes(rd_kafka_vtype_t type, const std::optional<std::string>& bytes) {
  rd_kafka_vu_t argument = {};
  argument.vtype = type;
  if (bytes) argument.u.mem = {const_cast<char*>(bytes->data()), bytes->size()};
  return argument;
}

HeadersHandle MakeHeaders(const Record& record) {
  HeadersHandle headers(rd_kafka_headers_new(record.headers.size()));
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.key.data(), static_cast<ssize_t>(header.key.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

}  // namespace

absl::StatusOr<TopicHandle> OpenTopic(const Client& producer, const std::string& topic) {
  TopicHandle handle(rd_kafka_topic_new(producer.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return ToStatus(rd_kafka_last_error(), absl::StrCat("cannot write to topic ", topic));
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(producer.get(), /*all_topics=*/0, handle.get(), &metadata, ToTimeoutMs(kMetadataTimeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToStatus(code, absl::StrCat("cannot ask for topic ", topic),
                    absl::StrCat(rd_kafka_err2str(code), producer.LastErrorSuffix()));
  }
  const rd_kafka_resp_err_t topic_error =
      metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  rd_kafka_metadata_destroy(metadata);
  if (topic_error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return ToStatus(topic_error, absl::StrCat("cannot write to topic ", topic),
                    absl::StrCat(rd_kafka_err2str(topic_error), MissingRight(topic_error, DescribeTopicRight(topic))));
  }
  return handle;
}

rd_kafka_resp_err_t Produce(const Client& producer, const TopicHandle& topic, int32_t partition, const Record& record,
                            Delivery& delivery) {
  HeadersHandle headers = MakeHeaders(record);
  rd_kafka_vu_t arguments[7] = {};
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic.get();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition == kByKey && !record.key ? kKeyless : partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  // A copy: after a fatal error librdkafka may hold the record for longer than our caller does.
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3] = Bytes(RD_KAFKA_VTYPE_KEY, record.key);
  arguments[4] = Bytes(RD_KAFKA_VTYPE_VALUE, record.value);
  arguments[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[5].u.headers = headers.get();
  arguments[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[6].u.ptr = &delivery;
  const ErrorHandle error(rd_kafka_produceva(producer.get(), arguments, 7));
  if (error != nullptr) return rd_kafka_error_code(error.get());
  // Taken over by librdkafka, but only now that it took the record.
  headers.release();
  ++*delivery.undelivered;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void OnDelivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* client) {
  auto* delivery = static_cast<Delivery*>(message->_private);
  delivery->error = message->err;
  delivery->location = {message->partition, message->offset};
  --*delivery->undelivered;
}

}  // namespace roster::event_log::kafka
