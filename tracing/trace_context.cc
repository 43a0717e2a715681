#include "tracing/trace_context.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roster::tracing {
namespace {

// "00-" 32 digits "-" 16 digits "-" 2 digits.
constexpr size_t kTraceparentBytes = 55;
constexpr size_t kMaxTracestateBytes = 512;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(absl::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0'; });
}

bool IsTracestate(absl::string_view text) {
  return text.size() <= kMaxTracestateBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

}  // namespace

bool TraceContext::sampled() const {
  // The lowest bit of the last digit.
  const char digit = traceparent.back();
  return (digit <= '9' ? digit - '0' : digit - 'a' + 10) % 2 == 1;
}

std::optional<TraceContext> ParseTraceContext(absl::string_view traceparent, absl::string_view tracestate) {
  if (traceparent.size() < kTraceparentBytes) return std::nullopt;
  const absl::string_view version = traceparent.substr(0, 2);
  const absl::string_view trace_id = traceparent.substr(3, 32);
  const absl::string_view span_id = traceparent.substr(36, 16);
  const absl::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return std::nullopt;
  if (!IsHex(version) || !IsHex(trace_id) || !IsHex(span_id) || !IsHex(flags)) return std::nullopt;
  if (version == "ff" || IsZero(trace_id) || IsZero(span_id)) return std::nullopt;
  // What follows belongs to a later version.
  const absl::string_view rest = traceparent.substr(kTraceparentBytes);
  if (!rest.empty() && (version == "00" || rest.front() != '-')) return std::nullopt;
  return TraceContext{.traceparent = absl::StrCat("00", traceparent.substr(2, kTraceparentBytes - 2)),
                      .tracestate = IsTracestate(tracestate) ? std::string(tracestate) : ""};
}

}  // namespace roster::tracing
