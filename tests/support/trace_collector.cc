#include "tests/support/trace_collector.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "tests/support/otlp.pb.h"

namespace roster::test {
namespace {

constexpr char kExport[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

std::string TextOf(const otlp::AnyValue& value) {
  switch (value.value_case()) {
    case otlp::AnyValue::kStringValue:
      return value.string_value();
    case otlp::AnyValue::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case otlp::AnyValue::kIntValue:
      return absl::StrCat(value.int_value());
    case otlp::AnyValue::kDoubleValue:
      return absl::StrCat(value.double_value());
    case otlp::AnyValue::VALUE_NOT_SET:
      break;
  }
  return "";
}

CollectedSpan Collected(const std::string& service, const otlp::Span& span) {
  CollectedSpan collected{.service = service,
                          .name = span.name(),
                          .trace_id = absl::BytesToHexString(span.trace_id()),
                          .span_id = absl::BytesToHexString(span.span_id()),
                          .parent_span_id = absl::BytesToHexString(span.parent_span_id()),
                          .trace_state = span.trace_state(),
                          .kind = span.kind(),
                          .start_ns = span.start_time_unix_nano(),
                          .end_ns = span.end_time_unix_nano(),
                          .failed = span.status().code() == 2};
  for (const otlp::KeyValue& attribute : span.attributes()) {
    collected.attributes[attribute.key()] = TextOf(attribute.value());
  }
  return collected;
}

std::vector<CollectedSpan> SpansIn(const otlp::ExportTraceServiceRequest& request) {
  std::vector<CollectedSpan> spans;
  for (const otlp::ResourceSpans& resource : request.resource_spans()) {
    std::string service;
    for (const otlp::KeyValue& attribute : resource.resource().attributes()) {
      if (attribute.key() == "service.name") service = TextOf(attribute.value());
    }
    for (const otlp::ScopeSpans& scope : resource.scope_spans()) {
      for (const otlp::Span& span : scope.spans()) spans.push_back(Collected(service, span));
    }
  }
  return spans;
}

bool Parse(grpc::ByteBuffer& bytes, otlp::ExportTraceServiceRequest& request) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() && request.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

}  // namespace

struct TraceCollector::Parts final : grpc::CallbackGenericService {
  // One call of Export.
  class Export final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Export(Parts& parts) : parts_(parts) { StartRead(&bytes_); }
    void OnReadDone(bool ok) override {
      otlp::ExportTraceServiceRequest request;
      if (!ok || !Parse(bytes_, request)) return Finish({grpc::StatusCode::INVALID_ARGUMENT, "no request"});
      {
        absl::MutexLock lock(&parts_.mutex);
        for (CollectedSpan& span : SpansIn(request)) parts_.spans.push_back(std::move(span));
      }
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    Parts& parts_;
    grpc::ByteBuffer bytes_;
    const grpc::Slice nothing_;
    const grpc::ByteBuffer response_{&nothing_, 1};
  };
  class Refusal final : public grpc::ServerGenericBidiReactor {
   public:
    Refusal() { Finish({grpc::StatusCode::UNIMPLEMENTED, "only traces are taken"}); }
    void OnDone() override { delete this; }
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (context->method() == kExport) return new Export(*this);
    return new Refusal;
  }

  mutable absl::Mutex mutex;
  std::vector<CollectedSpan> spans ABSL_GUARDED_BY(mutex);
  std::unique_ptr<grpc::Server> server;
};

TraceCollector::TraceCollector(const std::string& address) : parts_(std::make_unique<Parts>()) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(parts_.get());
  parts_->server = builder.BuildAndStart();
  if (parts_->server == nullptr || port == 0) {
    std::fprintf(stderr, "the collector cannot listen on %s\n", address.c_str());
    std::abort();
  }
  address_ = absl::StrCat("127.0.0.1:", port);
}

TraceCollector::~TraceCollector() { parts_->server->Shutdown(absl::ToChronoTime(absl::Now())); }

std::vector<CollectedSpan> TraceCollector::spans() const {
  absl::MutexLock lock(&parts_->mutex);
  return parts_->spans;
}

std::vector<CollectedSpan> TraceCollector::SpansOf(absl::string_view trace_id) const {
  std::vector<CollectedSpan> found;
  for (CollectedSpan& span : spans()) {
    if (span.trace_id == trace_id) found.push_back(std::move(span));
  }
  std::sort(found.begin(), found.end(),
            [](const CollectedSpan& one, const CollectedSpan& other) { return one.start_ns < other.start_ns; });
  return found;
}

}  // namespace roster::test
