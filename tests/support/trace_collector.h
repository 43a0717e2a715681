#ifndef ROSTER_TESTS_SUPPORT_TRACE_COLLECTOR_H_
#define ROSTER_TESTS_SUPPORT_TRACE_COLLECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roster::test {

// One span, as a collector was sent it.
struct CollectedSpan {
  // service.name of who sent it.
  std::string service;
  std::string name;
  // In hexadecimal digits.
  std::string trace_id;
  std::string span_id;
  // Empty: it begins the trace.
  std::string parent_span_id;
  std::string trace_state;
  // OpenTelemetry's numbers: 2 server, 4 producer, 5 consumer.
  int kind = 0;
  uint64_t start_ns = 0;
  uint64_t end_ns = 0;
  std::map<std::string, std::string> attributes;
  bool failed = false;
};

// An OpenTelemetry collector that keeps what it is sent, by OTLP over gRPC, for tests to look at.
//
// Thread safety: safe from any thread.
class TraceCollector {
 public:
  // On `address`, HOST:PORT.
  explicit TraceCollector(const std::string& address = "127.0.0.1:0");
  ~TraceCollector();

  // HOST:PORT with the port that was taken.
  const std::string& address() const { return address_; }
  // As --otlp-endpoint has it.
  std::string endpoint() const { return "http://" + address_; }

  std::vector<CollectedSpan> spans() const;
  // Those of one trace, by when they began.
  std::vector<CollectedSpan> SpansOf(absl::string_view trace_id) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_TRACE_COLLECTOR_H_
