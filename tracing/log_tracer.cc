#include "tracing/log_tracer.h"

#include "absl/strings/str_cat.h"

namespace roster::tracing {
namespace {

constexpr absl::string_view kSend = "send";
constexpr absl::string_view kProcess = "process";

}  // namespace

LogTracer::LogTracer(Tracer* tracer, absl::string_view system, absl::string_view log)
    : tracer_(tracer),
      // The conventions have a name for Kafka, and leave others to whoever has them.
      system_(system == "kafka" ? "kafka" : absl::StrCat("roster_", system)),
      log_(log),
      send_name_(absl::StrCat(kSend, " ", log)),
      process_name_(absl::StrCat(kProcess, " ", log)),
      offset_key_(system == "kafka" ? "messaging.kafka.offset" : "roster.log.offset") {}

std::unique_ptr<Span> LogTracer::StartSend(const TraceContext& cause) const {
  if (tracer_ == nullptr || !cause.sampled()) return nullptr;
  return tracer_->Start({.name = send_name_,
                         .kind = SpanKind::kProducer,
                         .parent = &cause,
                         .attributes = {{"messaging.system", system_},
                                        {"messaging.destination.name", log_},
                                        {"messaging.operation.name", kSend},
                                        {"messaging.operation.type", kSend}}});
}

void LogTracer::Sent(Span& span, int32_t partition, int64_t offset, size_t batch_records) const {
  SetLocation(span, partition, offset);
  span.Set({"messaging.batch.message_count", static_cast<int64_t>(batch_records)});
}

void LogTracer::Processed(const TraceContext& context, int32_t partition, int64_t offset, absl::Duration age,
                          absl::string_view failure) const {
  if (tracer_ == nullptr || !context.sampled()) return;
  const std::unique_ptr<Span> span = tracer_->Start({.name = process_name_,
                                                     .kind = SpanKind::kConsumer,
                                                     .parent = &context,
                                                     .attributes = {{"messaging.system", system_},
                                                                    {"messaging.destination.name", log_},
                                                                    {"messaging.operation.name", kProcess},
                                                                    {"messaging.operation.type", kProcess}},
                                                     .age = age});
  if (span == nullptr) return;
  SetLocation(*span, partition, offset);
  if (!failure.empty()) span->SetFailed(failure);
}

void LogTracer::SetLocation(Span& span, int32_t partition, int64_t offset) const {
  span.Set({"messaging.destination.partition.id", absl::AlphaNum(partition).Piece()});
  span.Set({offset_key_, offset});
}

}  // namespace roster::tracing
