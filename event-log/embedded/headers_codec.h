#ifndef ROSTER_EVENT_LOG_EMBEDDED_HEADERS_CODEC_H_
#define ROSTER_EVENT_LOG_EMBEDDED_HEADERS_CODEC_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// A record's headers as one blob: for each, the key and the value, each with its length before it as 4 bytes, little
// end first.
std::string EncodeHeaders(absl::Span<const Header> headers);

// Fills `headers` with views into `blob`. False where the blob is none that EncodeHeaders made.
bool DecodeHeaders(absl::string_view blob, std::vector<HeaderView>& headers);

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_HEADERS_CODEC_H_
