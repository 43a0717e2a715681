// The blob of headers of an embedded log's record: whatever decodes encodes to the same bytes, and the other way round.
#include <vector>

#include "event-log/embedded/headers_codec.h"
#include "tests/fuzz/fuzz.h"

namespace roster::event_log {

bool operator==(const HeaderView& view, const Header& header) {
  return view.key == header.key && view.value == header.value;
}

ROSTER_FUZZER(headers_codec) {
  std::vector<HeaderView> views;
  if (DecodeHeaders(input, views)) {
    std::vector<Header> headers;
    for (const HeaderView& view : views) headers.push_back({std::string(view.key), std::string(view.value)});
    FUZZ_CHECK(EncodeHeaders(headers) == input);
  }
  fuzz::InputReader reader(input);
  std::vector<Header> headers;
  while (!reader.empty()) headers.push_back({reader.Text(), reader.Text()});
  const std::string blob = EncodeHeaders(headers);
  FUZZ_CHECK(DecodeHeaders(blob, views));
  FUZZ_CHECK(views.size() == headers.size());
  for (size_t i = 0; i < headers.size(); ++i) FUZZ_CHECK(views[i] == headers[i]);
  // A blob that is cut within a header is none.
  FUZZ_CHECK(blob.empty() || !DecodeHeaders(absl::string_view(blob).substr(0, blob.size() - 1), views));
}

}  // namespace roster::event_log
