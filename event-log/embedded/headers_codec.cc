#include "event-log/embedded/headers_codec.h"

#include <cstdint>

namespace roster::event_log {
namespace {

void AppendField(absl::string_view field, std::string& blob) {
  char size[4];
  for (int i = 0; i < 4; ++i) size[i] = static_cast<char>((field.size() >> (8 * i)) & 0xff);
  blob.append(size, sizeof(size));
  blob.append(field.data(), field.size());
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
  size_t size = 0;
  for (const Header& header : headers) size += 8 + header.key.size() + header.value.size();
  std::string blob;
  blob.reserve(size);
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
