#include "event-log/kafka/delivery.h"

namespace roster::event_log::kafka {
namespace {

// librdkafka takes a null pointer as "no key" or "no value", whatever the length.
void* Data(const std::string& bytes) { return const_cast<char*>(bytes.data()); }

HeadersHandle MakeHeaders(const Record& record) {
  HeadersHandle headers(rd_kafka_headers_new(record.headers.size()));
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.key.data(), static_cast<ssize_t>(header.key.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

}  // namespace

rd_kafka_resp_err_t Produce(const Client& producer, const std::string& topic, int32_t partition, const Record& record,
                            Delivery& delivery) {
  HeadersHandle headers = MakeHeaders(record);
  rd_kafka_vu_t arguments[7] = {};
  arguments[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  arguments[0].u.cstr = topic.c_str();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  // A copy: after a fatal error librdkafka may hold the record for longer than our caller does.
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[3].u.mem = {Data(record.key), record.key.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[4].u.mem = {Data(record.value), record.value.size()};
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
