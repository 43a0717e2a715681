#include "event-log/embedded/headers_codec.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace roster::event_log {
namespace {

void AppendField(absl::string_view field, std::string& blob) {
  for (int shift = 0; shift < 32; shift += 8) blob.push_back(static_cast<char>((field.size() >> shift) & 0xff));
  absl::StrAppend(&blob, field);
}

bool TakeField(absl::string_view& rest, absl::string_view& field) {
  if (rest.size() < 4) return false;
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size |= uint32_t{static_cast<uint8_t>(rest[i])} << (8 * i);
  rest.remove_prefix(4);
  if (rest.size() < size) return false;
  field = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

}  // namespace

std::string EncodeHeaders(absl::Span<const Header> headers) {
  std::string blob;
  for (const Header& header : headers) {
    AppendField(header.key, blob);
    AppendField(header.value, blob);
  }
  return blob;
}

bool DecodeHeaders(absl::string_view blob, std::vector<HeaderView>& headers) {
  headers.clear();
  while (!blob.empty()) {
    HeaderView header;
    if (!TakeField(blob, header.key) || !TakeField(blob, header.value)) return false;
    headers.push_back(header);
  }
  return true;
}

}  // namespace roster::event_log
